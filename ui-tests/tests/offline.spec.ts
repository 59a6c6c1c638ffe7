import { expect } from '@playwright/test';

import { NO_NETWORK } from '../server.mjs';
import {
  expectOutput,
  goto,
  newNotebook,
  openLog,
  openBeside,
  outputs,
  restart,
  run,
  test
} from './site';

// What comes again comes from JupyterLite's service worker, which is what is tested.
test.use({ httpCache: false });

const PLOT = `
import pandas
axes = pandas.DataFrame({"a": [1, 2], "b": [2, 1]}).plot()
`;

test('a second visit needs no network: the page, its kernel, a figure, a restart', async ({
  page,
  context,
  baseURL
}) => {
  const plot = async () => {
    const figure = outputs(await run(page, PLOT)).locator('img');
    await expect(figure).toBeVisible();
  };
  await goto(page, 'cached/lab/index.html');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await newNotebook(page, 'course', 'cached/');
  await plot();
  await page.notebook.save();

  const [name, value] = NO_NETWORK.split('=');
  await context.addCookies([{ name, value, url: baseURL! }]);
  await goto(page, 'cached/lab/index.html');
  await openBeside(page, 'Untitled.ipynb', 'split-right');
  await plot();
  await restart(page);
  await plot();

  // The files of the other environment are not there.
  await newNotebook(page, 'small', 'cached/');
  const status = page.locator('.jp-FrozenStart.jp-mod-failed');
  await expect(status).toContainText('Check the network');
  await expect(await openLog(page)).toContainText('environment.json');
});

/** Reads a file that neither a start nor the warm-up has read. */
const SOURCE = `
import inspect, pandas.io.formats.style as style
inspect.getsource(style.Styler)
`;

test('offline, what was never read is an error at once, and the log says why', async ({
  page,
  context
}) => {
  await newNotebook(page, 'course');
  await expectOutput(page, '1 + 1', '2');
  await context.setOffline(true);
  const error = outputs(await run(page, SOURCE)).last();
  await expect(error).toContainText('I/O error', { timeout: 10_000 });
  await expect(await openLog(page)).toContainText(
    /image\.img: cannot be fetched, the browser is offline and has not kept it/
  );
});
