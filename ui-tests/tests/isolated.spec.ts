import { expect } from '@playwright/test';

import { expectOutput, newNotebook, test } from './site';

// One kernel only: the one that is asked for.
test.use({ prewarm: false });

test('an isolated page shares memory with its kernel', async ({ page }) => {
  await newNotebook(page);
  await expectOutput(page, 'x = 1; x', '1');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const workers = page.workers().map(worker => worker.url());
  expect(workers.filter(url => url.includes('coincident.worker'))).toHaveLength(1);
  expect(workers.filter(url => url.includes('comlink.worker'))).toHaveLength(0);
});
