import { expect } from '@playwright/test';

import { expectAllRun, openNotebook, panel, runAll, test } from './site';

test('the course opens with the panel, which shows what it is made from', async ({
  page
}) => {
  await openNotebook(page, '00-what-is-here.ipynb');
  await runAll(page);
  await expectAllRun(page);
  const images = panel(page).getByRole('region', { name: 'Frozen images' });
  await images.getByRole('option', { name: 'Course' }).click();
  await images.getByRole('searchbox').fill('fernhill');
  await expect(images.getByRole('listbox', { name: 'Search results' })).toContainText(
    'fernhill.csv'
  );
});

test('the first notebook runs to its end and shows a table', async ({ page }) => {
  await openNotebook(page, '01-a-table.ipynb');
  await runAll(page);
  await expectAllRun(page);
  const months = panel(page).locator('table', { has: page.getByText('07 Jul') });
  await expect(months.locator('tbody tr')).toHaveCount(12);
  await expect(months.locator('tr', { hasText: '07 Jul' })).toContainText('15.2');
});

test('the second notebook runs to its end and shows its figures', async ({ page }) => {
  await openNotebook(page, '02-a-figure.ipynb');
  await runAll(page);
  await expectAllRun(page);
  const figures = panel(page).locator('.jp-OutputArea-output img');
  await expect(figures).toHaveCount(2);
  for (const figure of await figures.all()) {
    expect(
      await figure.evaluate((image: HTMLImageElement) => image.naturalWidth)
    ).toBeGreaterThan(500);
  }
});

test('the third notebook runs to its end, and its slider redraws the figure', async ({
  page
}) => {
  await openNotebook(page, '03-a-slider.ipynb');
  await runAll(page);
  await expectAllRun(page);
  const figure = panel(page).locator('.jupyter-widgets img');
  await expect(figure).toHaveCount(1);
  const before = await figure.getAttribute('src');
  await panel(page).locator('.widget-slider .noUi-handle').focus();
  await page.keyboard.press('PageUp');
  await expect(figure).not.toHaveAttribute('src', before!);
  await expect(panel(page).locator('.widget-readout')).not.toHaveText('15');
});
