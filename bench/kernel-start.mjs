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

/** How often a visitor runs the notebook again, a second apart: engines keep compiled code of those who work. */
const AGAIN = 2;

/** How long a visitor stays then, in milliseconds: browsers and kernels keep things meanwhile. */
const STAY = 4000;

/** Requests that are made for the kernel, not for JupyterLab. */
const KERNEL = /\/(static\/pyodide|frozen|pypi)\/|\.whl$|\.worker\.[^/]*js$/;

/**
 * Runs in each page, from its first moment: runs the notebook as soon as it is visible, and answers when it was and when its
 * figure was, in milliseconds of the page's clock. A test runner asks less and less often, in the end twice a second.
 */
function watch() {
  window.visited = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('no figure after three minutes')), 180_000);
    let visible = null;
    async function run() {
      const { jupyterapp: app } = window;
      await app.shell.currentWidget.sessionContext.ready;
      await app.commands.execute('notebook:run-all-cells');
    }
    function look() {
      const now = performance.now();
      if (visible === null) {
        if (document.querySelector('.jp-Notebook .jp-Cell')?.checkVisibility()) {
          visible = now;
          run().catch(reject);
        }
      } else {
        const image = document.querySelector('.jp-OutputArea-output img');
        if (image?.complete && image.checkVisibility()) return resolve({ visible, figure: now });
      }
      requestAnimationFrame(look);
    }
    look();
  });
}

/** One visit: milliseconds from the page's opening, requests and bytes of the kernel and of the whole page. */
async function visit(context, site, notebook) {
  const page = await context.newPage();
  await page.addInitScript(watch);
  site.log.length = 0;
  await page.goto(`${site.url}/lab/index.html?path=${notebook}`);
  const { visible, figure } = await page.evaluate(() => window.visited);
  const kernel = site.log.filter(({ path }) => KERNEL.test(path));
  const bytes = entries => entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const measured = {
    visible,
    result: figure - visible,
    page: figure,
    requests: kernel.length,
    bytes: bytes(kernel),
    pageRequests: site.log.length,
    pageBytes: bytes(site.log),
    paths: kernel.map(({ path, range, status, bytes }) => `${status} ${bytes} ${path} ${range}`)
  };
  for (let time = 0; time < AGAIN; time++) {
    await page.evaluate(() => window.jupyterapp.commands.execute('notebook:run-all-cells'));
    await page.waitForTimeout(1000);
  }
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
