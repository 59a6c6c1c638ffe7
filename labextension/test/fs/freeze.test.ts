import { beforeAll, describe, expect, test, vi } from 'vitest';

import type { IEmscriptenFS } from '../../src/emscripten';
import { createFrozenFS, diffLive, freeze, mountedImages, rebase } from '../../src/fs';
import type { ImageReader } from '../../src/image';
import { BytesSink, sortNames, Stack, walk } from '../../src/image';
import type { ITestEntry } from '../image/make-image';
import { frozen, image, laid, opened } from './freezing';
import { GROUNDS, Kernel } from './kernel';

const TREE: ITestEntry[] = [
  { path: '/a.txt', content: 'alpha', mode: 0o600, mtime: 5 },
  { path: '/empty', content: '' },
  { path: '/lib', mode: 0o700, mtime: 7 },
  { path: '/lib/b.py', content: 'b = 1' },
  { path: '/lib/none' },
  { path: '/lib/loop', target: 'loop' },
  { path: '/lib/up', target: '../a.txt' },
  { path: '/dangling', target: '/no/where' },
  { path: '/\u00e9', content: 'NFC' },
  { path: '/e\u0301', content: 'NFD' }
];

let kernel: Kernel;
let FS: IEmscriptenFS;

beforeAll(async () => {
  kernel = await Kernel.start();
  ({ FS } = kernel);
});

function paths({ index }: ImageReader): string[] {
  const found: string[] = [];
  for (const { path } of walk(index.root.children)) found.push(path);
  return sortNames(found);
}

describe.each(GROUNDS)('what lies on %s', ground => {
  test('is frozen with contents, modes, times, links and empty directories', async () => {
    const root = await laid(kernel, ground, TREE);
    const { index } = await image(FS, { root });
    for (const { path, content, target, mode, mtime } of TREE) {
      const entry = index.lookup(path)!;
      const kind =
        content !== undefined ? 'file' : target !== undefined ? 'link' : 'directory';
      expect(entry).toMatchObject({
        kind,
        mode: mode ?? { file: 0o644, link: 0o777, directory: 0o755 }[kind],
        mtime: mtime ?? 1_700_000_000
      });
      if (entry.kind === 'link') expect(entry.target).toBe(target);
    }
  });

  test('gives the same bytes wherever it lies', async () => {
    const [one, other] = [
      await frozen(FS, { root: await laid(kernel, ground, TREE) }),
      await frozen(FS, { root: await laid(kernel, 'MEMFS', TREE) })
    ];
    expect(Buffer.compare(one, other)).toBe(0);
  });
});

test('a layer holds what changed relative to any base', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const base = await image(FS, { root });
  FS.writeFile(`${root}/lib/b.py`, 'b = 2');
  FS.unlink(`${root}/a.txt`);
  const layer = await image(FS, { root, base });
  expect(paths(layer)).toEqual(['/lib', '/lib/b.py']);
  expect(layer.index.whiteouts).toEqual(['/a.txt']);
  expect(new Stack(base, [layer]).lookup('/lib/b.py')).toMatchObject({ kind: 'file' });
});

test('without the digest, the same bytes come', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const sink = new BytesSink();
  const summary = await freeze(FS, sink, { root, sha256: false });
  expect(summary.sha256).toBeUndefined();
  expect(await frozen(FS, { root })).toEqual(sink.bytes);
  expect((await opened(sink.bytes)).size).toBe(summary.size);
});

test('what has other names than most comes along', async () => {
  const root = kernel.place();
  const names = [
    '__proto__',
    'constructor',
    '10',
    '9',
    '\u{1f40d}',
    '\uffee',
    '-rf',
    ' '
  ];
  for (const name of names) FS.writeFile(`${root}/${name}`, name);
  expect(FS.readdir(root)).not.toContain('__proto__');
  const one = await image(FS, { root });
  const sorted = [...names].sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b))
  );
  expect(one.index.files.map(({ path }) => path)).toEqual(
    sorted.map(name => `/${name}`)
  );
});

test('a file that was removed while it is open is left out, one that grew ends where it ends', async () => {
  const root = kernel.place();
  const stream = FS.open(`${root}/gone`, 'w');
  FS.unlink(`${root}/gone`);
  FS.writeFile(`${root}/grown`, 'x');
  const grown = FS.open(`${root}/grown`, 'a');
  for (let i = 0; i < 300; i++) FS.write(grown, new Uint8Array(10), 0, 10);
  const one = await image(FS, { root });
  FS.close(stream);
  FS.close(grown);
  expect(one.index.files.map(({ path, start, end }) => [path, end - start])).toEqual([
    ['/grown', 3001]
  ]);
});

test('a file of more than 133 MB comes along, uncopied but for the image', async () => {
  const root = kernel.place();
  const bytes = new Uint8Array(140e6);
  bytes.fill(7, bytes.length - 10);
  FS.writeFile(`${root}/large`, bytes, { canOwn: true });
  let [size, last] = [0, new Uint8Array(0)];
  const sink = (piece: Uint8Array) => {
    if (size < bytes.length) last = piece as Uint8Array<ArrayBuffer>;
    size += piece.length;
  };
  const { contentSize } = await freeze(FS, sink, { root, sha256: false });
  expect(contentSize).toBe(bytes.length);
  expect(size).toBeGreaterThan(bytes.length);
  expect(last.includes(7)).toBe(true);
  FS.unlink(`${root}/large`);
});

test('devices, the system and other mounts are left out and named', async () => {
  const root = kernel.place();
  FS.mkdir(`${root}/drive`);
  FS.mount(FS.filesystems.MEMFS, {}, `${root}/drive`);
  FS.writeFile(`${root}/drive/theirs`, 'x');
  FS.mkdir(`${root}/dev`);
  FS.writeFile(`${root}/dev/file`, 'x');
  FS.writeFile(`${root}/mine`, 'x');
  FS.mknod(`${root}/null`, 0o020666, 259);
  const sink = new BytesSink();
  const { skipped } = await freeze(FS, sink, { root });
  expect(paths(await opened(sink.bytes))).toEqual(['/dev', '/mine']);
  expect([...skipped].sort((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: '/dev/file', why: 'lies under /dev, /proc or /sys' },
    { path: '/drive', why: 'is a mount of MEMFS' },
    { path: '/null', why: 'is a device' }
  ]);
  const more = await image(FS, { root, includeMounts: true });
  expect(paths(more)).toEqual(['/dev', '/drive', '/drive/theirs', '/mine']);
  FS.unmount(`${root}/drive`);
  const system = await image(FS, { root: '/', exclude: ['/ground', '/lib'] });
  expect(paths(system).filter(path => /^\/(dev|proc|sys)/.test(path))).toEqual([]);
});

test('globs select what is frozen, with the directories that it lies in', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const include = ['*.py', '/dangling'];
  expect(paths(await image(FS, { root, include }))).toEqual([
    '/dangling',
    '/lib',
    '/lib/b.py'
  ]);
  const exclude = ['lib', '*.txt'];
  expect(paths(await image(FS, { root, exclude }))).toEqual([
    '/dangling',
    '/empty',
    '/e\u0301',
    '/\u00e9'
  ]);
  await expect(image(FS, { root, include: ['*.cpp'] })).rejects.toThrow(
    `${root}: nothing in it is selected by "*.cpp"`
  );
});

test('it is stopped by its signal', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const stopping = new AbortController();
  const reason = new Error('enough');
  const freezing = freeze(FS, new BytesSink(), {
    root,
    signal: stopping.signal,
    onProgress: () => stopping.abort(reason)
  });
  await expect(freezing).rejects.toBe(reason);
});

test('progress is told, up to all of it', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const told: unknown[] = [];
  const onProgress = (progress: object) => told.push({ ...progress });
  await freeze(FS, new BytesSink(), { root, onProgress });
  expect(told.at(-1)).toEqual({
    ...{ files: 5, totalFiles: 5, bytes: 16, totalBytes: 16 },
    path: '/\u00e9'
  });
});

describe('a layer on the image that is mounted', () => {
  test('reads and holds nothing but what was changed', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({
      path: `/lib/f${i}`,
      content: `${i}`.repeat(100)
    }));
    const { path, image: base } = await kernel.mount([{ path: '/lib' }, ...many]);
    await base.digest();
    FS.writeFile(`${path}/lib/f7`, 'changed');
    FS.unlink(`${path}/lib/f8`);
    // Reading the image any further is an error from now on.
    base.read = () => Promise.reject(new Error('read'));
    const [one] = mountedImages(FS).filter(mount => mount.path === path);
    expect(one).toMatchObject({ root: '/', writable: true });
    expect(one.images[0]).toBe(base);
    const bytes = await frozen(FS, { root: path, base: one.stack });
    const layer = await opened(bytes);
    expect(layer.index).toMatchObject({ base: base.sha256, whiteouts: ['/lib/f8'] });
    expect(paths(layer)).toEqual(['/lib', '/lib/f7']);
    expect(bytes.length).toBeLessThan(base.size / 100);
  });

  test('is made by another copy of this module as well', async () => {
    const { path, image: base } = await kernel.mount([{ path: '/a', content: 'a' }]);
    await base.digest();
    FS.writeFile(`${path}/b`, 'b');
    vi.resetModules();
    const other = await import('../../src/fs');
    expect(other.freeze).not.toBe(freeze);
    const one = other.mountedImages(FS).find(mount => mount.path === path)!;
    const pieces: Uint8Array[] = [];
    await other.freeze(FS, piece => void pieces.push(piece), {
      root: path,
      base: one.stack
    });
    expect(Buffer.concat(pieces)).toEqual(
      Buffer.from(await frozen(FS, { root: path, base }))
    );
    expect(other.changes(FS.lookupPath(path).node).written).toEqual(['b']);
  });

  test('finds what is mounted in it', async () => {
    const { path, image: base } = await kernel.mount([
      { path: '/a' },
      { path: '/a/b' },
      { path: '/a/b/file', content: 'x' }
    ]);
    await base.digest();
    const type = createFrozenFS(FS);
    FS.mount(type, { image: base, root: '/a/b', writable: true }, `${path}/a/b`);
    FS.writeFile(`${path}/a/b/file`, 'y');
    const layer = await image(FS, { root: path, base });
    expect(paths(layer)).toEqual(['/a', '/a/b', '/a/b/file']);
  });
});

test('what changed since is told', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const before = await image(FS, { root });
  FS.writeFile(`${root}/a.txt`, 'other');
  FS.chmod(`${root}/empty`, 0o600);
  FS.unlink(`${root}/dangling`);
  FS.writeFile(`${root}/lib/new.py`, '');
  const found: unknown[] = [];
  const options = { root, ignore: ['mtime' as const], exclude: ['*.md'] };
  for await (const { path, kind, differs } of diffLive(FS, before, options)) {
    found.push([path, kind, ...differs]);
  }
  expect(found.sort()).toEqual([
    ['/a.txt', 'changed', 'content'],
    ['/dangling', 'removed'],
    ['/empty', 'changed', 'mode'],
    ['/lib/new.py', 'added']
  ]);
});

describe('a layer is put on a newer base', () => {
  /** The base, what a learner made of it, and what the course made of it. */
  async function three() {
    const root = await laid(kernel, 'MEMFS', [
      { path: '/both', content: 'old' },
      { path: '/gone', content: 'old' },
      { path: '/lib', mtime: 3 },
      { path: '/lib/course.py', content: 'old' },
      { path: '/mine', content: 'old' },
      { path: '/same', content: 'old' }
    ]);
    const base = await image(FS, { root });
    FS.writeFile(`${root}/both`, 'mine');
    FS.writeFile(`${root}/mine`, 'mine');
    FS.writeFile(`${root}/same`, 'agreed');
    FS.utime(`${root}/same`, 9e3, 9e3);
    FS.writeFile(`${root}/lib/added.py`, 'mine');
    FS.unlink(`${root}/gone`);
    const layer = await image(FS, { root, base });
    const next = await laid(kernel, 'MEMFS', [
      { path: '/both', content: 'new' },
      { path: '/gone', content: 'new' },
      { path: '/lib', mtime: 4 },
      { path: '/lib/course.py', content: 'new' },
      { path: '/mine', content: 'old', mtime: 99 },
      { path: '/same', content: 'agreed', mtime: 9 }
    ]);
    return { base, layer, newer: await image(FS, { root: next }) };
  }

  test('and what both have changed is named', async () => {
    const { base, layer, newer } = await three();
    const sink = new BytesSink();
    const { conflicts, sha256 } = await rebase(sink, layer, base, newer);
    expect(conflicts).toEqual([
      { path: '/both', layer: 'written', base: 'changed' },
      { path: '/gone', layer: 'removed', base: 'changed' }
    ]);
    const moved = await opened(sink.bytes);
    expect(moved.sha256).toBe(sha256);
    expect(paths(moved)).toEqual(['/both', '/lib', '/lib/added.py', '/mine']);
    const stack = new Stack(newer, [moved]);
    const course = stack.lookup('/lib/course.py')!;
    expect(course.kind === 'file' && stack.imageOf(course)).toBe(newer);
    expect(stack.lookup('/gone')).toBeUndefined();
  });

  test('whose own base is lost: what differs is named', async () => {
    const { layer, newer } = await three();
    const { conflicts } = await rebase(new BytesSink(), layer, null, newer);
    expect(conflicts.map(({ path, base }) => [path, base])).toEqual([
      ['/both', 'differs'],
      ['/gone', 'differs'],
      ['/mine', 'differs']
    ]);
  });

  test('unless it is not a layer of what is said to be its base', async () => {
    const { base, layer, newer } = await three();
    await expect(rebase(new BytesSink(), layer, newer, base)).rejects.toThrow(
      `it is a layer of the image with SHA-256 ${base.sha256}`
    );
    await expect(rebase(new BytesSink(), base, null, newer)).rejects.toThrow(
      'it is not a layer'
    );
  });
});
