import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { bundled } from '../browser/bundled';
import { Browser, type Page } from '../browser/devtools';
import { noise } from '../image/noise';
import type { PanelCalls } from './browser-page';
import { type Files, imageOf } from './images';
import { PanelSite } from './site';

const COUNT = 10_000;

let site: PanelSite;
let browser: Browser;
let page: Page;

function call<N extends keyof PanelCalls>(
  name: N,
  argument?: Parameters<PanelCalls[N]>[0],
  tab = page
): Promise<Awaited<ReturnType<PanelCalls[N]>>> {
  return tab.evaluate(
    `call(${JSON.stringify(name)}, ${JSON.stringify(argument) ?? ''})`
  );
}

beforeAll(async () => {
  site = await PanelSite.start();
  const files: Files = { '/data.bin': noise(9_000_000, 1) };
  for (let i = 0; i < COUNT; i++) {
    files[`/lib/${i % 100}/module${i}.py`] = `number ${i}`;
  }
  site.environment('course', await imageOf(files));
  const [script, worker] = await Promise.all([
    bundled(new URL('browser-page.ts', import.meta.url)),
    bundled(new URL('../../src/panel/images.worker.ts', import.meta.url))
  ]);
  site.files.set('page.js', script);
  site.files.set('images.worker.js', worker);
  site.files.set('', '<!doctype html><script type="module" src="page.js"></script>');
  browser = Browser.start();
  page = await browser.open(site.url);
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

function keyOf(): string {
  return `site:${site.url}frozen/course/aaaa/environment.json`;
}

test('an image of the site is opened by the worker, and only as far as it is looked at', async () => {
  expect(await call('list')).toEqual([keyOf()]);
  expect(await call('look', { key: keyOf(), query: 'MODULE4711.' })).toEqual({
    count: COUNT + 103,
    total: 1,
    path: '/lib/11/module4711.py',
    text: 'number 4711'
  });
  expect(site.requests.filter(line => line.includes('image.img whole'))).toEqual([]);
});

test('an image is kept, verified and seen by the store', async () => {
  const { row, last } = await call('keep', { key: keyOf(), name: 'copy.img' });
  expect(row).toMatchObject({ key: 'store:copy.img', origin: 'imported' });
  expect(last).toBe(row.size);
  expect(await call('verify', 'store:copy.img')).toBe('verified');
  expect(await call('cancelVerify', 'store:copy.img')).toBe('AbortError');
  expect(await call('room')).toEqual([{ name: 'copy.img', what: 'image' }]);
});

test('what another tab puts is listed within a second', async () => {
  const other = await browser.open(site.url);
  const before = await call('changes');
  await call('putElsewhere', 'other.img', other);
  await vi.waitFor(async () => expect(await call('changes')).toBeGreaterThan(before), {
    timeout: 1000
  });
  expect(await call('list')).toContain('store:other.img');
  await other.close();
});

test('a worker that cannot be started says so', async () => {
  expect(await call('withoutWorker')).toMatch(/worker .* could not be started.*Reload/);
});
