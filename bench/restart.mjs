// Restart a frozen kernel five times: does the page keep what the kernels before had, and is a restart as fast as a start?
//   node bench/restart.mjs SITES            (SITES holds frozen/: see sites.py)
import { join } from 'node:path';

import { openBrowser, serve } from './browser.mjs';
import { settledMemory } from './memory.mjs';
import { finish, median, table } from './report.mjs';

const RESTARTS = 5;

const site = await serve(join(process.argv[2], 'frozen'));
const browser = await openBrowser();
const page = await browser.context.newPage();
await page.goto(`${site.url}/lab/index.html?path=plot.ipynb`);
await page.locator('.jp-Notebook .jp-Cell').first().waitFor({ timeout: 120_000 });

/** Run the notebook, from the moment that the kernel is asked for. */
async function figure(command) {
  const begun = performance.now();
  await page.evaluate(async id => {
    const { jupyterapp: app } = window;
    const { sessionContext, content } = app.shell.currentWidget;
    await sessionContext.ready;
    content.model.sharedModel.cells.forEach(cell => cell.setOutputs?.([]));
    if (id === 'restart') await sessionContext.session.kernel.restart();
    void app.commands.execute('notebook:run-all-cells');
  }, command);
  await page.locator('.jp-OutputArea-output img').first().waitFor({ timeout: 180_000 });
  return performance.now() - begun;
}

const rows = [['start', 'ms to the figure', 'resident MB']];
const times = [];
const memory = [];
for (let start = 0; start <= RESTARTS; start++) {
  times.push(await figure(start ? 'restart' : 'start'));
  memory.push(await settledMemory(browser.context, page));
  rows.push([start ? `restart ${start}` : 'first', times.at(-1).toFixed(), (memory.at(-1) / 1e6).toFixed()]);
}
await browser.close();
site.close();
table(rows);
await finish('restart', {
  ratios: {
    memory_growth: memory.at(-1) / memory[1],
    restart_vs_first: median(times.slice(1)) / times[0]
  },
  times,
  memory
});
