import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { bundled } from '../browser/bundled';
import type { Page } from '../browser/devtools';
import { Browser } from '../browser/devtools';

/** Size of the tree; `make soak` has the time for more. */
const MEBIBYTES = process.env.FROZENFS_SOAK ? 500 : 100;

/** The most memory for so many bytes of data: beside a small tree, the buffers of a browser count for more. */
const mostFor = (data: number) => (MEBIBYTES < 500 ? data + 240e6 : 1.6 * data);

const PYODIDE = dirname(createRequire(import.meta.url).resolve('pyodide'));

/** Workers by name, one message at a time. */
const PAGE = `<!doctype html><script type="module">
const workers = {};
globalThis.call = async (worker, name, argument) => {
  const one = (workers[worker] ??= new Worker('/worker.js', { type: 'module' }));
  const answer = new Promise(resolve => (one.onmessage = ({ data }) => resolve(data)));
  one.postMessage([name, argument]);
  const { failed, value } = await answer;
  if (failed) throw new Error(failed);
  return value;
};
</script>`;

let server: Server;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const worker = await bundled(new URL('large-worker.ts', import.meta.url));
  server = createServer(({ url }, response) => {
    const send = (type: string, body: string | Buffer) =>
      response.writeHead(200, { 'Content-Type': type }).end(body);
    if (url === '/') send('text/html', PAGE);
    else if (url === '/worker.js') send('text/javascript', worker);
    else if (url?.startsWith('/pyodide/')) {
      const type = url.endsWith('.wasm') ? 'application/wasm' : 'text/javascript';
      send(type, readFileSync(join(PYODIDE, url.slice('/pyodide/'.length))));
    } else response.writeHead(404).end();
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  await open();
});

afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

async function open(profile?: string): Promise<void> {
  browser = Browser.start(profile);
  page = await browser.open(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  );
}

function call<T>(worker: string, name: string, argument?: unknown): Promise<T> {
  return page.evaluate(
    `call(${[worker, name, argument].map(one => JSON.stringify(one ?? null)).join(', ')})`
  );
}

/** The most memory that the browser has while something is done, beyond what it had `before`, in bytes. */
async function most(before: number, work: () => Promise<unknown>): Promise<number> {
  let found = 0;
  let isDone = false;
  const watch = (async () => {
    while (!isDone) {
      found = Math.max(found, (await browser.memory()) - before);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  })();
  await work().finally(() => (isDone = true));
  await watch;
  return found;
}

test(`${MEBIBYTES} MiB are frozen into the store, and thawed in another browser, in little more memory`, async () => {
  const data = MEBIBYTES * 2 ** 20;
  await call('one', 'start');
  const started = await browser.memory();
  await call('one', 'fill', MEBIBYTES);
  const freezing = await most(started, () => call('one', 'freeze'));
  const digest = await call<string>('one', 'digest');
  await browser.kill();

  await open(browser.profile);
  await call('another', 'start');
  const again = await browser.memory();
  let created = 0;
  const thawing = await most(again, async () => {
    created = await call<number>('another', 'thaw');
  });
  expect(created).toBeGreaterThan(1021); // the files, and their directory
  expect(await call('another', 'digest')).toBe(digest);
  expect(freezing).toBeLessThan(mostFor(data));
  expect(thawing).toBeLessThan(mostFor(data));
});
