import { expect } from '@playwright/test';

import {
  createNotebook,
  expectOutput,
  newNotebook,
  openNotebook,
  outputs,
  panel,
  restart,
  run,
  test,
  write
} from './site';

// What starts with the page has tests of its own; here it would only take time.
test.use({ prewarm: false });

test('a starting kernel tells its steps in the status bar', async ({ page }) => {
  const steps = new Set<string>();
  await page.exposeFunction('tell', (step: string) => steps.add(step));
  await page.addInitScript(() => {
    new MutationObserver(() => {
      const text = document.querySelector('.jp-FrozenStart.jp-mod-active')?.textContent;
      if (text) void (window as unknown as { tell(step: string): void }).tell(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await newNotebook(page, 'course');
  await expectOutput(page, '1 + 1', '2');
  const told = [...steps].join('\n');
  expect(told).toContain('Course: ');
  expect(told).toMatch(/\d of \d+\.\d MB/);
  expect(steps.size).toBeGreaterThan(2);
  await expect(page.locator('.jp-FrozenStart.jp-mod-active')).toHaveCount(0);
});

test('a notebook asks, completes, inspects, shows sources, installs, and drops the cells that wait', async ({
  page,
  baseURL
}) => {
  await newNotebook(page);

  await test.step('input() asks the person', async () => {
    const cell = await run(
      page,
      'name = input("Who is there? ")\nprint(f"Hello, {name}!")'
    );
    await expect(cell.locator('.jp-Stdin-prompt')).toContainText('Who is there?');
    await cell.locator('.jp-Stdin-input').fill('Ada');
    await cell.locator('.jp-Stdin-input').press('Enter');
    await expect(outputs(cell).last()).toContainText('Hello, Ada!');
  });

  await test.step('completion knows the names of a module', async () => {
    await expectOutput(page, 'import pathlib\n"imported"', 'imported');
    await write(page, 'pathlib.P');
    const item = page.locator('.jp-Completer-item', { hasText: 'PurePosixPath' });
    // JupyterLab waits a second for completions; the first of a session may take longer.
    await expect(async () => {
      await page.keyboard.press('Tab');
      await expect(item).toBeVisible({ timeout: 3000 });
    }).toPass();
    await page.keyboard.press('Escape');
  });

  await test.step('inspection shows the documentation of what is under the cursor', async () => {
    await expectOutput(page, 'import json\n"imported"', 'imported');
    await write(page, 'json.dumps');
    await page.keyboard.press('Shift+Tab');
    await expect(page.locator('.jp-Tooltip')).toContainText('Serialize');
    await page.keyboard.press('Escape');
  });

  await test.step('a traceback shows the source of the standard library', async () => {
    const cell = await run(page, 'import json\njson.loads("{")');
    const error = outputs(cell).last();
    await expect(error).toContainText('JSONDecodeError');
    await expect(error).toContainText('raise JSONDecodeError(');
  });

  // As with the stock kernel: what runs goes on to its end.
  await test.step('interrupt drops the cells that wait', async () => {
    const running = await run(
      page,
      'import asyncio, js\nended = asyncio.Event()\nchannel = js.BroadcastChannel.new("end")\n' +
        'channel.onmessage = lambda _: ended.set()\nawait ended.wait()\n"done"'
    );
    const waiting = await run(page, 'reached = True');
    for (const cell of [running, waiting]) {
      await expect(cell.locator('.jp-InputArea-prompt')).toHaveText('[*]:');
    }
    // What the menu does; the cell ends when that is done.
    await page.evaluate(async () => {
      const { jupyterapp } = window as unknown as {
        jupyterapp: { commands: { execute(id: string): Promise<unknown> } };
      };
      await jupyterapp.commands.execute('notebook:interrupt-kernel');
      const channel = new BroadcastChannel('end');
      channel.postMessage('');
      channel.close();
    });
    await expect(outputs(running).last()).toContainText('done');
    await expect(outputs(waiting).last()).toContainText('Interrupted');
    await expectOutput(page, '"reached" in globals()', 'False');
  });

  const greet = 'import greeting; greeting.greet("Grace")';
  await test.step("%pip installs from the site's own index", async () => {
    await run(page, '%pip install greeting');
    await expectOutput(page, greet, 'Hello, Grace!');
  });

  await test.step('%pip installs a wheel from an address of the site', async () => {
    await restart(page);
    await expectOutput(
      page,
      'import importlib.util as util; util.find_spec("greeting") is None',
      'True'
    );
    await run(page, `%pip install ${baseURL}/pypi/greeting-1.0-py3-none-any.whl`);
    await expectOutput(page, greet, 'Hello, Grace!');
  });
});

test('a restarted kernel has forgotten its names, and all that is frozen is there', async ({
  page
}) => {
  await newNotebook(page, 'course');
  await expectOutput(page, 'x = 1; x', '1');
  await restart(page);
  await expectOutput(page, '"x" in globals()', 'False');
  await expectOutput(page, 'import pandas; pandas.__name__', 'pandas');
});

test('two kernels run at once, each with its own packages', async ({ page }) => {
  await newNotebook(page, 'course');
  await expectOutput(
    page,
    'import importlib.util as util; who = "course"; who',
    'course'
  );
  await createNotebook(page, 'small');
  await expectOutput(
    page,
    'import importlib.util as util\nwho = "small"; who',
    'small'
  );
  await expectOutput(page, 'util.find_spec("numpy") is None', 'True');
  await page.locator('.lm-TabBar-tab', { hasText: 'Untitled.ipynb' }).click();
  await expectOutput(
    page,
    '(who, util.find_spec("numpy") is None)',
    "('course', False)"
  );
});

test('the kernel and the file browser see the same files', async ({ page }) => {
  await openNotebook(page, '01-a-table.ipynb');
  await createNotebook(page, 'small');
  await expectOutput(page, 'import os; sorted(os.listdir())', '02-a-figure.ipynb');
  await expectOutput(page, 'open("note.txt", "w").write("from the kernel")', '15');
  await page.filebrowser.refresh();
  await expect(
    page.locator('.jp-DirListing-item', { hasText: 'note.txt' })
  ).toBeVisible();
  await expectOutput(page, 'open("note.txt").read()', 'from the kernel');
});

test('what the environment declares lies where it says', async ({ page }) => {
  await newNotebook(page, 'course');
  await expectOutput(
    page,
    'from pathlib import Path\nlen((Path.home() / "data" / "fernhill.csv").read_text().splitlines())',
    '2921'
  );
  await expect(panel(page).locator('.jp-Toolbar-kernelName')).toContainText('Course');
});
