// page opened → notebook visible → first figure, on a stock site and on a frozen site with the same packages; the latter
// once as it is (prewarmed: a kernel starts when the page opens), and once where nothing is fetched before it is asked for;
// and on one whose kernel starts from its image, without a snapshot.
//   node bench/kernel-start.mjs SITES [--runs 3]        (SITES holds stock/, frozen/ and image/: see sites.py)
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { openBrowser, serve } from './browser.mjs';
import { finish, median, table } from './report.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '3' } } });
const runs = Number(values.runs);
const KINDS = ['stock', 'frozen', 'prewarmed', 'image'];
const VISITS = ['cold', 'warm'];

/** How long a visitor looks at the figure before leaving, in milliseconds: browsers and kernels keep things meanwhile. */
const STAY = 6000;

/** Requests that are made for the kernel, not for JupyterLab. */
const KERNEL = /\/(static\/pyodide|frozen|pypi)\/|\.whl$|\.worker\.[^/]*js$/;

/** One visit: milliseconds from the page's opening, requests and bytes of the kernel and of the whole page. */
async function visit(context, site, notebook) {
  const page = await context.newPage();
  site.log.length = 0;
  const opened = performance.now();
  await page.goto(`${site.url}/lab/index.html?path=${notebook}`);
  await page.locator('.jp-Notebook .jp-Cell').first().waitFor({ timeout: 120_000 });
  const visible = performance.now();
  await page.evaluate(async () => {
    const { jupyterapp: app } = window;
    await app.shell.currentWidget.sessionContext.ready;
    void app.commands.execute('notebook:run-all-cells');
  });
  await page.locator('.jp-OutputArea-output img').first().waitFor({ timeout: 180_000 });
  const result = performance.now();
  const kernel = site.log.filter(({ path }) => KERNEL.test(path));
  const bytes = entries => entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const measured = {
    visible: visible - opened,
    result: result - visible,
    page: result - opened,
    requests: kernel.length,
    bytes: bytes(kernel),
    pageRequests: site.log.length,
    pageBytes: bytes(site.log),
    paths: kernel.map(({ path, range, status, bytes }) => `${status} ${bytes} ${path} ${range}`)
  };
  await page.waitForTimeout(STAY);
  await page.close();
  return measured;
}

/** The page's configuration, with no kernel that starts before it is asked for. */
function withoutPrewarming(config) {
  const page = JSON.parse(config);
  for (const environment of page['jupyter-config-data'].litePluginSettings['jupyter-frozenfs:kernel'].environments) {
    environment.prewarm = false;
  }
  return JSON.stringify(page);
}

const [folder] = positionals;
const notPrewarmed = site =>
  serve(site, { '/jupyter-lite.json': withoutPrewarming(readFileSync(join(site, 'jupyter-lite.json'), 'utf8')) });
const sites = {
  stock: await serve(join(folder, 'stock')),
  frozen: await notPrewarmed(join(folder, 'frozen')),
  prewarmed: await serve(join(folder, 'frozen')),
  image: await notPrewarmed(join(folder, 'image'))
};
const samples = Object.fromEntries(KINDS.map(kind => [kind, { cold: [], warm: [] }]));
for (let run = 0; run < runs; run++) {
  // Interleaved, so that a busy moment of the machine hits both.
  for (const kind of KINDS) {
    const browser = await openBrowser();
    try {
      for (const which of VISITS) {
        const sample = await visit(browser.context, sites[kind], 'plot.ipynb');
        samples[kind][which].push(sample);
        console.error(`run ${run + 1}/${runs} ${kind} ${which}: visible ${sample.visible.toFixed()} ms, then result ${sample.result.toFixed()} ms`);
      }
    } finally {
      await browser.close();
    }
  }
}
for (const kind of KINDS) sites[kind].close();

const value = (kind, which, key) => median(samples[kind][which].map(sample => sample[key]));
const rows = [['site', 'visit', 'visible ms', 'visible→figure ms', 'opened→figure ms', 'kernel requests', 'kernel MB', 'page requests', 'page MB']];
for (const kind of KINDS) {
  for (const which of VISITS) {
    const get = key => value(kind, which, key);
    rows.push([kind, which, get('visible').toFixed(), get('result').toFixed(), get('page').toFixed(), get('requests'),
      (get('bytes') / 1e6).toFixed(1), get('pageRequests'), (get('pageBytes') / 1e6).toFixed(1)]);
  }
}
table(rows);
const ratio = (which, key, ours = 'frozen', theirs = 'stock') => value(ours, which, key) / value(theirs, which, key);
await finish('kernel-start', {
  ratios: {
    cold: ratio('cold', 'result'),
    warm: ratio('warm', 'result'),
    page_cold: ratio('cold', 'page', 'prewarmed'),
    page_warm: ratio('warm', 'page', 'prewarmed'),
    visible_cold: ratio('cold', 'visible', 'prewarmed', 'frozen'),
    visible_warm: ratio('warm', 'visible', 'prewarmed', 'frozen'),
    image_cold: ratio('cold', 'result', 'image'),
    image_warm: ratio('warm', 'result', 'image'),
    requests: ratio('cold', 'requests'),
    bytes: ratio('cold', 'bytes')
  },
  samples
});
