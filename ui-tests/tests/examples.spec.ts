import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect, type Locator } from '@playwright/test';

import { choose } from './freezing';
import { goto, openNotebook, outputs, panel, test } from './site';

// One kernel only: the one that is asked for.
test.use({ prewarm: false });

// Kernels start several times in one test.
test.slow();

const ROOT = 'freezing/';

/** Run the code cell of a number, and wait for its end. */
async function runCell(page: IJupyterLabPageFixture, number: number): Promise<Locator> {
  const cell = panel(page).locator('.jp-CodeCell').nth(number);
  await cell.locator('.cm-content').click();
  await page.keyboard.press('Shift+Enter');
  return cell;
}

/** Run a code cell that ends by itself. */
async function runToEnd(
  page: IJupyterLabPageFixture,
  number: number
): Promise<Locator> {
  const cell = await runCell(page, number);
  await expect(cell.locator('.jp-InputArea-prompt')).toHaveText(/\[\d+\]:/, {
    timeout: 120_000
  });
  await expect(
    cell.locator('[data-mime-type="application/vnd.jupyter.error"]')
  ).toHaveCount(0);
  return cell;
}

test('come back tomorrow', async ({ page }) => {
  const name = 'come-back-tomorrow.ipynb';
  await openNotebook(page, name, ROOT);
  for (const number of [0, 1]) await runToEnd(page, number);

  await goto(page, `${ROOT}lab/index.html?reset`);
  await openNotebook(page, name, ROOT);
  await runToEnd(page, 2);
  await expect(outputs(await runToEnd(page, 3)).last()).toContainText('66.0');
});

for (const { name, frozen, thaw, expected } of [
  { name: 'hand-in.ipynb', frozen: 1, thaw: 2, expected: '42' },
  {
    name: 'another-machine.ipynb',
    frozen: 2,
    thaw: 3,
    expected: 'remember the milk'
  }
]) {
  test(`${name}, in the browser of somebody else`, async ({
    page,
    browser,
    baseURL
  }, info) => {
    await openNotebook(page, name, ROOT);
    for (let number = 0; number < frozen; number++) await runToEnd(page, number);
    const download = page.waitForEvent('download');
    await runToEnd(page, frozen);
    const path = info.outputPath('image.blob');
    await (await download).saveAs(path);

    const context = await browser.newContext({ baseURL });
    const other = (await context.newPage()) as unknown as IJupyterLabPageFixture;
    await openNotebook(other, name, ROOT);
    const cell = await runCell(other, thaw);
    await choose(cell, path);
    await expect(cell.getByRole('status')).toContainText('done in');
    await expect(outputs(await runToEnd(other, thaw + 1)).last()).toContainText(
      expected
    );
    await context.close();
  });
}
