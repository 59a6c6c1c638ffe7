import { expect, type Locator } from '@playwright/test';

import { evaluate, openKernel, runAction } from './freezing';
import { entry, expectDone, image, makeFiles } from './panel';
import { test } from './site';

// One kernel only: the one that is asked for.
test.use({ prewarm: false, viewport: { width: 1600, height: 1000 } });
test.slow();

/** Press Tab, or Shift+Tab where it comes before, until this has the focus. */
async function tabTo(target: Locator): Promise<void> {
  const page = target.page();
  for (let presses = 0; presses < 60; presses++) {
    if (await isFocused(target)) return;
    await page.keyboard.press((await isBefore(target)) ? 'Shift+Tab' : 'Tab');
  }
  await expect(target).toBeFocused();
}

/** Whether it comes before what has the focus. */
async function isBefore(target: Locator): Promise<boolean> {
  if ((await target.count()) === 0) return false;
  return target.evaluate(
    node =>
      (node.compareDocumentPosition(document.activeElement!) &
        Node.DOCUMENT_POSITION_FOLLOWING) >
      0
  );
}

/** Whether it has the focus; false as long as it is not there. */
async function isFocused(target: Locator): Promise<boolean> {
  if ((await target.count()) === 0) return false;
  return target.evaluate(node => node === document.activeElement);
}

test('a person with a keyboard does all of it', async ({ page }) => {
  await openKernel(page, 'small');
  await makeFiles(page);
  await runAction(page, '%freeze_fs a.blob --root /home/pyodide/work');
  const { keyboard } = page;

  await keyboard.press('ControlOrMeta+Shift+C');
  await keyboard.type('Frozen Images');
  await expect(page.locator('.lm-CommandPalette-item.lm-mod-active')).toContainText(
    'Frozen Images'
  );
  await keyboard.press('Enter');
  const panel = page.locator('#jupyter-frozenfs-panel .jp-FrozenPanel');
  const list = panel.getByRole('listbox', { name: 'Images' });
  await expect(image(panel, 'a.blob')).toBeVisible();

  await test.step('the list', async () => {
    await tabTo(list);
    await keyboard.press('End');
    await keyboard.press('Enter');
    await expect(image(panel, 'a.blob')).toHaveAttribute('aria-selected', 'true');
  });

  await test.step('the tree and the search', async () => {
    const tree = panel.getByRole('tree');
    await expect(tree).toBeVisible();
    await tabTo(tree);
    await keyboard.type('deep');
    await keyboard.press('ArrowRight');
    await expect(entry(panel, 'er')).toBeVisible();
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    await keyboard.press('Enter');
    const chosen = panel.getByRole('region', { name: 'Chosen entry' });
    await expect(chosen).toContainText('/deep/er/data.bin');
    const search = panel.getByRole('searchbox', { name: 'Search by name' });
    await tabTo(search);
    await keyboard.type('module');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await expect(chosen).toContainText('answer = 42');
    await tabTo(search);
    await keyboard.press('Escape');
    await expect(tree).toBeVisible();
  });

  await test.step('the tabs', async () => {
    await tabTo(panel.getByRole('tab', { selected: true }));
    await keyboard.press('End');
    await expect(panel.getByRole('tab', { name: 'Room' })).toBeFocused();
    await expect(panel.getByRole('tabpanel', { name: 'Room' })).toBeVisible();
    await keyboard.press('Home');
    await expect(panel.getByRole('tabpanel', { name: 'Inside' })).toBeVisible();
  });

  await test.step('mounting', async () => {
    await tabTo(panel.getByRole('button', { name: 'Mount at…' }));
    await keyboard.press('Enter');
    await expect(panel.getByLabel('Path', { exact: true })).toBeFocused();
    await keyboard.press('ControlOrMeta+a');
    await keyboard.type('/mnt/keys');
    await keyboard.press('Enter');
    await expect(image(panel, 'a.blob')).toContainText('mounted at /mnt/keys');
    await tabTo(panel.getByRole('button', { name: 'Unmount /mnt/keys' }));
    await keyboard.press('Enter');
    await expect(image(panel, 'a.blob')).not.toContainText('mounted');
  });

  await test.step('thawing', async () => {
    await tabTo(panel.getByRole('button', { name: 'Thaw…' }));
    await keyboard.press('Enter');
    await keyboard.type('/home/pyodide/again');
    await keyboard.press('Enter');
    const thaw = panel.getByRole('button', { name: 'Thaw', exact: true });
    await expect(thaw).toBeFocused();
    await keyboard.press('Enter');
    await expectDone(panel, 'Thawing a.blob');
  });

  await test.step('renaming, and closing a form', async () => {
    await tabTo(panel.getByRole('button', { name: 'Rename…' }));
    await keyboard.press('Enter');
    await keyboard.press('ControlOrMeta+a');
    await keyboard.type('keys.blob');
    await keyboard.press('Enter');
    await expect(image(panel, 'keys.blob')).toHaveAttribute('aria-selected', 'true');
    await tabTo(panel.getByRole('button', { name: 'Note…' }));
    await keyboard.press('Enter');
    await expect(panel.getByLabel('Note', { exact: true })).toBeFocused();
    await keyboard.press('Escape');
    await expect(panel.getByRole('button', { name: 'Note…' })).toBeFocused();
  });

  await test.step('a note, verifying, exporting', async () => {
    await tabTo(panel.getByRole('button', { name: 'Note…' }));
    await keyboard.press('Enter');
    await keyboard.type('by keys');
    await keyboard.press('Enter');
    await expect(image(panel, 'keys.blob')).toContainText('by keys');
    await tabTo(panel.getByRole('button', { name: 'Verify', exact: true }));
    await keyboard.press('Enter');
    await expectDone(panel, 'Verifying keys.blob');
    const download = page.waitForEvent('download');
    await tabTo(panel.getByRole('button', { name: 'Export', exact: true }));
    await keyboard.press('Enter');
    expect((await download).suggestedFilename()).toBe('keys.blob');
  });

  await test.step('thawing it at each start, or no more', async () => {
    for (const count of [1, 0]) {
      await tabTo(panel.getByRole('button', { name: 'Autoload…' }));
      await keyboard.press('Enter');
      await tabTo(panel.getByRole('checkbox', { name: /^Thaw keys\.blob/ }));
      await keyboard.press('Space');
      await tabTo(panel.getByRole('button', { name: 'Save' }));
      await keyboard.press('Enter');
      await expect(
        image(panel, 'keys.blob').getByText('thawed at each start')
      ).toHaveCount(count);
    }
  });

  await test.step('freezing', async () => {
    await tabTo(panel.getByRole('tab', { selected: true }));
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    const form = panel.getByRole('form', { name: 'Freeze now' });
    await tabTo(form.getByLabel('Name', { exact: true }));
    await keyboard.press('ControlOrMeta+a');
    await keyboard.type('more.blob');
    await tabTo(form.getByLabel(/^Only what lies in this folder/));
    await keyboard.type('/home/pyodide/again');
    await keyboard.press('Enter');
    await expectDone(panel, 'Freezing more.blob');
    await expect(image(panel, 'more.blob')).toHaveAttribute('aria-selected', 'true');
  });

  await test.step('comparing', async () => {
    await tabTo(panel.getByRole('tab', { selected: true }));
    await keyboard.press('ArrowLeft');
    await tabTo(panel.getByLabel('Compare with'));
    await keyboard.type('keys');
    await tabTo(panel.getByRole('button', { name: 'Compare', exact: true }));
    await keyboard.press('Enter');
    await expect(panel.getByRole('tabpanel', { name: 'Changes' })).toContainText(
      /Added|no difference/i
    );
  });

  await test.step('adding an address', async () => {
    await tabTo(panel.getByRole('button', { name: 'Add an address' }));
    await keyboard.press('Enter');
    await tabTo(panel.getByLabel('Address of an image'));
    await keyboard.type(new URL('none.img', page.url()).href);
    await keyboard.press('Enter');
    await expect(
      panel.getByRole('group', { name: /^Opening .*none\.img/ })
    ).toContainText('404');
    await tabTo(list);
    await keyboard.type('keys');
    await keyboard.press('Enter');
    await expect(image(panel, 'keys.blob')).toHaveAttribute('aria-selected', 'true');
  });

  await test.step('deleting', async () => {
    await tabTo(panel.getByRole('button', { name: 'Delete…' }));
    await keyboard.press('Enter');
    await tabTo(panel.getByRole('button', { name: 'Delete', exact: true }));
    await keyboard.press('Enter');
    await expect(image(panel, 'keys.blob')).toHaveCount(0);
  });

  await page.locator('.jp-Notebook').click();
  expect(await evaluate(page, 'Path("/home/pyodide/again/run.sh").read_text()')).toBe(
    '#!/bin/sh'
  );
});
