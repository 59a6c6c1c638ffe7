// The panel's tree of an image with many entries, beside a plain list of as many rows as are in sight, in the same page.
//   node bench/panel.mjs [--runs 15] [--entries 100000] [--frames 30]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { openBrowser, serve } from './browser.mjs';
import { finish, median, table } from './report.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '15' },
    entries: { type: 'string', default: '100000' },
    frames: { type: 'string', default: '30' }
  }
});
const [runs, entries, frames] = [values.runs, values.entries, values.frames].map(Number);

const labextension = new URL('../labextension/', import.meta.url);
const { build } = createRequire(new URL('package.json', labextension))('esbuild');
const folder = mkdtempSync(join(tmpdir(), 'frozenfs-bench-'));
await build({
  entryPoints: [join(import.meta.dirname, 'panel.page.ts')],
  outfile: join(folder, 'page.js'),
  // The page lies outside of the labextension, and has its packages.
  nodePaths: [join(labextension.pathname, 'node_modules')],
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  logLevel: 'warning'
});
writeFileSync(
  join(folder, 'index.html'),
  `<!doctype html><meta charset="utf-8"><title>Panel</title>
<style>${readFileSync(new URL('style/panel.css', labextension), 'utf8')}
.host { display: flex; flex-direction: column; inline-size: 320px; block-size: 600px; font: 13px/1.4 sans-serif; overflow: hidden; }
.plain { margin: 0; padding: 0; list-style: none; }
.plain li { display: flex; justify-content: space-between; block-size: 24px; line-height: 24px; }
</style>
<script type="module" src="page.js"></script>`
);

const server = await serve(folder);
const { context, close } = await openBrowser();
const samples = [];
try {
  const page = await context.newPage();
  await page.goto(server.url);
  await page.waitForFunction(() => window.sample);
  // The first run compiles what is measured.
  for (let run = -1; run < runs; run++) {
    const times = await page.evaluate(([n, f]) => window.sample(n, f), [entries, frames]);
    if (run >= 0) samples.push(times);
    console.error(`run ${run + 1}/${runs}: shown in ${times.showTree.toFixed(1)} ms`);
  }
} finally {
  await close();
  server.close();
  rmSync(folder, { recursive: true });
}

const middle = what => median(samples.map(sample => sample[what]));
const ratio = (ours, theirs) => median(samples.map(sample => sample[ours] / sample[theirs]));
console.log(`\n${entries.toLocaleString('en')} entries, 25 rows in sight; medians of ${runs}, milliseconds\n`);
table([
  ['', 'tree', 'plain'],
  ['show', middle('showTree').toFixed(2), middle('showList').toFixed(2)],
  ['a frame, a page further', middle('scrollPage').toFixed(2), middle('drawList').toFixed(2)],
  ['a frame, four rows further', middle('scrollWheel').toFixed(2), middle('drawList').toFixed(2)],
  ['first search', middle('firstSearch').toFixed(2), middle('scan').toFixed(2)],
  ['search', middle('search').toFixed(2), middle('scan').toFixed(2)]
]);
await finish('panel', {
  entries,
  samples,
  ratios: {
    show_vs_list: ratio('showTree', 'showList'),
    scroll_vs_list: ratio('scrollPage', 'drawList'),
    wheel_vs_list: ratio('scrollWheel', 'drawList'),
    first_search_vs_scan: ratio('firstSearch', 'scan'),
    search_vs_scan: ratio('search', 'scan')
  }
});
