import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test
} from 'vitest';

import { Browser } from '../browser/devtools';
import type { Tab } from './site';
import { StoreSite } from './site';

const MIB = 2 ** 20;

let site: StoreSite;
let browser: Browser;
let tab: Tab;

beforeAll(async () => {
  site = await StoreSite.start();
});

afterAll(() => site?.stop());

beforeEach(async () => {
  browser = Browser.start();
  tab = await site.open(browser);
});

afterEach(() => browser.close());

/** Start the browser again, with so little room: it does not notice at once that it has less. */
async function setQuota(mebibytes: number): Promise<void> {
  await browser.kill();
  browser = Browser.start(browser.profile);
  tab = await site.open(browser);
  await tab.page.send('Storage.overrideQuotaForOrigin', {
    origin: site.url,
    quotaSize: mebibytes * MIB
  });
}

describe('when there is not enough room', () => {
  test('a put says how much it needs and how much there is, and leaves all as it was', async () => {
    await tab.call('put', { name: 'env', seed: 1, mebibytes: 9 });
    await setQuota(30);
    const put = await tab.callWorker('a', 'put', {
      name: 'env',
      seed: 2,
      mebibytes: 40,
      force: true
    });
    expect(put).toMatchObject({ code: 'quota', needed: 24 * MIB, free: 16 * MIB });
    expect(put.error).toBe(
      'env: cannot be stored, it needs at least 25.2 MB and there is room for 16.8 MB. ' +
        'Delete images that you do not need, or make room on the disk, and try again; or download this one instead.'
    );
    expect(await tab.call('read', 'env')).toEqual({ seed: 1 });
    expect(await tab.call('gc', true)).toEqual([]);
  });

  test('an image that fits is put after that', async () => {
    await setQuota(30);
    const put = { name: 'env', seed: 2, mebibytes: 40 };
    expect(await tab.call('put', put)).toMatchObject({ code: 'quota' });
    await tab.call('put', { ...put, mebibytes: 20 });
    expect(await tab.call('read', 'env')).toEqual({ seed: 2 });
  });

  test('decoded snapshots go before an image finds no room', async () => {
    await tab.call('cache', 20);
    await setQuota(40);
    await tab.callWorker('a', 'put', { name: 'env', seed: 1, mebibytes: 26 });
    expect(await tab.call('read', 'env')).toEqual({ seed: 1 });
    expect(await tab.call('cached')).toEqual([]);
  });

  test('and stay while there is enough', async () => {
    await tab.call('cache', 20);
    await setQuota(60);
    await tab.callWorker('a', 'put', { name: 'env', seed: 1, mebibytes: 26 });
    expect(await tab.call('read', 'env')).toEqual({ seed: 1 });
    expect(await tab.call('cached')).toEqual(['snapshot']);
  });

  test('what dead writers left behind goes, what a living one writes stays', async () => {
    const put = { seed: 1, mebibytes: 26, stopAt: 24 };
    void tab.callWorker('a', 'put', { name: 'dead', ...put }).catch(() => undefined);
    expect(await tab.nextEvent()).toBe('stopped');
    await setQuota(60);
    const living = tab.callWorker('b', 'put', { name: 'living', ...put });
    expect(await tab.nextEvent()).toBe('stopped');
    await tab.call('put', { name: 'env', seed: 2, mebibytes: 26 });
    expect(await tab.call('read', 'env')).toEqual({ seed: 2 });
    expect(await tab.call('gc', true)).toEqual([]);
    await tab.callWorker('b', 'goOn');
    expect(await living).toMatchObject({ stored: { name: 'living' } });
    expect(await tab.call('read', 'living')).toEqual({ seed: 1 });
  });
});
