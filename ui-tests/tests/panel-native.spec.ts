import { galata } from '@jupyterlab/galata';
import { expect } from '@playwright/test';

import { evaluate } from './freezing';
import {
  entry,
  expectDone,
  image,
  kernelState,
  lookAt,
  openForm,
  openPanel,
  showTab
} from './panel';
import {
  createNotebook,
  expectOutput,
  goto,
  outputs,
  run,
  test,
  waitForKernel
} from './site';

// Its news and its settings are not ours.
test.use({
  mockSettings: galata.DEFAULT_SETTINGS,
  mockState: true,
  viewport: { width: 1600, height: 1000 }
});
test.slow();

/** A folder of its own, with two images of a folder that has changed in between. */
const FILES = `
import os, tempfile
from pathlib import Path
from jupyter_frozenfs.image import pack
place = Path(tempfile.mkdtemp()); os.chdir(place)
work = place / "work"; (work / "deep").mkdir(parents=True)
(work / "notes.md").write_text("Vega is bright.")
(work / "deep" / "stars.csv").write_text("name,light\\nVega,1\\n")
pack(work, "a.img"); (work / "later.txt").write_text("later"); pack(work, "b.img")
"packed"
`;

test('the panel of a kernel outside of the browser browses, compares, packs and extracts, also while a cell runs', async ({
  page
}) => {
  await goto(page, 'lab?reset');
  await createNotebook(page, 'python3');
  await waitForKernel(page);
  await expectOutput(page, FILES, 'packed');
  const panel = await openPanel(page);

  await test.step('it lists the images of the folder, and says what it is not for', async () => {
    await expect(kernelState(panel)).toContainText('runs outside of the browser');
    await expect(image(panel, 'a.img')).toContainText('2 files');
    for (const name of ['Mount at…', 'Thaw…', 'Keep in this browser…']) {
      await expect(panel.getByRole('button', { name })).toHaveCount(0);
    }
    await expect(await showTab(panel, 'Room')).toContainText(
      'needs a kernel in a browser'
    );
    await showTab(panel, 'Inside');
  });

  await test.step('while a cell runs it looks inside, searches and shows files', async () => {
    const waiting = await run(
      page,
      'import time\nend = place / "end"\nwhile not end.exists(): time.sleep(0.1)\n"ended"'
    );
    await expect(waiting.locator('.jp-InputArea-prompt')).toHaveText('[*]:');
    await expect(kernelState(panel)).toContainText('The kernel is ready');
    await lookAt(panel, 'a.img');
    await entry(panel, 'notes.md').click();
    const chosen = panel.getByRole('region', { name: 'Chosen entry' });
    await expect(chosen).toContainText('Vega is bright.');
    await panel.getByRole('searchbox', { name: 'Search by name' }).fill('stars');
    await panel.getByRole('option', { name: /stars\.csv/ }).click();
    await expect(chosen.getByRole('cell', { name: 'Vega' })).toBeVisible();
    await panel.getByRole('searchbox', { name: 'Search by name' }).fill('');
    await panel.getByRole('button', { name: 'Verify', exact: true }).click();
    await expectDone(panel, 'Verifying a.img');

    const tab = await showTab(panel, 'Freeze');
    const form = tab.getByRole('form', { name: 'Pack a folder' });
    await form.getByLabel('Folder', { exact: true }).fill('work');
    await form.getByLabel('Into the file').fill('layer.img');
    await form.getByLabel('Only what differs from').selectOption({ label: 'a.img' });
    await form.getByRole('button', { name: 'Pack' }).click();
    await expectDone(panel, 'Packing work');
    await expect(image(panel, 'layer.img')).toContainText('layer on a.img');
    await expect(outputs(waiting)).toHaveCount(0);

    await form.getByLabel('Folder', { exact: true }).fill('.');
    await form.getByLabel('Only what differs from').selectOption('');
    await form.getByLabel('Into the file').fill('end');
    await form.getByRole('button', { name: 'Pack' }).click();
    await expectDone(panel, 'Packing .');
    await expect(outputs(waiting).last()).toContainText('ended');
  });

  await test.step('it compares images, and an image with a folder', async () => {
    await showTab(panel, 'Inside');
    await lookAt(panel, 'a.img');
    const tab = await showTab(panel, 'Changes');
    const added = tab.getByRole('listitem', { name: /^added: \/later\.txt, 5 B/ });
    await tab
      .getByLabel('Compare with')
      .selectOption({ label: 'b.img (Files on disk)' });
    await tab.getByRole('button', { name: 'Compare' }).click();
    await expect(added).toBeVisible();
    await tab
      .getByLabel('Compare with')
      .selectOption({ label: 'A folder as it is now' });
    await tab.getByLabel('Folder', { exact: true }).fill('work');
    await tab.getByRole('button', { name: 'Compare' }).click();
    await expect(
      panel.getByRole('group', { name: /^Comparing a\.img with work/ })
    ).toHaveAttribute('data-state', 'done');
    await expect(added).toBeVisible();
  });

  await test.step('it extracts, first as a dry run', async () => {
    const form = await openForm(panel, 'Extract…');
    await form.getByLabel(/^Into the folder/).fill('out');
    await form.getByRole('button', { name: 'Show what it would write' }).click();
    await expect(form).toContainText('2 files');
    expect(await evaluate(page, 'Path("out").exists()')).toBe('False');
    await form.getByRole('button', { name: 'Extract', exact: true }).click();
    await expectDone(panel, 'Extracting a.img');
    expect(await evaluate(page, 'Path("out/notes.md").read_text()')).toBe(
      'Vega is bright.'
    );
  });

  await test.step('it renames and deletes', async () => {
    await lookAt(panel, 'b.img');
    const rename = await openForm(panel, 'Rename…');
    await rename.getByLabel('Name', { exact: true }).fill('c.img');
    await rename.getByRole('button', { name: 'Rename' }).click();
    await expect(image(panel, 'c.img')).toHaveAttribute('aria-selected', 'true');
    const form = await openForm(panel, 'Delete…');
    await form.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect(image(panel, 'c.img')).toHaveCount(0);
    expect(
      await evaluate(page, 'sorted(path.name for path in place.glob("*.img"))')
    ).toBe("['a.img', 'layer.img']");
  });
});
