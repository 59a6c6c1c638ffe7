import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { Browser } from '../browser/devtools';
import type { Tab } from './site';
import { StoreSite } from './site';

const PIECE = 8 * 2 ** 20;
const OLD = { name: 'env', seed: 1, mebibytes: 9 };
const NEW = { name: 'env', seed: 2, mebibytes: 24, force: true };

/** What a put is ended by. */
const WAYS: Record<string, () => Promise<void>> = {
  'its worker is ended': () => tab.endWorker('writer'),
  'its tab is closed': async () => {
    await tab.page.close();
    tab = await site.open(browser);
  },
  'its tab crashes': async () => {
    tab.page.crash();
    tab = await site.open(browser);
  },
  'its browser is killed': async () => {
    const { profile } = browser;
    await browser.kill();
    browser = Browser.start(profile);
    tab = await site.open(browser);
  }
};

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

describe.each(Object.keys(WAYS))('a put is not finished because %s', way => {
  beforeEach(async () => {
    await tab.callWorker('before', 'put', { ...OLD, force: true });
    expect(await tab.call('gc', true)).toEqual([]);
  });

  test.each([0, 1, 8, 9, 16, 20, 24])(
    'after %i MiB: the old image is whole, and the rest is removed by gc',
    async stopAt => {
      void tab.callWorker('writer', 'put', { ...NEW, stopAt }).catch(() => undefined);
      expect(await tab.nextEvent()).toBe('stopped');
      // A writer that lives has no debris.
      expect(await tab.call('gc', true)).toEqual([]);
      await WAYS[way]();
      await expectWhole(OLD.seed);
      const size = Math.floor((stopAt * 2 ** 20) / PIECE) * PIECE;
      await expect
        .poll(() => tab.call('gc', true))
        .toMatchObject([{ name: 'env', site: `${site.url}/course/`, size }]);
      await tab.call('gc', false);
      expect(await tab.call('gc', true)).toEqual([]);
      await expectWhole(OLD.seed);
    }
  );

  test.each([0, 10, 30])(
    '%i ms after all was written: the old or the new image is whole',
    async milliseconds => {
      void tab
        .callWorker('writer', 'put', { ...NEW, tellsEnd: true })
        .catch(() => undefined);
      expect(await tab.nextEvent()).toBe('written');
      await new Promise(resolve => setTimeout(resolve, milliseconds));
      await WAYS[way]();
      const read = await tab.call('read', 'env');
      expect([{ seed: OLD.seed }, { seed: NEW.seed }]).toContainEqual(read);
      const { seed } = read as { seed: number };
      await expectWhole(seed);
      await expect
        .poll(() => tab.call('gc', true))
        .toMatchObject(seed === OLD.seed ? [{ name: 'env' }] : []);
      await tab.call('gc', false);
      await expectWhole(seed);
    }
  );
});

async function expectWhole(seed: number): Promise<void> {
  expect(await tab.call('list')).toEqual(['env']);
  expect(await tab.call('read', 'env')).toEqual({ seed });
  expect(await tab.call('verify', 'env')).toMatchObject({ stored: { name: 'env' } });
}
