import { expect } from '@playwright/test';

import { expectAllRun, openBeside, openNotebook, runAll, test } from './site';

/** Where the picture goes that the README shows; else beside the results of the tests. */
const IMAGES = process.env.FROZENFS_PICTURES;

test.use({ viewport: { width: 1600, height: 1000 } });

test('table, figure and slider of the course are seen at once', async ({
  page
}, info) => {
  await openNotebook(page, '01-a-table.ipynb');
  const table = (await page.activity.getPanelLocator('01-a-table.ipynb'))!;
  await page.sidebar.close('left');
  await runAll(page);
  await expectAllRun(page, table);
  const figure = await openBeside(page, '02-a-figure.ipynb', 'split-right');
  await runAll(page);
  await expectAllRun(page, figure);
  const slider = await openBeside(page, '03-a-slider.ipynb', 'split-bottom');
  await runAll(page);
  await expectAllRun(page, slider);

  await table.locator('table', { hasText: '07 Jul' }).scrollIntoViewIfNeeded();
  await figure.locator('.jp-OutputArea-output img').first().scrollIntoViewIfNeeded();
  await slider.locator('.widget-slider').scrollIntoViewIfNeeded();
  await slider.locator('.jupyter-widgets img').scrollIntoViewIfNeeded();
  await expect(page.locator('.jp-FrozenStart.jp-mod-active')).toHaveCount(0);
  const path = IMAGES ? `${IMAGES}/course.png` : info.outputPath('course.png');
  await page.screenshot({ path });
  await info.attach('course', { path, contentType: 'image/png' });
});
