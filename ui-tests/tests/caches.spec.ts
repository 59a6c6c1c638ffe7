import { expect } from '@playwright/test';

import {
  expectAllRun,
  expectOutput,
  goto,
  newNotebook,
  openLog,
  openNotebook,
  runAll,
  test
} from './site';

// What comes again comes from JupyterLite's service worker, which is what is tested.
test.use({ httpCache: false });

// Not in the boot prefix: it comes by a range.
const SOURCE = 'import inspect, numpy; "def " in inspect.getsource(numpy.linalg.norm)';

test("a kernel starts and reads ranges while JupyterLite's service worker keeps what it has seen", async ({
  page
}) => {
  await goto(page, 'cached/lab/index.html');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  for (const visit of [1, 2]) {
    await openNotebook(page, '01-a-table.ipynb', 'cached/');
    await runAll(page);
    await expectAllRun(page);
    await expectOutput(page, `${SOURCE}, ${visit}`, `(True, ${visit})`);
  }
  const kept = await page.evaluate(async () => {
    const requests = await (await caches.open('precache')).keys();
    return requests.map(({ url }) => new URL(url).pathname.split('/').at(-1));
  });
  expect(kept).toEqual(expect.arrayContaining(['index.img', 'linked.wasm']));
  // For starts without the snapshot only.
  expect(kept).not.toContain('pyodide.asm.wasm');
});

test('a page that is older than the site says so, and what to do', async ({ page }) => {
  await newNotebook(page, 'course', 'older/');
  const status = page.locator('.jp-FrozenStart.jp-mod-failed');
  await expect(status).toContainText('Course could not start');
  const log = await openLog(page);
  await expect(log).toContainText('answered 404');
  await expect(log).toContainText('reload the page');
});

test('an image that has lost its end stops the start, and names the file', async ({
  page
}) => {
  await newNotebook(page, 'course', 'truncated/');
  const status = page.locator('.jp-FrozenStart.jp-mod-failed');
  await expect(status).toContainText('Course could not start');
  await expect(await openLog(page)).toContainText('start.img');
});

test.describe('without a service worker', () => {
  // What goes through one cannot be taken away from here.
  test.use({ serviceWorkers: 'block' });

  test('a kernel whose program is gone says so, and what to do', async ({
    context,
    page
  }) => {
    await context.route('**/comlink.worker.*', route => route.fulfill({ status: 404 }));
    await newNotebook(page, 'course');
    const status = page.locator('.jp-FrozenStart.jp-mod-failed');
    await expect(status).toContainText(
      'its program could not be loaded. Reload the page'
    );
    await expect(await openLog(page)).toContainText('comlink.worker');
  });
});
