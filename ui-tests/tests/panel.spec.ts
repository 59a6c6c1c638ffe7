import { readFile } from 'node:fs/promises';

import { expect, type Locator, type Page } from '@playwright/test';

import { evaluate, openKernel, runAction } from './freezing';
import {
  entry,
  expectDone,
  image,
  kernelState,
  lookAt,
  makeFiles,
  openForm,
  openPanel,
  showTab
} from './panel';
import { expectOutput, test } from './site';

// One kernel only: the one that is asked for.
test.use({ prewarm: false, viewport: { width: 1600, height: 1000 } });

// One page and one kernel show all of it.
test.slow();

for (const kernel of ['small', 'python']) {
  test(`everything that the panel does, by mouse, in kernel ${kernel}`, async ({
    page,
    baseURL
  }, info) => {
    await openKernel(page, kernel);
    await makeFiles(page);
    await runAction(
      page,
      '%freeze_fs a.blob --root /home/pyodide/work --note "first try"'
    );
    const panel = await openPanel(page);
    const exported = info.outputPath('exported.blob');

    await test.step('images are listed with what is known of them', async () => {
      await expect(kernelState(panel)).toContainText('The kernel is ready');
      await expect(image(panel, 'a.blob')).toContainText('first try');
      await expect(image(panel, 'a.blob')).toContainText(/\d+ files/);
      await expect(panel.getByRole('group', { name: 'This site' })).toContainText(
        'Small'
      );
    });

    await test.step('one looks inside, at details and previews', async () => {
      await lookAt(panel, 'a.blob');
      await expect(entry(panel, 'notes.md')).toBeVisible();
      await entry(panel, 'deep').locator('.jp-FrozenPanel-twisty').click();
      await expect(entry(panel, 'er')).toBeVisible();
      await entry(panel, 'dangling').click();
      const chosen = panel.getByRole('region', { name: 'Chosen entry' });
      await expect(chosen).toContainText('nowhere');
      await entry(panel, 'run.sh').click();
      await expect(chosen).toContainText('rwxr-xr-x (755)');
      await entry(panel, 'notes.md').click();
      await expect(chosen).toContainText('Vega is bright.');
      await entry(panel, 'stars.csv').click();
      await expect(chosen.getByRole('cell', { name: 'Deneb' })).toBeVisible();
      await entry(panel, 'first.ipynb').click();
      await expect(chosen).toContainText('6 * 7');
      await expect(chosen).toContainText('42');
      await entry(panel, 'dot.png').click();
      const picture = chosen.getByRole('img');
      await expect(picture).toBeVisible();
      await expect
        .poll(() => picture.evaluate((node: HTMLImageElement) => node.naturalWidth))
        .toBe(1);
    });

    await test.step('a search finds by name', async () => {
      const search = panel.getByRole('searchbox', { name: 'Search by name' });
      await search.fill('MODULE');
      await panel
        .getByRole('listbox', { name: 'Search results' })
        .getByRole('option', { name: /module_of_mine\.py/ })
        .click();
      await expect(panel.getByRole('region', { name: 'Chosen entry' })).toContainText(
        'answer = 42'
      );
      await search.fill('');
      await expect(entry(panel, 'module_of_mine.py')).toHaveAttribute(
        'aria-selected',
        'true'
      );
    });

    await test.step('one file is downloaded', async () => {
      const download = page.waitForEvent('download');
      await panel.getByRole('button', { name: 'Download module_of_mine.py' }).click();
      const file = await download;
      expect(file.suggestedFilename()).toBe('module_of_mine.py');
      expect(await readFile(await file.path(), 'utf8')).toBe('answer = 42');
    });

    await test.step('an image is mounted at a checked path, and unmounted', async () => {
      const form = await openForm(panel, 'Mount at…');
      const path = form.getByLabel('Path', { exact: true });
      await expect(path).toHaveValue('/mnt/a');
      await path.fill('/proc/a');
      await expect(form.getByRole('status')).toContainText('belongs to the kernel');
      await path.fill('/home/pyodide/work');
      await expect(form.getByRole('status')).not.toBeEmpty();
      await path.fill('/mnt/stars');
      await form.getByRole('button', { name: 'Mount', exact: true }).click();
      await expect(image(panel, 'a.blob')).toContainText('mounted at /mnt/stars');
      expect(await evaluate(page, 'Path("/mnt/stars/run.sh").read_text()')).toBe(
        '#!/bin/sh'
      );
      await panel.getByRole('button', { name: 'Unmount /mnt/stars' }).click();
      await expect(image(panel, 'a.blob')).not.toContainText('mounted');
      expect(await evaluate(page, 'os.path.exists("/mnt/stars/run.sh")')).toBe('False');
    });

    await test.step('a dry run shows what a thaw does', async () => {
      await expectOutput(
        page,
        '(work / "new.txt").write_text("new"); (work / "empty").unlink(); (work / "run.sh").write_text("changed")',
        '7'
      );
      const form = await openForm(panel, 'Thaw…');
      await form.getByLabel('Remove what the image does not have').check();
      await form.getByRole('button', { name: 'Show what it would do' }).click();
      for (const [kind, path] of [
        ['1 file created', 'empty'],
        ['1 file changed', 'run.sh'],
        ['1 file removed', 'new.txt']
      ]) {
        await form.getByText(kind, { exact: true }).click();
        await expect(form.getByRole('list', { name: kind })).toContainText(path);
      }
      expect(await evaluate(page, '(work / "new.txt").exists()')).toBe('True');
      await form.getByRole('button', { name: 'Thaw', exact: true }).click();
      await expectDone(panel, 'Thawing a.blob');
      expect(
        await evaluate(
          page,
          '(work / "new.txt").exists(), (work / "empty").exists(), (work / "run.sh").read_text()'
        )
      ).toBe('False True #!/bin/sh');
    });

    await test.step('what the kernel has is frozen, all of it or only what changed', async () => {
      await expectOutput(page, '(work / "later.txt").write_text("later")', '5');
      const tab = await showTab(panel, 'Freeze');
      const form = tab.getByRole('form', { name: 'Freeze now' });
      const freeze = form.getByRole('button', { name: 'Freeze' });
      const root = form.getByLabel(/^Only what lies in this folder/);

      await form.getByLabel('Name', { exact: true }).fill('all.blob');
      await freeze.click();
      await panel.getByRole('button', { name: 'Cancel: Freezing all.blob' }).click();
      const job = panel.getByRole('group', { name: 'Freezing all.blob' });
      await expect(job).toHaveAttribute('data-state', 'cancelled');

      await form.getByLabel('Name', { exact: true }).fill('a.blob');
      await root.fill('/home/pyodide/work');
      await freeze.click();
      const failed = panel.getByRole('group', { name: 'Freezing a.blob' });
      await expect(failed).toHaveAttribute('data-state', 'failed');
      await expect(failed).toContainText('there is an image of this name already');

      await form.getByLabel('Name', { exact: true }).fill('b.blob');
      await form.getByLabel('Note', { exact: true }).fill('the second night');
      await freeze.click();
      await expectDone(panel, 'Freezing b.blob');
      await expect(image(panel, 'b.blob')).toContainText('the second night');
      await expect(image(panel, 'b.blob')).toHaveAttribute('aria-selected', 'true');

      await expectOutput(page, '(work / "last.txt").write_text("last")', '4');
      await form.getByLabel('Name', { exact: true }).fill('c.blob');
      await form.getByLabel('What', { exact: true }).selectOption('layer');
      await form.getByLabel('The layer lies on').selectOption('b.blob');
      await freeze.click();
      await expectDone(panel, 'Freezing c.blob');
      await expect(image(panel, 'c.blob')).toContainText('layer on b.blob');
      await expect(image(panel, 'all.blob')).toHaveCount(0);
    });

    await test.step('two images are compared, and an image with what the kernel has', async () => {
      await lookAt(panel, 'a.blob');
      const tab = await showTab(panel, 'Changes');
      const differences = tab.getByRole('list', { name: 'Differences' });
      await tab
        .getByLabel('Compare with')
        .selectOption({ label: 'b.blob (In this browser)' });
      await tab.getByRole('button', { name: 'Compare' }).click();
      await expect(
        differences.getByRole('listitem', { name: /^added: \/later\.txt, 5 B/ })
      ).toBeVisible();
      await expect(tab).toContainText('Added (1)');
      await tab
        .getByLabel('Compare with')
        .selectOption({ label: 'The live filesystem' });
      await tab.getByRole('button', { name: 'Compare' }).click();
      await expect(tab).toContainText('Added (2)');
      await expect(
        differences.getByRole('listitem', { name: /^added: .*last\.txt, 4 B/ })
      ).toBeVisible();
      await tab.getByRole('button', { name: 'Added (2)' }).click();
      await expect(tab.getByRole('listitem', { name: /last\.txt/ })).toHaveCount(0);
    });

    await test.step('an image is exported, verified, renamed, and has a note', async () => {
      await showTab(panel, 'Inside');
      await lookAt(panel, 'a.blob');
      const download = page.waitForEvent('download');
      await panel.getByRole('button', { name: 'Export', exact: true }).click();
      const file = await download;
      expect(file.suggestedFilename()).toBe('a.blob');
      await file.saveAs(exported);
      await panel.getByRole('button', { name: 'Verify', exact: true }).click();
      await expectDone(panel, 'Verifying a.blob');

      const note = await openForm(panel, 'Note…');
      await note.getByLabel('Note', { exact: true }).fill('seen twice');
      await note.getByRole('button', { name: 'Save' }).click();
      await expect(image(panel, 'a.blob')).toContainText('seen twice');
      const rename = await openForm(panel, 'Rename…');
      await rename.getByLabel('Name', { exact: true }).fill('first.blob');
      await rename.getByRole('button', { name: 'Rename' }).click();
      await expect(image(panel, 'first.blob')).toHaveAttribute('aria-selected', 'true');
      await expect(image(panel, 'a.blob')).toHaveCount(0);
    });

    await test.step('a file is added by the picker and by drag and drop, kept, and taken off', async () => {
      await panel.getByLabel('Image file to add').setInputFiles(exported);
      await expect(image(panel, 'exported.blob')).toHaveAttribute(
        'aria-selected',
        'true'
      );
      await expect(entry(panel, 'notes.md')).toBeVisible();
      const mount = await openForm(panel, 'Mount at…');
      await mount.getByLabel('Path').fill('/mnt/file');
      await mount.getByRole('button', { name: 'Mount', exact: true }).click();
      await expectDone(panel, 'Mounting exported.blob');
      expect(await evaluate(page, 'Path("/mnt/file/run.sh").read_text()')).toBe(
        '#!/bin/sh'
      );
      await panel.getByRole('button', { name: 'Unmount /mnt/file' }).click();
      await expectDone(panel, 'Unmounting /mnt/file');
      const keep = await openForm(panel, 'Keep in this browser…');
      await keep.getByLabel('Name', { exact: true }).fill('kept.blob');
      await keep.getByRole('button', { name: 'Keep', exact: true }).click();
      await expectDone(panel, 'Keeping exported.blob in this browser');
      await expect(image(panel, 'kept.blob')).toBeVisible();
      await panel.getByRole('button', { name: 'Take off the list' }).click();
      await expect(image(panel, 'exported.blob')).toHaveCount(0);

      await drop(panel, await readFile(exported), 'dropped.blob');
      await expect(image(panel, 'dropped.blob')).toHaveAttribute(
        'aria-selected',
        'true'
      );
      await drop(panel, Buffer.from('no image'), 'letter.txt');
      const refused = panel.getByRole('group', { name: 'Opening letter.txt' });
      await expect(refused).toHaveAttribute('data-state', 'failed');
      await expect(image(panel, 'letter.txt')).toHaveCount(0);
    });

    await test.step('an address is added; one where nothing is says so', async () => {
      await panel.getByRole('button', { name: 'Add an address' }).click();
      const form = panel.getByRole('form', { name: 'Add an address' });
      await form.getByLabel('Address of an image').fill(`${baseURL}/freezing/none.img`);
      await form.getByRole('button', { name: 'Add' }).click();
      const failed = panel.getByRole('group', { name: /^Opening .*none\.img/ });
      await expect(failed).toContainText('404');
      await form.getByLabel('Address of an image').fill(await addressOf(page, 'small'));
      await form.getByRole('button', { name: 'Add' }).click();
      await expect(
        panel.getByRole('group', { name: 'Addresses' }).getByRole('option')
      ).toContainText('image.img');
      await expect(panel.getByRole('tree').getByRole('treeitem').first()).toBeVisible();
    });

    await test.step('an image is thawed at each start, and no more', async () => {
      await lookAt(panel, 'first.blob');
      for (const [isOn, told] of [
        [true, 'it is thawed at each start'],
        [false, 'it is not thawed']
      ] as const) {
        const form = await openForm(panel, 'Autoload…');
        await expect(form.getByLabel('Kernel', { exact: true })).toHaveValue(kernel);
        await form
          .getByRole('checkbox', { name: /^Thaw first\.blob/ })
          .setChecked(isOn);
        await form.getByRole('button', { name: 'Save' }).click();
        await expect(panel.getByText(told)).toBeVisible();
        const mark = image(panel, 'first.blob').getByText('thawed at each start');
        await expect(mark).toHaveCount(isOn ? 1 : 0);
      }
    });

    await test.step('what depends on an image is named before it is deleted', async () => {
      await lookAt(panel, 'b.blob');
      const asked = await openForm(panel, 'Delete…');
      await expect(asked).toContainText('c.blob is a layer on it.');
      await asked.getByRole('button', { name: 'Close' }).click();
      for (const name of ['c.blob', 'b.blob', 'kept.blob']) {
        await lookAt(panel, name);
        const form = await openForm(panel, 'Delete…');
        await form.getByRole('button', { name: 'Delete', exact: true }).click();
        await expect(image(panel, name)).toHaveCount(0);
      }
    });

    await test.step('what takes room is told, and cleaned up', async () => {
      const tab = await showTab(panel, 'Room');
      const items = tab.getByRole('list', { name: 'What takes room' });
      await expect(items.getByText('first.blob')).toBeVisible();
      await expect(tab).toContainText('until the browser needs the room');
      if (kernel === 'small') {
        // The kernel has kept its decoded snapshot.
        await tab.getByRole('button', { name: /^Clean up \d/ }).click();
        await expectDone(panel, 'Cleaning up');
      }
      await expect(
        tab.getByRole('button', { name: 'Clean up', exact: true })
      ).toBeDisabled();
    });
  });
}

/** Drop a file of the computer on the panel. */
async function drop(panel: Locator, data: Buffer, name: string): Promise<void> {
  const transfer = await panel.page().evaluateHandle(
    ([text, name]) => {
      const transfer = new DataTransfer();
      const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], name));
      return transfer;
    },
    [data.toString('base64'), name]
  );
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await panel.dispatchEvent(type, { dataTransfer: transfer });
  }
  await transfer.dispose();
}

/** The address of the image of one of the site's environments. */
async function addressOf(page: Page, name: string): Promise<string> {
  return page.evaluate(async name => {
    const answer = await fetch('../jupyter-lite.json');
    const { 'jupyter-config-data': config } = await answer.json();
    const { environments } = config.litePluginSettings['jupyter-frozenfs:kernel'] as {
      environments: { name: string; url: string }[];
    };
    const { url } = environments.find(environment => environment.name === name)!;
    return new URL('image.img', new URL(`../${url}`, location.href)).href;
  }, name);
}
