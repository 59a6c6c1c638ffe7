// A live filesystem frozen to bytes and thawed into an empty one, beside emscripten-fs-blob and the least that it can
// cost, in Node and Chromium, on the site-packages of the example course; and a layer beside all of a mounted image.
//   EMSCRIPTEN_FS_BLOB=FOLDER node bench/freeze.mjs SITES [--runs 9]
// FOLDER is the root of emscripten-fs-blob's source; without it, there are our times and the limit only.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { openBrowser, serve } from './browser.mjs';
import { environmentOf } from './environment.mjs';
import { finish, median, table } from './report.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runs: { type: 'string', default: '9' } } });
const runs = Number(values.runs);
const site = join(resolve(positionals[0]), 'frozen');
const image = join(site, environmentOf(site, 'course'), 'image.img');
const fsBlob = process.env.EMSCRIPTEN_FS_BLOB && join(resolve(process.env.EMSCRIPTEN_FS_BLOB), 'src');
const HERE = import.meta.dirname;
const ROOT = join(HERE, '..');

function inNode(what) {
  const args = ['--expose-gc', join(HERE, 'freeze.node.mjs'), what, image, String(runs)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 2 ** 26 }));
}

async function inChromium() {
  const folder = mkdtempSync(join(tmpdir(), 'frozenfs-bench-'));
  copyFileSync(join(HERE, 'freeze.run.mjs'), join(folder, 'freeze.run.mjs'));
  copyFileSync(join(ROOT, 'jupyter_frozenfs/bundle/frozenfs.mjs'), join(folder, 'frozenfs.mjs'));
  cpSync(join(ROOT, 'labextension/node_modules/pyodide'), join(folder, 'pyodide'), { recursive: true, dereference: true });
  if (fsBlob) cpSync(fsBlob, join(folder, 'fs-blob'), { recursive: true });
  symlinkSync(image, join(folder, 'image.img'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Freeze</title>');
  const server = await serve(folder);
  const browser = await openBrowser();
  try {
    const page = await browser.context.newPage();
    await page.goto(server.url);
    return await page.evaluate(
      async ({ runs, hasPeer }) => {
        const { measure } = await import('/freeze.run.mjs');
        const frozen = await import('/frozenfs.mjs');
        const fsBlob = hasPeer && (await import('/fs-blob/index.js'));
        const { loadPyodide } = await import('/pyodide/pyodide.mjs');
        const { FS } = await loadPyodide({ indexURL: '/pyodide/' });
        const bytes = new Uint8Array(await (await fetch('/image.img')).arrayBuffer());
        return measure({ FS, frozen, fsBlob, bytes }, runs);
      },
      { runs, hasPeer: Boolean(fsBlob) }
    );
  } finally {
    await browser.close();
    server.close();
    rmSync(folder, { recursive: true });
  }
}

const node = inNode('times');
const memory = inNode('memory');
const chromium = await inChromium();
const { tree, losses } = node;
console.log(`${tree.files} files, ${(tree.bytes / 1e6).toFixed(0)} MB\n`);

const places = {};
const layers = {};
for (const [place, samples] of Object.entries({ Node: node.samples, Chromium: chromium.samples })) {
  ({ layer: layers[place], ...places[place] } = samples);
}
const whose = ['ours', ...(fsBlob ? ['theirs'] : []), 'limit'];
const HEADS = { ours: 'jupyter-frozenfs', theirs: 'emscripten-fs-blob', limit: 'copy and CRC' };
table([
  ['milliseconds', ...whose.map(one => HEADS[one])],
  ...Object.entries(places).flatMap(([place, samples]) =>
    Object.entries(samples).map(([what, times]) => [`${what}, ${place}`, ...whose.map(one => median(times[one]).toFixed(0))])
  )
]);
console.log();
const who = Object.keys(losses);
table([
  ['frozen and thawed', ...who.map(one => HEADS[one])],
  ...Object.keys(losses.ours).map(what => [what, ...who.map(one => losses[one][what])])
]);

const ratios = {};
for (const [place, samples] of Object.entries(places)) {
  const suffix = place === 'Node' ? '' : '_chromium';
  for (const [what, times] of Object.entries(samples)) {
    const ours = median(times.ours);
    if (fsBlob) ratios[`${what}_vs_fsblob${suffix}`] = ours / median(times.theirs);
    ratios[`${what}_vs_limit${suffix}`] = ours / median(times.limit);
  }
}
table([
  ['after the installation of a small package', 'layer ms', 'everything ms'],
  ...Object.entries(layers).map(([place, { ours, full }]) => [place, median(ours).toFixed(1), median(full).toFixed()])
]);
console.log();
ratios.layer_vs_full = Math.max(...Object.values(layers).map(({ ours, full }) => median(ours) / median(full)));
ratios.memory_copies = Math.max(memory.freeze, memory.thaw);
await finish('freeze', { ratios, samples: places, layers, memory, tree, losses });
