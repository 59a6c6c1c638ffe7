import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Browser } from '../browser/devtools';
import { StoreSite } from './site';
import type { Tab } from './site';

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

describe('in a browser', () => {
  test('what a worker puts, a page gets, and the other way round', async () => {
    await tab.call('listen');
    const put = await tab.callWorker('a', 'put', {
      name: 'of a worker',
      seed: 1,
      mebibytes: 20
    });
    expect(put).toMatchObject({ stored: { name: 'of a worker', files: 1 } });
    expect(await tab.call('read', 'of a worker')).toEqual({ seed: 1 });
    expect(await tab.call('verify', 'of a worker')).toEqual(put);
    await tab.call('put', { name: 'of a page', seed: 2, mebibytes: 9 });
    expect(await tab.callWorker('a', 'read', 'of a page')).toEqual({ seed: 2 });
    expect(await tab.callWorker('a', 'verify', 'of a page')).toMatchObject({
      stored: { name: 'of a page' }
    });
    expect(await tab.call('heard')).toMatchObject([
      { kind: 'put', name: 'of a worker' },
      { kind: 'put', name: 'of a page' }
    ]);
    expect(await tab.call('usage')).toMatchObject({
      images: [{ name: 'of a worker' }, { name: 'of a page' }],
      free: expect.any(Number),
      debris: 0
    });
  });

  test('an image that was opened can be read when it has been deleted', async () => {
    await tab.call('put', { name: 'x', seed: 1, mebibytes: 20 });
    expect(await tab.call('deleteWhileOpen', 'x')).toBeGreaterThan(20 * 2 ** 20);
    expect(await tab.call('list')).not.toContain('x');
  });
});
