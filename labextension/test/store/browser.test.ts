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

  test('a change is heard in the tab itself, its workers and other tabs', async () => {
    const other = await site.open(browser);
    await tab.call('listen');
    await tab.callWorker('b', 'listen');
    await other.call('listen');
    await tab.callWorker('a', 'put', { name: 'x', seed: 1, mebibytes: 1 });
    await tab.call('deleteWhileOpen', 'x');
    const heard = [
      { kind: 'put', site: `${site.url}/course/`, name: 'x' },
      { kind: 'deleted', site: `${site.url}/course/`, name: 'x' }
    ];
    await expect.poll(() => tab.call('heard')).toEqual(heard);
    await expect.poll(() => tab.callWorker('b', 'heard')).toEqual(heard);
    await expect.poll(() => other.call('heard')).toEqual(heard);
  });

  test('a private window has a store of its own', async () => {
    await tab.call('put', { name: 'x', seed: 1, mebibytes: 1 });
    const other = await site.open(browser, site.url, { isPrivate: true });
    // Looking what is thawed at a start leaves nothing behind.
    expect(await other.call('peek')).toEqual({ autoload: null, databases: [] });
    expect(await other.call('list')).toEqual([]);
    await other.callWorker('a', 'put', { name: 'y', seed: 2, mebibytes: 20 });
    expect(await other.call('read', 'y')).toEqual({ seed: 2 });
    const autoload = await other.call('autoload', 'y');
    expect(await other.callWorker('a', 'peek')).toEqual({
      autoload,
      databases: ['jupyter-frozenfs']
    });
    expect(await tab.call('list')).not.toContain('y');
  });
});
