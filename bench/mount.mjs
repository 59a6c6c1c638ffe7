// An image mounted, against MEMFS (the same tree unpacked into it) and WORKERFS, in Node with real Pyodide, from
// memory, every CRC checked: mounting, first read, reading all, small reads, importing a large package.
//   node --expose-gc bench/mount.mjs WHEELS [--runs 7] [--only mounting|smallReads|importing]
// WHEELS holds those of sympy and mpmath.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createFrozenFS, ImageReader, MemorySource, writeImage } from '../jupyter_frozenfs/bundle/frozenfs.mjs';
import { finish, median, table } from './report.mjs';

const require = createRequire(new URL('../labextension/package.json', import.meta.url));
const { loadPyodide } = await import(require.resolve('pyodide/pyodide.mjs'));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '7' }, only: { type: 'string' } }
});
const RUNS = Number(values.runs);
const FILES = 10_000;
const FOLDERS = 500;
const READS = 1000;
const READ_SIZE = 64;

// --- trees and images ---

const WORDS = Array.from({ length: 400 }, (_, i) => (i * 7_919_317).toString(36).slice(0, 2 + (i % 9)));

/** Text that compresses about as well as programs do: few words are frequent, many are rare. */
function text(size, seed) {
  const bytes = Buffer.alloc(size);
  let state = seed + 1;
  for (let at = 0; at < size;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const word = WORDS[Math.floor(WORDS.length * (state / 2 ** 32) ** 4)];
    at += bytes.write(word + (state % 7 === 0 ? '\n    ' : ' '), at);
  }
  return bytes;
}

/** 10,000 files of 0 to 5,000 bytes, or `factor` times as many bytes. */
function* manyFiles(factor) {
  for (let i = 0; i < FILES; i++) {
    const size = ((i * 7919) % 5000) * factor;
    const path = `/tree/folder${i % FOLDERS}/module_${i}.py`;
    yield { kind: 'file', path, mode: 0o644, mtime: 1_700_000_000, size, content: () => text(size, i) };
  }
}

async function imageOf(entries, compress) {
  const pieces = [];
  await writeImage(piece => void pieces.push(piece), entries, { compress, level: 1 });
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The image of a tree, uncompressed and compressed. */
const bothOf = async entries => ({ plain: await imageOf(entries, false), gz: await imageOf(entries, true) });

/** What lies below a folder of the running filesystem, as entries. */
function* entriesOf(root, at = '') {
  for (const name of FS.readdir(root + at)) {
    if (name === '.' || name === '..') continue;
    const path = `${at}/${name}`;
    const { mode } = FS.lstat(root + path);
    if (FS.isDir(mode)) {
      yield* entriesOf(root, path);
    } else {
      const bytes = FS.readFile(root + path);
      yield { kind: 'file', path, mode: 0o644, mtime: 1_700_000_000, size: bytes.length, content: () => bytes };
    }
  }
}

// --- the filesystems ---

/** WORKERFS reads Blobs in workers; here it is given memory instead, which is faster than any Blob. */
class MemoryBlob {
  constructor(bytes) {
    this.bytes = bytes;
  }
  get size() {
    return this.bytes.length;
  }
  slice(start, end) {
    return new MemoryBlob(this.bytes.subarray(start, end));
  }
}
globalThis.FileReaderSync = class {
  readAsArrayBuffer({ bytes }) {
    return bytes.slice().buffer;
  }
};

const open = bytes => ImageReader.open(new MemorySource(bytes));

/** Unpack an image the fastest way there is: whole files, each copied once, with modes and times. */
async function unpack({ plain }, root) {
  const image = await open(plain);
  FS.mount(FS.filesystems.MEMFS, {}, root);
  const waiting = [image.index.root];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const { kind, path, mode, mtime, start, end } of next.children.values()) {
      if (kind === 'directory') FS.mkdir(root + path, mode);
      else FS.writeFile(root + path, image.readSync(start, end).slice(), { mode, canOwn: true });
      FS.utime(root + path, mtime * 1000, mtime * 1000);
    }
    for (const child of next.children.values()) if (child.kind === 'directory') waiting.push(child);
  }
}

const GROUNDS = {
  MEMFS: unpack,
  FrozenFS: async ({ plain }, root) => FS.mount(frozenFS, { image: await open(plain) }, root),
  'FrozenFS gz': async ({ gz }, root) => FS.mount(frozenFS, { image: await open(gz) }, root),
  WORKERFS: async ({ plain }, root) => {
    const { index } = await open(plain);
    const files = index.files.map(({ path, start, end }) => ({ filename: path, start, end }));
    const packages = [{ metadata: { files }, blob: new MemoryBlob(plain) }];
    FS.mount(FS.filesystems.WORKERFS, { packages }, root);
  }
};

// --- what is measured ---

const PYTHON = `
import importlib, os, sys, time

def read_all(root):
    paths = [os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names]
    start = time.perf_counter()
    for path in paths:
        with open(path, "rb") as file:
            file.read()
    return (time.perf_counter() - start) * 1000

def first_read(path):
    start = time.perf_counter()
    with open(path, "rb") as file:
        file.read()
    return (time.perf_counter() - start) * 1000

def small_reads(path, count, size):
    file = os.open(path, os.O_RDONLY)
    start = time.perf_counter()
    for _ in range(count):
        os.read(file, size)
    elapsed = time.perf_counter() - start
    os.close(file)
    return elapsed * 1000

def import_package(root):
    for name in [name for name in sys.modules if name.partition(".")[0] in {"sympy", "mpmath"}]:
        del sys.modules[name]
    sys.path.insert(0, root)
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()
    start = time.perf_counter()
    import sympy
    elapsed = time.perf_counter() - start
    assert sympy.__file__.startswith(root), sympy.__file__
    sys.path.remove(root)
    return elapsed * 1000

def compile_package(root):
    import py_compile
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(".py"):
                try:
                    py_compile.compile(os.path.join(folder, name), doraise=True, invalidation_mode=mode)
                except py_compile.PyCompileError:
                    pass  # a few files are of other versions of Python
`;

// WORKERFS refuses to work outside of workers, and Emscripten asks for them by this.
globalThis.WorkerGlobalScope = class {};
const pyodide = await loadPyodide();
const { FS } = pyodide;
const frozenFS = createFrozenFS(FS);
pyodide.runPython(PYTHON);
const python = Object.fromEntries(
  ['read_all', 'first_read', 'small_reads', 'import_package', 'compile_package'].map(name => [
    name,
    pyodide.globals.get(name)
  ])
);

const samples = {};
let places = 0;
let warming = false;

/** Keep a sample of what a ground needs for something, in milliseconds. */
function keep(what, ground, milliseconds) {
  if (!warming) ((samples[what] ??= {})[ground] ??= []).push(milliseconds);
}

/** Have a tree on a ground, for as long as it is used. */
async function on(ground, images, what, use) {
  const root = `/bench${(places += 1)}`;
  FS.mkdir(root);
  const names = [...FS.nameTable];
  globalThis.gc?.();
  // Its helper threads go on for a while.
  await new Promise(resolve => setTimeout(resolve, 50));
  const start = performance.now();
  await GROUNDS[ground](images, root);
  if (what) keep(what, ground, performance.now() - start);
  use?.(root);
  FS.unmount(root);
  // WORKERFS leaves its nodes behind, among which all others would look for names from then on.
  Object.assign(FS.nameTable, names);
  FS.rmdir(root);
}

/** Measure on all grounds in turn, so that a busy moment of the machine hits them all. */
async function interleaved(runs, measure) {
  for (let run = 0; run <= runs; run++) {
    // The first one is for the compilers.
    warming = run === 0;
    for (const ground of Object.keys(GROUNDS)) await measure(ground);
  }
}

async function mounting() {
  const [small, large] = [await bothOf([...manyFiles(1)]), await bothOf([...manyFiles(10)])];
  await interleaved(RUNS, async ground => {
    await on(ground, small, 'mount', root => {
      keep('first read', ground, python.first_read(`${root}/tree/folder7/module_${FOLDERS + 7}.py`));
      keep('read all', ground, python.read_all(root));
    });
    if (ground === 'MEMFS') return;
    // A mount is over in a moment, and so at the mercy of whatever else runs then.
    for (let time = 0; time < 3; time++) {
      await on(ground, small, 'mount');
      await on(ground, large, 'mount, 10 times the bytes');
    }
  });
}

async function smallReads() {
  const size = 1e6;
  const images = await bothOf([
    { kind: 'file', path: '/long', mode: 0o644, mtime: 0, size, content: () => text(size, 1) }
  ]);
  // These are over in a moment, too.
  await interleaved(3 * RUNS, ground =>
    on(ground, images, null, root => keep('small reads', ground, python.small_reads(`${root}/long`, READS, READ_SIZE)))
  );
}

async function importing() {
  FS.mkdir('/sympy');
  for (const wheel of readdirSync(positionals[0]).filter(name => /^(sympy|mpmath)-.*\.whl$/.test(name))) {
    pyodide.unpackArchive(new Uint8Array(readFileSync(join(positionals[0], wheel))), 'zip', { extractDir: '/sympy' });
  }
  python.compile_package('/sympy');
  const images = await bothOf([...entriesOf('/sympy')]);
  await interleaved(RUNS, ground =>
    on(ground, images, null, root => keep('import sympy', ground, python.import_package(root)))
  );
}

for (const part of [mounting, smallReads, importing]) {
  if (values.only && values.only !== part.name) continue;
  console.error(part.name);
  await part();
}

// --- the report ---

const value = (what, ground) => (samples[what]?.[ground] ? median(samples[what][ground]) : NaN);
const cell = number => (Number.isNaN(number) ? '–' : number.toFixed(number < 10 ? 2 : 0));
const NAMES = { mount: 'mount (MEMFS: unpack) 10,000 files', 'small reads': `${READS} reads of ${READ_SIZE} bytes` };
table([
  ['milliseconds', ...Object.keys(GROUNDS)],
  ...Object.keys(samples).map(what => [
    NAMES[what] ?? what,
    ...Object.keys(GROUNDS).map(ground => cell(value(what, ground)))
  ])
]);

const against = (what, ground) => value(what, ground) / value(what, 'MEMFS');
const ratios = {};
for (const [ground, suffix] of [
  ['FrozenFS', ''],
  ['FrozenFS gz', '_gz']
]) {
  ratios[`mount_vs_unpack${suffix}`] = against('mount', ground);
  ratios[`mount_growth_10x_bytes${suffix}`] = value('mount, 10 times the bytes', ground) / value('mount', ground);
  ratios[`read_all_vs_memfs${suffix}`] = against('read all', ground);
  ratios[`small_reads_vs_memfs${suffix}`] = against('small reads', ground);
  ratios[`import_vs_memfs${suffix}`] = against('import sympy', ground);
}
await finish('mount', { ratios, samples });
