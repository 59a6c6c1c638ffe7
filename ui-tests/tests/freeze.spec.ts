import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect } from '@playwright/test';

import { KERNELS, choose, evaluate, openKernel, runAction } from './freezing';
import { expectOutput, outputs, run, test } from './site';

// One kernel only: the one that is asked for.
test.use({ prewarm: false });

// Kernels start several times in one test.
test.slow();

/** What is the same on a page that is cross-origin isolated is not tested there again. */
const ONCE = { tag: '@once' };

for (const kernel of KERNELS) {
  test.describe(`kernel ${kernel}`, () => {
    test('what is frozen is there again after the page was reloaded', async ({
      page
    }) => {
      await openKernel(page, kernel);
      await expectOutput(page, 'make("/home/pyodide/work"); "made"', 'made');
      const cell = await runAction(page, '%freeze_fs env.blob');
      await expect(outputs(cell).last()).toContainText('env.blob: image of');
      const digest = await evaluate(page, 'digest()');

      await openKernel(page, kernel);
      expect(await evaluate(page, 'digest()')).not.toBe(digest);
      await runAction(page, '%thaw_fs env.blob');
      expect(await evaluate(page, 'digest()')).toBe(digest);
      const compared = await runAction(page, '%frozen_fs diff env.blob live');
      await expect(outputs(compared).last()).toContainText(
        'From env.blob to live: no difference'
      );
      await expectOutput(
        page,
        'import sys; sys.path.append("/home/pyodide/work")\nimport module_of_mine\nmodule_of_mine.answer',
        '42'
      );
    });

    test(
      'what is downloaded is there again in another browser',
      ONCE,
      async ({ page, browser, baseURL }, info) => {
        await openKernel(page, kernel);
        await expectOutput(page, 'make("/home/pyodide/work"); "made"', 'made');
        const download = page.waitForEvent('download');
        await runAction(page, '%freeze_fs env.blob --gzip --download');
        const digest = await evaluate(page, 'digest()');
        const path = info.outputPath('env.blob');
        await (await download).saveAs(path);

        const context = await browser.newContext({ baseURL });
        const other = (await context.newPage()) as unknown as IJupyterLabPageFixture;
        await openKernel(other, kernel);
        await expectOutput(other, '%frozen_fs', 'This browser keeps no images');
        const cell = await run(other, '%thaw_fs --upload --trust');
        await choose(cell, path);
        await expect(cell.locator('.jp-FrozenAction-status')).toContainText('done in');
        expect(await evaluate(other, 'digest()')).toBe(digest);
        await context.close();
      }
    );
  });
}

test('progress is shown; Cancel and an interrupt stop a freeze without a trace', async ({
  page
}) => {
  await openKernel(page);
  const cell = await run(page, '%freeze_fs env.blob --gzip');
  const bar = cell.getByRole('progressbar', { name: 'Freezing env.blob' });
  await expect(bar).toBeVisible();
  await expect(cell.locator('.jp-FrozenAction-amount')).toContainText(
    /\d of \d+\.\d MB, [\d,]+ of [\d,]+ files/
  );
  await cell.getByRole('button', { name: 'Cancel: Freezing env.blob' }).press('Enter');
  await expect(cell.getByRole('status')).toContainText('was cancelled');
  await expect(outputs(cell).last()).toContainText('CancelledError');
  await expect(bar).toBeHidden();

  const again = await run(page, '%freeze_fs env.blob --gzip');
  await expect(again.locator('.jp-FrozenAction-amount')).toContainText('files');
  await page.menu.clickMenuItem('Kernel>Interrupt Kernel');
  await expect(again.getByRole('status')).toContainText('was cancelled');

  await expectOutput(page, '%frozen_fs', 'This browser keeps no images');
  await expectOutput(page, '%frozen_fs gc', 'Nothing was left behind');
});

test(
  'what is stored is listed, looked into and looked after',
  ONCE,
  async ({ page }) => {
    await openKernel(page);
    await expectOutput(page, 'make("/home/pyodide/work"); "made"', 'made');
    await runAction(
      page,
      '%freeze_fs a.blob --root /home/pyodide/work --note "first try"'
    );
    await expectOutput(page, '%frozen_fs', /a\.blob.*first try/s);
    await expectOutput(page, '%frozen_fs info a.blob', '/home/pyodide/work in small');
    await expectOutput(page, '%frozen_fs ls a.blob "*.py"', '/module_of_mine.py');
    await expectOutput(page, '%frozen_fs cat a.blob /module_of_mine.py', 'answer = 42');
    const taken = await run(page, '%freeze_fs a.blob --root /home/pyodide/work');
    await expect(outputs(taken).last()).toContainText(
      'KernelError: a.blob: there is an image of this name already'
    );
    await expectOutput(
      page,
      'os.chdir("/home/pyodide"); Path("work/new.txt").write_text("new"); os.remove("work/empty"); 6 * 7',
      '42'
    );
    await runAction(page, '%freeze_fs b.blob --root /home/pyodide/work');
    for (const names of ['a.blob b.blob', 'a.blob live']) {
      const cell = await runAction(page, `%frozen_fs diff ${names}`);
      await expect(outputs(cell).last()).toContainText('/new.txt');
      await expect(outputs(cell).last()).toContainText('/empty');
    }
    await runAction(page, '%frozen_fs verify a.blob');
    await expectOutput(page, '%frozen_fs rename b.blob c.blob', 'c.blob: image of');
    await runAction(page, '%frozen_fs export c.blob --file /home/pyodide/c.blob');
    await runAction(page, '%frozen_fs import /home/pyodide/c.blob --name d.blob');
    await expectOutput(page, '%frozen_fs info d.blob', 'here');
    await run(page, '%frozen_fs delete a.blob c.blob d.blob');
    await expectOutput(page, '%frozen_fs', 'This browser keeps no images');
  }
);

test('an image is written beside the notebooks, and thawed from there', async ({
  page
}) => {
  await openKernel(page);
  await expectOutput(page, 'make("/home/pyodide/work"); "made"', 'made');
  await runAction(page, '%freeze_fs --file work.blob --root /home/pyodide/work');
  await page.filebrowser.refresh();
  await expect(
    page.locator('.jp-DirListing-item', { hasText: 'work.blob' })
  ).toBeVisible();
  await runAction(page, '%thaw_fs ./work.blob --root /home/pyodide/again');
  await expectOutput(
    page,
    `os.chdir("/home/pyodide/work"); a = digest("."); os.chdir("../again"); a == digest(".")`,
    'True'
  );
});

test(
  'what Python would run by itself is named, and not thawed from a stranger',
  ONCE,
  async ({ page }) => {
    await openKernel(page);
    await expectOutput(
      page,
      `from jupyter_frozenfs.image import pack
Path("/tmp/evil").mkdir(); Path("/tmp/evil/sitecustomize.py").write_text("evil = True")
pack("/tmp/evil", "/tmp/evil.img", at="/lib/python3.14/site-packages").files`,
      '1'
    );
    const cell = await run(page, '%thaw_fs /tmp/evil.img');
    await expect(outputs(cell).last()).toContainText('DangerousError');
    await expect(outputs(cell).last()).toContainText('site-packages/sitecustomize.py');
    await expectOutput(
      page,
      'os.path.exists("/lib/python3.14/site-packages/sitecustomize.py")',
      'False'
    );
    await runAction(page, '%thaw_fs /tmp/evil.img --trust');
    await expectOutput(
      page,
      'os.path.exists("/lib/python3.14/site-packages/sitecustomize.py")',
      'True'
    );
  }
);

test('an image is thawed whenever a kernel starts, and not where it is broken', async ({
  page
}) => {
  const there = 'Path("/home/pyodide/kept.txt").exists()';
  await openKernel(page);
  await expectOutput(
    page,
    'Path("/home/pyodide/kept.txt").write_text("x"); "made"',
    'made'
  );
  await runAction(page, '%freeze_fs mine --root /home/pyodide');
  await expectOutput(page, '%frozen_fs autoload mine', 'mine is thawed whenever');
  await openKernel(page);
  await expectOutput(page, there, 'True');
  await page.goto('freezing/lab/index.html?reset&no-autoload');
  await newNotebookHere(page);
  await expectOutput(page, `from pathlib import Path\n${there}`, 'False');
  // A byte in the middle of the stored image, turned.
  await page.evaluate(async () => {
    const open = indexedDB.open('jupyter-frozenfs');
    const db = await new Promise<IDBDatabase>(
      resolve => (open.onsuccess = () => resolve(open.result))
    );
    const pieces = db.transaction('pieces', 'readwrite').objectStore('pieces');
    const cursor = pieces.openCursor();
    await new Promise<void>(resolve => {
      cursor.onsuccess = async () => {
        const { result } = cursor;
        const blob = result!.value as Blob | Uint8Array;
        const { size } = new Blob([blob as BlobPart]);
        result!.update(new Blob([new Uint8Array(size)])).onsuccess = () => resolve();
      };
    });
    db.close();
  });
  await openKernel(page);
  await expectOutput(page, there, 'False');
  await expectOutput(page, '%frozen_fs autoload', 'failed, and not tried again');
  await expectOutput(page, '%frozen_fs autoload --off', 'Nothing is thawed');
});

test('an image is thawed whenever the stock kernel starts', ONCE, async ({ page }) => {
  await openKernel(page, 'python');
  await expectOutput(
    page,
    'Path("/home/pyodide/kept.txt").write_text("x"); "made"',
    'made'
  );
  await runAction(page, '%freeze_fs mine --root /home/pyodide');
  await expectOutput(page, '%frozen_fs autoload mine', 'mine is thawed whenever');
  await openKernel(page, 'python');
  await expectOutput(page, 'Path("/home/pyodide/kept.txt").exists()', 'True');
  await expectOutput(page, '%frozen_fs autoload --off', 'Nothing is thawed');
});

test(
  'an action tells what to write elsewhere, waits for a file or a Cancel, and is saved as it ended',
  ONCE,
  async ({ page }) => {
    await openKernel(page);

    await test.step('an ordinary function is told what to write', async () => {
      const cell = await run(page, 'def f():\n    %freeze_fs env.blob --layer\nf()');
      await expect(outputs(cell).last()).toContainText(
        "await frozenfs.freeze('env.blob', layer=True)"
      );
    });

    await test.step('a person who does not choose a file can cancel', async () => {
      const cell = await run(page, '%thaw_fs --upload');
      await expect(cell.locator('input[type=file]')).toBeVisible();
      await cell.getByRole('button', { name: /^Cancel/ }).click();
      await expect(cell.getByRole('status')).toContainText('was cancelled');
    });

    await test.step('a saved notebook shows how it ended, also where nobody draws it', async () => {
      const cell = await runAction(page, '%freeze_fs env.blob --root /home/pyodide');
      const saved = await page.evaluate(() => {
        const { shell } = (
          window as unknown as { jupyterapp: { shell: { currentWidget: unknown } } }
        ).jupyterapp;
        const { content } = shell.currentWidget as {
          content: { model: { toJSON(): unknown } };
        };
        return JSON.stringify(content.model.toJSON());
      });
      expect(saved).toContain('"text/plain":"Freezing env.blob: done in');
      expect(saved).toContain('"text/html":"<div>Freezing env.blob: done in');
      expect(saved).toContain('"state":"done"');
      await expect(cell.locator('.jp-FrozenAction')).toBeVisible();
    });
  }
);

/** Create a notebook with a small kernel on the page as it is. */
async function newNotebookHere(page: IJupyterLabPageFixture): Promise<void> {
  await page.evaluate(async () => {
    interface IApp {
      restored: Promise<void>;
      commands: { execute(id: string, args: object): Promise<unknown> };
    }
    const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
    await app.restored;
    await app.commands.execute('notebook:create-new', { kernelName: 'small' });
  });
}
