// What `freeze.mjs` measures in Node, in a process of its own; prints JSON.
//   node --expose-gc bench/freeze.node.mjs times|memory IMAGE RUNS
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import * as frozen from '../jupyter_frozenfs/bundle/frozenfs.mjs';
import { freeze, lay, losses, measure, thaw } from './freeze.run.mjs';

const require = createRequire(new URL('../labextension/package.json', import.meta.url));
const { loadPyodide } = await import(require.resolve('pyodide/pyodide.mjs'));

const [what, file, runs] = process.argv.slice(2);
const folder = process.env.EMSCRIPTEN_FS_BLOB;
const fsBlob = folder && (await import(pathToFileURL(join(resolve(folder), 'src/index.js'))));
const { FS } = await loadPyodide();
const bench = { FS, frozen, fsBlob, bytes: new Uint8Array(readFileSync(file)) };

/** Resident memory in bytes, now or at its highest since `forget`; Linux only. */
function resident(field) {
  const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(kilobytes) * 1024;
}
const forget = () => writeFileSync('/proc/self/clear_refs', '5');

/** The most memory that an action takes beside what was there, in bytes. */
async function peak(action) {
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  forget();
  const before = resident('VmRSS');
  const result = await action();
  return [resident('VmHWM') - before, result];
}

async function memory() {
  const root = await lay(bench);
  bench.bytes = null;
  // Once before, for the compilers and what grows only once.
  await freeze(bench, root);
  const [freezing, frozenTree] = await peak(() => freeze(bench, root));
  const { contentSize } = frozenTree;
  const blob = new Blob(frozenTree.pieces);
  frozenTree.pieces = null;
  const [thawing] = await peak(() => thaw(bench, blob, '/thawed'));
  return { freeze: freezing / contentSize, thaw: thawing / contentSize };
}

const result = what === 'memory' ? await memory() : { ...(await measure(bench, Number(runs))), losses: await losses(bench) };
process.stdout.write(JSON.stringify(result));
