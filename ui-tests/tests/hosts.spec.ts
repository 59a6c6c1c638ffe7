import { expect } from '@playwright/test';

import { PLAIN_PORT } from '../server.mjs';
import {
  createNotebook,
  expectAllRun,
  expectOutput,
  goto,
  newNotebook,
  openLog,
  openNotebook,
  runAll,
  test,
  waitForKernel
} from './site';

const PLOT = 'import matplotlib.pyplot as plt; len(plt.plot([1, 2]))';

test('a site runs below a folder', async ({ page }) => {
  await openNotebook(page, '02-a-figure.ipynb', 'course/2026/');
  await runAll(page);
  await expectAllRun(page);
});

test('two sites of one origin run side by side', async ({ page, context }) => {
  await newNotebook(page, 'small');
  await expectOutput(page, 'place = "first"; place', 'first');
  const second = await context.newPage();
  const requested: string[] = [];
  second.on('request', request => requested.push(new URL(request.url()).pathname));
  await second.goto('course/2026/lab/index.html?path=01-a-table.ipynb');
  await second.locator('.jp-Notebook .jp-Cell').first().waitFor();
  await waitForKernel(second);
  await second.getByRole('menuitem', { name: 'Run', exact: true }).click();
  await second.getByRole('menuitem', { name: 'Run All Cells', exact: true }).click();
  await expect(second.locator('table', { hasText: '07 Jul' })).toBeVisible();
  expect(requested.filter(path => path.startsWith('/frozen/'))).toEqual([]);
  await expectOutput(page, 'place', 'first');
});

test('a damaged image stops the start with a message that says what to do', async ({
  page
}) => {
  await newNotebook(page, 'course', 'damaged/');
  const status = page.locator('.jp-FrozenStart.jp-mod-failed');
  await expect(status).toContainText(
    'Course could not start: its files are damaged. Reload the page'
  );
  await expect(page.locator('.Toastify__toast--error')).toContainText(
    'its files are damaged'
  );
  const log = await openLog(page);
  await expect(log).toContainText('/damaged/frozen/api/course/');
  await expect(log).toContainText(/chunk \d+ is damaged/);
});

test('the other kernel of a site with a damaged image runs', async ({ page }) => {
  await newNotebook(page, 'small', 'damaged/');
  await expectOutput(page, '1 + 1', '2');
});

test('a host without ranges costs a whole download, and the log says so', async ({
  page
}) => {
  await newNotebook(page, 'course', 'rangeless/');
  await expectOutput(page, PLOT, '1');
  await expectOutput(
    page,
    'import inspect, numpy; "def " in inspect.getsource(numpy.linalg.norm)',
    'True'
  );
  await expect(await openLog(page)).toContainText(/whole/);
});

test('a host that compresses ranges costs a whole download, and the log says so', async ({
  page
}) => {
  await newNotebook(page, 'course', 'gzipped/');
  await expectOutput(page, PLOT, '1');
  await expectOutput(
    page,
    'import inspect, numpy; "def " in inspect.getsource(numpy.linalg.norm)',
    'True'
  );
  await expect(await openLog(page)).toContainText(/whole/);
});

test('a kernel of a page that was reloaded past its caches runs, and says what it does not see', async ({
  page,
  context
}) => {
  await goto(page, 'lab/index.html');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const client = await context.newCDPSession(context.pages()[0]!);
  const loaded = page.waitForEvent('load');
  await client.send('Page.reload', { ignoreCache: true });
  await loaded;
  await page.waitForFunction(() => 'jupyterapp' in window);
  await createNotebook(page, 'small');
  expect(await page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
  await expectOutput(page, 'import os; os.listdir(); 1 + 1', '2');
  await expect(await openLog(page)).toContainText('no service worker');
});

test.describe('on an origin that browsers do not trust', () => {
  test.use({ baseURL: `http://classroom.test:${PLAIN_PORT}` });

  test('the kernel runs without crypto.subtle and service workers, and the log says what is missing', async ({
    page
  }) => {
    await newNotebook(page, 'course');
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    await expectOutput(page, PLOT, '1');
    await expect(await openLog(page)).toContainText('no service worker');
  });
});
