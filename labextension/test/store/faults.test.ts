import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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

const IMAGE = { name: 'env', seed: 1, mebibytes: 20 };

/** A name that no browser takes for this machine: a page of it has what plain http has, and no more. */
const PLAIN_HOST = 'course.test';

let site: StoreSite;
let browser: Browser;
let tab: Tab;

beforeAll(async () => {
  site = await StoreSite.start();
});

afterAll(() => site?.stop());

beforeEach(async () => {
  browser = Browser.start(undefined, [
    `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`
  ]);
  tab = await site.open(browser);
});

afterEach(() => browser.close());

/** The files in which this browser keeps pieces. */
function pieceFiles(): string[] {
  return readdirSync(browser.profile, { recursive: true, encoding: 'utf8' })
    .filter(path => path.includes('.indexeddb.blob'))
    .map(path => join(browser.profile, path))
    .filter(path => statSync(path).isFile());
}

/** Change what is on the disk while no browser runs. */
async function whileClosed(work: () => void): Promise<void> {
  await browser.kill();
  work();
  browser = Browser.start(browser.profile);
  tab = await site.open(browser);
}

describe('a stored image that is damaged is never read as if it were not', () => {
  beforeEach(async () => {
    await tab.call('put', IMAGE);
  });

  test.each(['page', 'worker'])('a byte is another one, read in a %s', async where => {
    await tab.call('spoil', 'byte');
    const call: Tab['call'] = (name, argument) =>
      where === 'page' ? tab.call(name, argument) : tab.callWorker('a', name, argument);
    expect(await call('read', 'env')).toMatchObject({
      error: expect.stringMatching(/env: chunk \d+ .*CRC-32/)
    });
    expect(await call('verify', 'env')).toMatchObject({
      code: 'damaged',
      error: expect.stringMatching(
        /^env: the stored image is damaged, expected the SHA-256 \w{64}, found \w{64}\. Delete it/
      )
    });
  });

  test.each(['length', 'missing'] as const)('a piece is not whole: %s', async how => {
    await tab.call('spoil', how);
    for (const call of ['read', 'verify'] as const) {
      expect(await tab.call(call, 'env')).toMatchObject({
        code: 'damaged',
        error: expect.stringMatching(/damaged, expected \d+ bytes, found \d+/)
      });
    }
    // It can be put in order.
    expect(await tab.call('put', { ...IMAGE, force: true })).toMatchObject({
      stored: { name: 'env' }
    });
    expect(await tab.call('read', 'env')).toEqual({ seed: 1 });
  });

  test.each<[string, (path: string) => void]>([
    [
      'has another byte',
      path => {
        const bytes = readFileSync(path);
        bytes[1000] ^= 1;
        writeFileSync(path, bytes);
      }
    ],
    ['is gone', path => rmSync(path)]
  ])('a file on the disk %s', async (_how, spoil) => {
    await whileClosed(() => spoil(pieceFiles()[1]));
    expect(await tab.call('read', 'env')).toHaveProperty('error');
    expect(await tab.call('verify', 'env')).toMatchObject({ code: 'damaged' });
    expect(await tab.call('list')).toEqual(['env']);
  });
});

describe('two tabs put to one name', () => {
  test.each([false, true])(
    'one has it, the other is told and kept (force: %s)',
    async force => {
      if (force) await tab.call('put', { ...IMAGE, seed: 9 });
      const tabs = [tab, await site.open(browser)];
      const puts = tabs.map((each, index) =>
        each.callWorker('a', 'put', { ...IMAGE, seed: index + 1, force, stopAt: 9 })
      );
      for (const each of tabs) expect(await each.nextEvent()).toBe('stopped');
      for (const each of tabs) await each.callWorker('a', 'goOn');
      const outcomes = await Promise.all(puts);
      const winner = outcomes.findIndex(({ stored }) => stored);
      expect(outcomes[winner]).toMatchObject({ stored: { name: 'env' } });
      expect(outcomes[1 - winner]).toMatchObject({
        code: 'exists',
        kept: 'env-2',
        error: expect.stringContaining('this one is kept as env-2')
      });
      expect(await tab.call('list')).toEqual(['env', 'env-2']);
      expect(await tab.call('read', 'env')).toEqual({ seed: winner + 1 });
      expect(await tab.call('read', 'env-2')).toEqual({ seed: 2 - winner });
      expect(await tab.call('gc', true)).toEqual([]);
    }
  );
});

describe('on plain http', () => {
  beforeEach(async () => {
    tab = await site.open(browser, site.url.replace('127.0.0.1', PLAIN_HOST));
    expect(await tab.page.evaluate('isSecureContext || "locks" in navigator')).toBe(
      false
    );
  });

  test('an image is put, read, verified and deleted', async () => {
    await tab.callWorker('a', 'put', IMAGE);
    expect(await tab.call('read', 'env')).toEqual({ seed: 1 });
    expect(await tab.call('verify', 'env')).toMatchObject({ stored: { name: 'env' } });
    expect(await tab.call('usage')).toMatchObject({
      used: null,
      quota: null,
      free: null,
      persisted: null,
      images: [{ name: 'env' }]
    });
    await tab.call('deleteWhileOpen', 'env');
    expect(await tab.call('list')).toEqual([]);
  });

  test('what a writer writes is debris after some time, and should it live it is told', async () => {
    const put = tab.callWorker('a', 'put', { ...IMAGE, stopAt: 9 });
    await tab.nextEvent();
    expect(await tab.call('gc', true)).toEqual([]);
    await tab.call('waitADay');
    expect(await tab.call('gc', false)).toMatchObject([{ name: 'env', size: 2 ** 23 }]);
    await tab.callWorker('a', 'goOn');
    expect(await put).toMatchObject({
      code: 'removed',
      error: expect.stringMatching(/^env: not stored, .*Store it again/)
    });
    expect(await tab.call('list')).toEqual([]);
    expect(await tab.call('gc', true)).toEqual([]);
  });
});

describe('a database that cannot be used', () => {
  test('of a newer version: the page is to be reloaded', async () => {
    await tab.call('put', IMAGE);
    // What has it open does not stand in the way.
    await (await site.open(browser)).call('renew');
    for (const outcome of [
      await tab.call('put', { ...IMAGE, force: true }),
      await (await site.open(browser)).call('open')
    ]) {
      expect(outcome).toMatchObject({
        code: 'newer',
        error: expect.stringMatching(/newer form .* Reload the page/)
      });
    }
  });

  test('that another tab keeps from being opened: that one is to be closed', async () => {
    await tab.call('block');
    expect(await (await site.open(browser)).call('open')).toMatchObject({
      code: 'blocked',
      error: expect.stringMatching(/Close or reload the other tabs/)
    });
  });

  test('where the browser stores nothing: that is said', async () => {
    const outcome = await tab.page.evaluate(`new Promise(resolve => {
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-scripts';
      frame.srcdoc = '<script type="module">' +
        'import("${site.url}/page.js").then(() => call("open")).then(result => parent.postMessage(result, "*"))' +
        '</script>';
      onmessage = ({ data }) => resolve(data);
      document.body.append(frame);
    })`);
    expect(outcome).toMatchObject({
      code: 'unavailable',
      error: expect.stringMatching(/does not let this site store anything .*Allow/)
    });
  });
});
