import { expect } from '@playwright/test';

import { expectOutput, newNotebook, test } from './site';

// One kernel only: the one that is asked for.
test.use({ prewarm: false });

test('an isolated page shares memory with its kernel', async ({ page }) => {
  await newNotebook(page);
  await expectOutput(page, 'x = 1; x', '1');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const workers = page
    .workers()
    .filter(worker => worker.url().includes('start.worker'));
  expect(workers).toHaveLength(1);
  const loaded = await workers[0].evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => name)
  );
  expect(loaded.filter(url => url.includes('coincident.worker'))).toHaveLength(1);
  expect(loaded.filter(url => url.includes('comlink.worker'))).toHaveLength(0);
});
