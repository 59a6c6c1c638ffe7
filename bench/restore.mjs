// A restore beside the least that it can cost: the same bytes fetched, decoded, instantiated and copied once.
//   node bench/restore.mjs SITES [--runs 3]   (SITES holds stock/, frozen/ and science/: see sites.py)
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { openBrowser, serve } from './browser.mjs';
import { environmentOf } from './environment.mjs';
import { settledMemory } from './memory.mjs';
import { finish, median, table } from './report.mjs';
import { restoreInNode } from './restore-node.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '3' } } });
const runs = Number(values.runs);
const sites = resolve(positionals[0]);
const ENVIRONMENTS = { course: 'frozen', science: 'science' };
const HERE = import.meta.dirname;

/** How long a visitor stays after the memory is kept, in milliseconds: the runtime's scripts are run once more meanwhile. */
const STAY = 3000;

/** A folder to serve: the built site's environments, and the scripts. */
const folder = mkdtempSync(join(tmpdir(), 'frozenfs-bench-'));
const scripts = {
  'restore.worker.mjs': HERE,
  'restore-limit.mjs': HERE,
  'frozenfs.mjs': join(HERE, '../jupyter_frozenfs/bundle'),
  'decoder.worker.js': join(HERE, '../labextension/lib/kernel')
};
for (const [name, from] of Object.entries(scripts)) copyFileSync(join(from, name), join(folder, name));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Restore</title>');
for (const site of Object.values(ENVIRONMENTS)) symlinkSync(join(sites, site), join(folder, site));

function manifestOf(name) {
  const site = ENVIRONMENTS[name];
  const environment = environmentOf(join(sites, site), name);
  return { path: join(sites, site, environment), url: `/${join(site, environment)}/environment.json` };
}

/** Have a new worker do one thing. */
async function inWorker(page, message) {
  const answer = await page.evaluate(
    message =>
      new Promise((resolve, reject) => {
        const worker = new Worker('/restore.worker.mjs', { type: 'module' });
        worker.onerror = event => reject(new Error(event.message));
        worker.onmessage = ({ data }) => {
          // What is to be kept for the next start is written by a worker of this one.
          if (message.what !== 'restore') worker.terminate();
          resolve(data);
        };
        worker.postMessage(message);
      }),
    message
  );
  if (answer.failed) throw new Error(answer.failed);
  return answer;
}

const server = await serve(folder);
const samples = {};
const keep = (name, what, sample) => ((samples[name] ??= {})[what] ??= []).push(sample);

async function inBrowser(use) {
  const browser = await openBrowser();
  try {
    const page = await browser.context.newPage();
    await page.goto(server.url);
    await use(page, browser.context);
  } finally {
    await browser.close();
  }
}

for (let run = 0; run < runs; run++) {
  for (const name of Object.keys(ENVIRONMENTS)) {
    const url = server.url + manifestOf(name).url;
    await inBrowser(async page => {
      const { sha256, ...cold } = await inWorker(page, { what: 'restore', url, kept: null });
      keep(name, 'cold', cold);
      await inWorker(page, { what: 'untilKept', sha256 });
      await page.waitForTimeout(STAY);
      await page.reload();
      keep(name, 'warm', await inWorker(page, { what: 'restore', url, kept: sha256 }));
      await page.reload();
      keep(name, 'limit warm', await inWorker(page, { what: 'limitWarm', url }));
    });
    await inBrowser(async page => keep(name, 'limit cold', await inWorker(page, { what: 'limitCold', url })));
    const inNode = await restoreInNode(manifestOf(name).path);
    keep(name, 'Node', inNode.restore);
    keep(name, 'limit Node', inNode.limit);
    console.error(`run ${run + 1}/${runs} ${name}`, ...['cold', 'limit cold', 'warm', 'limit warm'].map(what => `${what} ${samples[name][what].at(-1).total.toFixed()} ms`));
  }
}
server.close();
rmSync(folder, { recursive: true });

// --- memory of the page, settled after the first figure ---

const memory = {};
for (const kind of ['stock', 'frozen']) {
  const site = await serve(join(sites, kind));
  const browser = await openBrowser();
  const page = await browser.context.newPage();
  await page.goto(`${site.url}/lab/index.html?path=plot.ipynb`);
  await page.locator('.jp-Notebook .jp-Cell').first().waitFor({ timeout: 120_000 });
  await page.evaluate(async () => {
    const { jupyterapp: app } = window;
    await app.shell.currentWidget.sessionContext.ready;
    void app.commands.execute('notebook:run-all-cells');
  });
  await page.locator('.jp-OutputArea-output img').first().waitFor({ timeout: 180_000 });
  await page.waitForTimeout(10_000);
  memory[kind] = await settledMemory(browser.context, page);
  await browser.close();
  site.close();
}

// --- the report ---

const total = (name, what) => median(samples[name][what].map(sample => sample.total));
for (const name of Object.keys(ENVIRONMENTS)) {
  const columns = ['cold', 'limit cold', 'warm', 'limit warm', 'Node', 'limit Node'];
  const steps = [...new Set(columns.flatMap(what => Object.keys(samples[name][what][0].steps)))];
  const cell = (what, step) => {
    const found = samples[name][what].map(({ steps }) => steps[step]).filter(time => time !== undefined);
    return found.length ? median(found).toFixed() : '–';
  };
  console.log();
  table([
    [`${name}, milliseconds`, ...columns],
    ...steps.map(step => [step, ...columns.map(what => cell(what, step))]),
    ['in all', ...columns.map(what => total(name, what).toFixed())]
  ]);
}
console.log();
table([['memory of the page, MB', ''], ...Object.entries(memory).map(([kind, bytes]) => [kind, (bytes / 1e6).toFixed()])]);
await finish('restore', {
  ratios: {
    cold_vs_limit: total('course', 'cold') / total('course', 'limit cold'),
    warm_vs_limit: total('course', 'warm') / total('course', 'limit warm'),
    science_cold_vs_limit: total('science', 'cold') / total('science', 'limit cold'),
    science_warm_vs_limit: total('science', 'warm') / total('science', 'limit warm'),
    memory_vs_stock: memory.frozen / memory.stock
  },
  samples,
  memory
});
