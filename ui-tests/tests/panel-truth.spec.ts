import { expect, type Locator } from '@playwright/test';

import { openKernel, runAction } from './freezing';
import {
  entry,
  expectDone,
  image,
  kernelState,
  lookAt,
  makeFiles,
  openForm,
  openPanel
} from './panel';
import { expectOutput, outputs, run, test } from './site';

// One kernel only: the one that is asked for.
test.use({ prewarm: false, viewport: { width: 1600, height: 1000 } });
test.slow();

/** Do something that is to be seen within a second; a machine that is busy just then has another try. */
async function expectAtOnce(
  act: (attempt: number) => Promise<void>,
  seen: (attempt: number) => Locator
): Promise<void> {
  let attempt = 0;
  await expect(async () => {
    attempt++;
    await act(attempt);
    await expect(seen(attempt)).toBeVisible({ timeout: 1000 });
  }).toPass();
}

test('a panel shows what magics and other tabs do, and works while a cell runs', async ({
  page,
  context
}) => {
  await openKernel(page, 'small');
  await makeFiles(page);
  await expectOutput(
    page,
    '(work / "large").write_bytes(bytes(200_000_000)); "large"',
    'large'
  );
  await runAction(page, '%freeze_fs a.blob --root /home/pyodide/work');
  const panel = await openPanel(page);
  await expect(kernelState(panel)).toContainText('The kernel is ready');

  await test.step('a magic changes something', async () => {
    await expectAtOnce(
      async attempt => {
        const cell = await run(
          page,
          `%frozen_fs rename ${attempt === 1 ? 'a.blob' : `a${attempt - 1}.blob`} a${attempt}.blob`
        );
        await expect(outputs(cell).last()).toContainText(`a${attempt}.blob: image of`);
      },
      attempt => image(panel, `a${attempt}.blob`)
    );
    const name = (await panel.getByRole('option', { name: /^a\d+\.blob/ }).innerText())
      .split('\n')[0]
      .trim();
    await expectOutput(page, `%frozen_fs rename ${name} a.blob`, 'a.blob: image of');
    await lookAt(panel, 'a.blob');
    await expectAtOnce(
      async attempt => {
        await expectOutput(
          page,
          `%mount_fs a.blob /mnt/m${attempt}`,
          `/mnt/m${attempt}`
        );
      },
      attempt => image(panel, 'a.blob').getByText(`mounted at /mnt/m${attempt}`)
    );
  });

  await test.step('another tab, which has no kernel, changes something', async () => {
    const other = await context.newPage();
    await other.goto('freezing/lab/index.html?reset');
    await other.waitForFunction(() => 'jupyterapp' in window);
    const there = await openPanel(other);
    await expect(kernelState(there)).toContainText('No kernel');
    await lookAt(there, 'a.blob');
    await expect(there.getByRole('button', { name: 'Mount at…' })).toHaveCount(0);
    await expectAtOnce(
      attempt => setNote(there, `note ${attempt}`),
      attempt => image(panel, 'a.blob').getByText(`note ${attempt}`)
    );
    await other.close();
  });

  await test.step('a cell runs for 20 s', async () => {
    await lookAt(panel, 'a.blob');
    const sleeping = await run(page, 'import time; time.sleep(20); "slept"');
    await expect(kernelState(panel)).toContainText('Waits for the running cell');

    await entry(panel, 'notes.md').click();
    const chosen = panel.getByRole('region', { name: 'Chosen entry' });
    await expect(chosen).toContainText('Vega is bright.');
    await panel.getByRole('searchbox', { name: 'Search by name' }).fill('module');
    await panel.getByRole('option', { name: /module_of_mine\.py/ }).click();
    await expect(chosen).toContainText('answer = 42');

    await panel.getByRole('button', { name: 'Export', exact: true }).click();
    await panel.getByRole('button', { name: 'Cancel: Exporting a.blob' }).click();
    await expect(
      panel.getByRole('group', { name: 'Exporting a.blob' })
    ).toHaveAttribute('data-state', 'cancelled');

    const form = await openForm(panel, 'Mount at…');
    await form.getByLabel('Path', { exact: true }).fill('/mnt/later');
    await form.getByRole('button', { name: 'Mount', exact: true }).click();
    await expect(panel.getByRole('group', { name: 'Mounting a.blob' })).toHaveAttribute(
      'data-state',
      'waiting'
    );
    // All of this was seen before the cell was done.
    await expect(outputs(sleeping)).toHaveCount(0);
    await expect(outputs(sleeping).last()).toContainText('slept');
    await expectDone(panel, 'Mounting a.blob');
    await expect(image(panel, 'a.blob')).toContainText('mounted at /mnt/later');
  });
});

/** Write a note. */
async function setNote(panel: Locator, text: string): Promise<void> {
  const form = await openForm(panel, 'Note…');
  await form.getByLabel('Note', { exact: true }).fill(text);
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toBeHidden();
}
