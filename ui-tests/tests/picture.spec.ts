import { expect, type PageAssertionsToHaveScreenshotOptions } from '@playwright/test';

import { image, lookAt } from './panel';
import {
  expectAllRun,
  openBeside,
  openNotebook,
  panel as notebook,
  runAll,
  test
} from './site';

/**
 * The pictures of the documentation, `docs/images`: `make pictures` takes them anew. Fonts and times may differ from
 * machine to machine, what is shown may not.
 */
const ALIKE: PageAssertionsToHaveScreenshotOptions = { maxDiffPixelRatio: 0.05 };

test('table, figure and slider of the course are seen at once', async ({ page }) => {
  await page.setViewportSize({ width: 1600, height: 1000 });
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
  await expect(page).toHaveScreenshot('course.png', ALIKE);
});

test('the panel of the course, in a light and in a dark theme', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await openNotebook(page, '00-what-is-here.ipynb');
  await page.sidebar.close('left');
  await runAll(page);
  await expectAllRun(page);
  const panel = notebook(page).getByRole('region', { name: 'Frozen images' });
  await lookAt(panel, 'Course');
  await expect(image(panel, 'Course')).toContainText('mounted at');
  await panel.getByRole('searchbox').fill('fernhill');
  await panel.getByRole('option', { name: 'fernhill.csv' }).click();
  await expect(panel.getByRole('table')).toBeVisible();
  await panel.scrollIntoViewIfNeeded();
  await page.mouse.move(0, 0);
  await expect(page).toHaveScreenshot('panel.png', ALIKE);
  await page.theme.setDarkTheme();
  await expect(page).toHaveScreenshot('panel-dark.png', ALIKE);
});
