// A restore in Node, as the build checks it, and the least that it can cost; each in a process of its own.
//   node bench/restore-node.mjs ENVIRONMENT PYODIDE
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { MemorySource, SnapshotReader } from '../jupyter_frozenfs/bundle/frozenfs.mjs';
import { limit } from './restore-limit.mjs';

const require = createRequire(new URL('../labextension/package.json', import.meta.url));
const BUILD = new URL('../jupyter_frozenfs/bundle/build.mjs', import.meta.url).pathname;

const lastLine = output => JSON.parse(output.trim().split('\n').at(-1));
const node = (...command) => lastLine(execFileSync(process.execPath, command, { encoding: 'utf8' }));

/** @param environment - The folder of a frozen environment with a snapshot. */
export async function restoreInNode(environment) {
  const { mounts, packages, snapshot, image } = JSON.parse(readFileSync(join(environment, 'environment.json'), 'utf8'));
  const folder = mkdtempSync(join(tmpdir(), 'frozenfs-bench-'));
  const whole = ({ parts }, name) => {
    const path = join(folder, name);
    writeFileSync(path, Buffer.concat(parts.map(({ file }) => readFileSync(join(environment, file)))));
    return path;
  };
  const job = join(folder, 'job.json');
  const pyodide = dirname(require.resolve('pyodide'));
  const paths = {
    image: whole(image, 'image.img'),
    snapshot: whole(snapshot, 'snapshot.img'),
    linked: whole(snapshot.linked, 'linked.wasm')
  };
  const common = { ...paths, pyodide, mounts, packages, modules: [], script: null, expose: [] };
  writeFileSync(job, JSON.stringify({ ...common, job: 'check-snapshot', head: snapshot.header }));
  const { milliseconds, steps } = node(BUILD, job);
  const least = node(import.meta.filename, paths.snapshot, paths.linked, JSON.stringify(snapshot.header));
  rmSync(folder, { recursive: true });
  return { restore: { total: milliseconds.restore, steps }, limit: least };
}

if (process.argv[1] === import.meta.filename) {
  const [snapshot, wasm, head] = process.argv.slice(2);
  const begun = performance.now();
  const reader = await SnapshotReader.open(new MemorySource(new Uint8Array(readFileSync(snapshot))), JSON.parse(head));
  const steps = await limit({
    runtime: WebAssembly.compile(readFileSync(wasm)),
    memory: reader.header.memory,
    fill: memory =>
      reader.memoryFrames(({ pieces, bytes }) => {
        for (const { at, offset, length } of pieces) {
          new Uint8Array(memory.buffer, offset, length).set(bytes.subarray(at, at + length));
        }
      })
  });
  console.log(JSON.stringify({ total: performance.now() - begun, steps }));
}
