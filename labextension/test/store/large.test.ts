import { afterAll, beforeAll, expect, test } from 'vitest';

import { Browser } from '../browser/devtools';
import type { Tab } from './site';
import { StoreSite } from './site';

/** Size of the image; `make soak` has the time for more. */
const MEBIBYTES = process.env.FROZENFS_SOAK ? 500 : 100;

/** By how much the memory of the browser may grow meanwhile, whatever the size. */
const MOST = 240e6;

let site: StoreSite;
let browser: Browser;
let tab: Tab;

beforeAll(async () => {
  site = await StoreSite.start();
  browser = Browser.start();
  tab = await site.open(browser);
});

afterAll(async () => {
  await browser?.close();
  site?.stop();
});

/** By how many bytes the memory grows at most while something is done. */
async function growth(work: () => Promise<void>): Promise<number> {
  const before = await browser.memory();
  let most = before;
  let isDone = false;
  const watch = (async () => {
    while (!isDone) {
      most = Math.max(most, await browser.memory());
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  })();
  await work().finally(() => (isDone = true));
  await watch;
  return most - before;
}

test(`an image of ${MEBIBYTES} MiB is put, read and verified in little memory`, async () => {
  const put = await growth(async () => {
    const image = { name: 'env', seed: 1, mebibytes: MEBIBYTES };
    expect(await tab.callWorker('a', 'put', image)).toMatchObject({
      stored: { name: 'env' }
    });
  });
  const read = await growth(async () => {
    expect(await tab.callWorker('b', 'read', 'env')).toEqual({ seed: 1 });
    expect(await tab.call('verify', 'env')).toMatchObject({ stored: { name: 'env' } });
  });
  expect(put).toBeLessThan(MOST);
  expect(read).toBeLessThan(MOST);
});
