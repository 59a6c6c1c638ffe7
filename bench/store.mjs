// An image put into the store of a browser and read again, beside other ways of keeping bytes there.
//   node bench/store.mjs [--runs 3] [--megabytes 500]
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { openBrowser, serve } from './browser.mjs';
import { finish, median, table } from './report.mjs';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '3' }, megabytes: { type: 'string', default: '500' } }
});
const runs = Number(values.runs);
const size = Number(values.megabytes) * 1e6;
const WAYS = ['store', 'one Blob', 'buffers', 'OPFS, synchronous', 'OPFS, stream'];
const STEPS = ['put', 'open', 'read'];

const folder = mkdtempSync(join(tmpdir(), 'frozenfs-bench-'));
copyFileSync(join(import.meta.dirname, 'store.worker.mjs'), join(folder, 'store.worker.mjs'));
copyFileSync(join(import.meta.dirname, '../jupyter_frozenfs/bundle/frozenfs.mjs'), join(folder, 'frozenfs.mjs'));
writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Store</title>');

/** Memory of a process in bytes that is no file's; Linux only. */
function ownMemory(id) {
  try {
    return Number(/^Pss_Anon:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))[1]) * 1024;
  } catch {
    // It has ended.
    return 0;
  }
}

/** Put and read in a new browser; the times in milliseconds, and by how many bytes memory grew at most. */
async function measure(url, way) {
  const { context, close } = await openBrowser();
  try {
    const page = await context.newPage();
    await page.goto(url);
    const session = await context.browser().newBrowserCDPSession();
    const memory = async () => {
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      const sums = { renderer: 0, browser: 0 };
      for (const { type, id } of processInfo) if (type in sums) sums[type] += ownMemory(id);
      return sums;
    };
    const before = await memory();
    const peaks = Object.fromEntries(STEPS.map(step => [step, { renderer: 0, browser: 0 }]));
    let step = STEPS[0];
    let watching = true;
    const watch = (async () => {
      while (watching) {
        const now = await memory();
        for (const type of ['renderer', 'browser']) {
          peaks[step][type] = Math.max(peaks[step][type], now[type] - before[type]);
        }
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    })();
    await page.exposeFunction('onDone', name => (step = STEPS[STEPS.indexOf(name) + 1] ?? name));
    const answer = await page.evaluate(
      message =>
        new Promise((resolve, reject) => {
          const worker = new Worker('/store.worker.mjs', { type: 'module' });
          worker.onerror = event => reject(new Error(event.message));
          worker.onmessage = ({ data }) => (data.done ? window.onDone(data.done) : resolve(data));
          worker.postMessage(message);
        }),
      { way, size }
    );
    watching = false;
    await watch;
    if (answer.failed) throw new Error(answer.failed);
    const most = type => Math.max(...STEPS.map(name => peaks[name][type]));
    return { ...answer.times, renderer: most('renderer'), browser: most('browser') };
  } finally {
    await close();
  }
}

const server = await serve(folder);
const samples = Object.fromEntries(WAYS.map(way => [way, []]));
for (let run = 0; run < runs; run++) {
  for (const way of WAYS) {
    samples[way].push(await measure(server.url, way));
    console.error(`run ${run + 1}/${runs} ${way}: put ${samples[way].at(-1).put.toFixed()} ms`);
  }
}
server.close();
rmSync(folder, { recursive: true });

const middle = (way, what) => median(samples[way].map(sample => sample[what]));
console.log(`\n${values.megabytes} MB in a worker; medians of ${runs}, milliseconds and MB of memory more than before\n`);
table([
  ['', ...STEPS, 'page', 'browser'],
  ...WAYS.map(way => [
    way,
    ...STEPS.map(step => middle(way, step).toFixed()),
    ...['renderer', 'browser'].map(type => (middle(way, type) / 1e6).toFixed())
  ])
]);
const own = ['renderer', 'browser'].reduce((sum, type) => sum + middle('store', type), 0);
await finish('store', {
  megabytes: Number(values.megabytes),
  samples,
  ratios: {
    put_vs_one_blob: middle('store', 'put') / middle('one Blob', 'put'),
    put_vs_opfs: middle('store', 'put') / middle('OPFS, synchronous', 'put'),
    read_vs_opfs: middle('store', 'read') / middle('OPFS, synchronous', 'read'),
    memory_copies: own / size
  }
});
