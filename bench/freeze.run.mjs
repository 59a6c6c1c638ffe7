// What `freeze.mjs` measures, in Node and in a page alike: freezing a tree on MEMFS to bytes, thawing it into an empty
// folder, the same with emscripten-fs-blob, and the least that either can cost: one memory copy and one CRC.

const ROOT = '/lib/python3.14/site-packages';

/** Put the tree on MEMFS, out of the image of the environment; gives its root. */
export async function lay({ FS, frozen, bytes }) {
  const image = await frozen.ImageReader.open(new frozen.MemorySource(bytes, 'the environment'));
  await frozen.thaw(FS, image, { root: '/bench', include: [ROOT] });
  return `/bench${ROOT}`;
}

export async function freeze({ FS, frozen }, root, onProgress) {
  const pieces = [];
  const keep = piece => void pieces.push(piece);
  const summary = await frozen.freeze(FS, keep, { root, sha256: false, onProgress });
  return { ...summary, pieces };
}

/** From a Blob, as a store has it. */
export async function thaw({ FS, frozen }, blob, root, onProgress) {
  const image = await frozen.ImageReader.open(new frozen.BlobSource(blob));
  await frozen.thaw(FS, image, { root, onProgress });
}

export async function thawBytes({ FS, frozen }, bytes, root, onProgress) {
  const image = await frozen.ImageReader.open(new frozen.MemorySource(bytes));
  await frozen.thaw(FS, image, { root, onProgress });
}

/** Remove everything below a folder, and the folder. */
function remove(FS, path) {
  for (const name of FS.readdir(path)) {
    if (name === '.' || name === '..') continue;
    const child = `${path}/${name}`;
    if (FS.isDir(FS.lstat(child).mode)) remove(FS, child);
    else FS.unlink(child);
  }
  FS.rmdir(path);
}

/** The contents of all files. */
function contents(FS, path, found = []) {
  for (const name of FS.readdir(path)) {
    if (name === '.' || name === '..') continue;
    const { node } = FS.lookupPath(`${path}/${name}`);
    if (FS.isDir(node.mode)) contents(FS, `${path}/${name}`, found);
    else found.push(node.contents.subarray(0, node.usedBytes));
  }
  return found;
}

/** Mount the image of the environment as a kernel has it, and install a small package; gives what freezes that. */
async function installed({ FS, frozen, bytes }) {
  const source = new frozen.MemorySource(bytes, 'the environment');
  const sha256 = await (await frozen.ImageReader.open(source)).digest();
  const image = await frozen.ImageReader.open(source, { sha256 });
  const root = '/environment';
  FS.mkdir(root);
  FS.mount(frozen.createFrozenFS(FS), { image, writable: true }, root);
  FS.mkdir(`${root}${ROOT}/small`);
  for (let i = 0; i < 40; i++) FS.writeFile(`${root}${ROOT}/small/module_${i}.py`, 'x = 1\n'.repeat(1000));
  const base = frozen.mountedImages(FS).find(({ path }) => path === root).stack;
  return options => frozen.freeze(FS, () => undefined, { root, sha256: false, ...options(base) });
}

/**
 * Measure everything `runs` times, in turn, so that a busy moment of the machine hits all; one more run comes
 * before, for the compilers.
 *
 * @returns Milliseconds by what and whose, and what was frozen.
 */
export async function measure(bench, runs) {
  const { FS, frozen, fsBlob } = bench;
  const root = await lay(bench);
  const freezeKernel = await installed(bench);
  const samples = {};
  let tree;
  for (let run = 0; run <= runs; run++) {
    const timed = async (what, whose, action) => {
      globalThis.gc?.();
      await new Promise(resolve => setTimeout(resolve, 20));
      const start = performance.now();
      const result = await action();
      const elapsed = performance.now() - start;
      if (run > 0) ((samples[what] ??= {})[whose] ??= []).push(elapsed);
      return result;
    };
    const ours = await timed('freeze', 'ours', () => freeze(bench, root));
    tree = { files: ours.files, bytes: ours.contentSize };
    const theirs = fsBlob && (await timed('freeze', 'theirs', () => fsBlob.toBlob(FS, root)));

    const blob = new Blob(ours.pieces);
    ours.pieces = null;
    const image = await frozen.ImageReader.open(new frozen.MemorySource(new Uint8Array(await blob.arrayBuffer())));
    await timed('freeze', 'limit', async () => {
      let at = 0;
      const copy = new Uint8Array(tree.bytes);
      for (const one of contents(FS, root)) {
        copy.set(one, at);
        at += one.length;
      }
      await image.scan(() => undefined);
      return copy;
    });

    await timed('thaw', 'ours', () => thaw(bench, blob, '/ours'));
    remove(FS, '/ours');
    if (fsBlob) {
      FS.mkdir('/theirs');
      await timed('thaw', 'theirs', () => fsBlob.fromBlob(FS, '/theirs', theirs));
      remove(FS, '/theirs');
    }
    await timed('thaw', 'limit', async () => {
      await image.scan(() => undefined);
      return contents(FS, root).map(one => one.slice());
    });

    await timed('layer', 'ours', () => freezeKernel(base => ({ base })));
    await timed('layer', 'full', () => freezeKernel(() => ({})));
  }
  return { samples, tree };
}

/** What a small tree of odd things is like after it was frozen and thawed. */
export async function losses({ FS, frozen, fsBlob }) {
  const make = root => {
    FS.mkdirTree(`${root}/folder/empty`);
    FS.writeFile(`${root}/file`, 'x');
    FS.chmod(`${root}/file`, 0o640);
    FS.utime(`${root}/file`, 1e12, 1e12);
    FS.chmod(`${root}/folder`, 0o750);
    FS.symlink('file', `${root}/link`);
    FS.symlink('nowhere', `${root}/dangling`);
    FS.writeFile(`${root}/folder/left-out`, 'x');
    FS.writeFile(`${root}/folder/kept`, 'x');
    FS.utime(`${root}/folder`, 1e12, 1e12);
  };
  const kept = root => {
    const stat = path => FS.analyzePath(`${root}/${path}`, true).exists && FS.lstat(`${root}/${path}`);
    const is = test => (test ? 'kept' : 'lost');
    const isLink = path => {
      try {
        return FS.readlink(`${root}/${path}`) !== '';
      } catch {
        return false;
      }
    };
    return {
      'symbolic links': is(isLink('link')),
      'dangling links': is(isLink('dangling')),
      'modes of files': is((stat('file').mode & 0o777) === 0o640),
      'modes of directories': is((stat('folder').mode & 0o777) === 0o750),
      'mtimes of files': is(stat('file').mtime?.getTime() === 1e12),
      'mtimes of directories': is(stat('folder').mtime?.getTime() === 1e12),
      'empty directories': is(stat('folder/empty'))
    };
  };
  make('/odd');
  const excluded = { exclude: ['/folder/left-out'] };
  const sink = new frozen.BytesSink();
  await frozen.freeze(FS, sink, { root: '/odd' });
  await thawBytes({ FS, frozen }, sink.bytes, '/odd-ours');
  const table = { ours: kept('/odd-ours') };
  const part = new frozen.BytesSink();
  await frozen.freeze(FS, part, { root: '/odd', ...excluded });
  await thawBytes({ FS, frozen }, part.bytes, '/odd-part');
  const exists = path => FS.analyzePath(path).exists;
  const whole = root => exists(`${root}/folder/kept`) && exists(`${root}/file`) && !exists(`${root}/folder/left-out`);
  table.ours['exclusions in folders'] = whole('/odd-part') ? 'kept' : 'lost';
  if (fsBlob) {
    FS.mkdir('/odd-theirs');
    await fsBlob.fromBlob(FS, '/odd-theirs', fsBlob.toBlob(FS, '/odd'));
    table.theirs = kept('/odd-theirs');
    FS.mkdir('/odd-theirs-part');
    try {
      const blob = fsBlob.toBlob(FS, '/odd', { exclude: ['/odd/folder/left-out'] });
      await fsBlob.fromBlob(FS, '/odd-theirs-part', blob);
    } catch {
      // What it makes of an exclusion cannot always be read.
    }
    table.theirs['exclusions in folders'] = whole('/odd-theirs-part') ? 'kept' : 'lost';
  }
  return table;
}
