import { beforeAll, describe, expect, test } from 'vitest';

import type { IEmscriptenFS } from '../../src/emscripten';
import { thaw } from '../../src/fs';
import { ImageError, ImageReader } from '../../src/image';
import { MemorySource } from '../../src/source';
import type { ITestEntry } from '../image/make-image';
import { makeImage } from '../image/make-image';
import { CONTENT, forge, mutate, TREE as DAMAGED } from '../image/mutate';
import { frozen, imageOf, laid, listing, opened, TREE } from './freezing';
import { Kernel } from './kernel';

let kernel: Kernel;
let FS: IEmscriptenFS;

beforeAll(async () => {
  kernel = await Kernel.start();
  ({ FS } = kernel);
});

describe('nothing escapes', () => {
  test('through a link in the place of a directory', async () => {
    const outside = kernel.place();
    const root = await laid(kernel, 'MEMFS', [{ path: '/lib', target: outside }]);
    await thaw(FS, await imageOf(TREE), { root });
    expect(FS.readdir(outside)).toEqual(['.', '..']);
    expect(FS.isDir(FS.lstat(`${root}/lib`).mode)).toBe(true);
  });

  test('through a link in the place of a file', async () => {
    const outside = await laid(kernel, 'MEMFS', [{ path: '/victim', content: 'safe' }]);
    const root = await laid(kernel, 'MEMFS', [
      { path: '/a.txt', target: `${outside}/victim` }
    ]);
    await thaw(FS, await imageOf(TREE), { root });
    expect(FS.readFile(`${outside}/victim`, { encoding: 'utf8' })).toBe('safe');
    expect(FS.readFile(`${root}/a.txt`, { encoding: 'utf8' })).toBe('alpha');
  });

  test('over a mount, which a clean thaw leaves alone, too', async () => {
    const root = kernel.place();
    FS.mkdir(`${root}/drive`);
    FS.mount(FS.filesystems.MEMFS, {}, `${root}/drive`);
    FS.writeFile(`${root}/drive/mine`, 'mine');
    const over = await imageOf([
      { path: '/drive' },
      { path: '/drive/x', content: 'x' }
    ]);
    await expect(thaw(FS, over, { root })).rejects.toThrow(
      `${root}/drive is a mount of MEMFS, and image has /drive/x, which would be written over it`
    );
    await thaw(FS, await imageOf([{ path: '/drive' }]), { root, clean: true });
    await thaw(FS, await imageOf([{ path: '/y' }]), { root, clean: true });
    expect(FS.readFile(`${root}/drive/mine`, { encoding: 'utf8' })).toBe('mine');
    FS.unmount(`${root}/drive`);
  });

  test('onto an image that is mounted read-only', async () => {
    const { path } = await kernel.mount([{ path: '/a', content: 'a' }], {
      writable: false
    });
    await expect(thaw(FS, await imageOf(TREE), { root: path })).rejects.toThrow(
      'lies on an image that is mounted read-only'
    );
  });
});

describe('of a hostile image, nothing is thawed', () => {
  test('that makes much of few bytes under many names', async () => {
    const content = new Uint8Array(2 ** 20);
    const links = Array.from({ length: 40 }, (_, i) => ({
      path: `/link${i}`,
      hardLink: '/file'
    }));
    const one = await imageOf([{ path: '/file', content }, ...links]);
    const root = kernel.place();
    await expect(thaw(FS, one, { root })).rejects.toThrow(ImageError);
    expect(FS.readdir(root)).toEqual(['.', '..']);
  });

  test('that is damaged or forged: all of it or nothing', async () => {
    let [thawn, refused] = [0, 0];
    for (let seed = 1; seed <= 300; seed++) {
      const options = { compress: seed % 2 === 0 };
      const bytes =
        seed % 3 === 0
          ? forge(options, seed)
          : mutate(makeImage(DAMAGED, options), seed);
      const root = kernel.place();
      const above = root.slice(0, root.lastIndexOf('/'));
      const around = FS.readdir(above);
      try {
        await thaw(FS, await ImageReader.open(new MemorySource(bytes)), { root });
        thawn += 1;
        for (const [path, content] of CONTENT) {
          if (seed % 3 === 0) continue;
          const found = Buffer.from(FS.readFile(root + path));
          expect([seed, path, Buffer.compare(found, content)]).toEqual([seed, path, 0]);
        }
      } catch (error) {
        if (!(error instanceof ImageError)) throw error;
        refused += 1;
        expect([seed, FS.readdir(root)]).toEqual([seed, ['.', '..']]);
      }
      expect(FS.readdir(above)).toEqual(around);
    }
    expect(thawn).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(100);
  });
});

describe('a thaw that fails leaves everything as it was', () => {
  const BEFORE: ITestEntry[] = [
    { path: '/a.txt', content: 'mine', mode: 0o644, mtime: 50 },
    { path: '/dangling', content: 'a file' },
    { path: '/lib', mode: 0o711, mtime: 60 },
    { path: '/lib/b.py', target: '../a.txt' },
    { path: '/lib/own', content: 'own' },
    { path: '/old' },
    { path: '/old/deep', content: 'deep' }
  ];

  /** Everything that can be told from outside, the identity of each node included. */
  const state = (root: string) =>
    listing(FS, root).map(line => {
      const path = root + line.slice(0, line.indexOf(' '));
      const { node } = FS.lookupPath(path, { follow: false });
      return [line, node.id, FS.lstat(path).ctime.getTime()];
    });

  /** What comes of the tree where nothing was. */
  const frozenTree = async () => {
    const root = await laid(kernel, 'MEMFS', TREE);
    return frozen(FS, { root });
  };

  test.each(['MEMFS', 'FrozenFS'] as const)('at any write, on %s', async ground => {
    const root = await laid(kernel, ground, BEFORE);
    const one = await imageOf(TREE);
    const before = [state(root), FS.stat(root).mtime.getTime()];
    const ops = FS.lookupPath(root).node.node_ops;
    let failures = 0;
    for (let at = 1; ; at++) {
      let left = at;
      const { mknod, symlink } = ops;
      const failing =
        <T extends unknown[], R>(action: (...args: T) => R) =>
        (...args: T): R => {
          if ((left -= 1) === 0) throw new FS.ErrnoError(51);
          return action(...args);
        };
      ops.mknod = failing(mknod!);
      ops.symlink = failing(symlink!);
      try {
        await thaw(FS, one, { root, clean: true });
        break;
      } catch (error) {
        expect((error as Error).message).toContain('could not be written');
        failures += 1;
      } finally {
        Object.assign(ops, { mknod, symlink });
      }
      expect([at, state(root), FS.stat(root).mtime.getTime()]).toEqual([at, ...before]);
    }
    expect(failures).toBe(8);
    expect(await frozen(FS, { root })).toEqual(await frozenTree());
  });

  test('when it is stopped', async () => {
    const root = await laid(kernel, 'MEMFS', BEFORE);
    const before = state(root);
    const one = await imageOf(TREE);
    const stopping = new AbortController();
    const reason = new Error('enough');
    const thawing = thaw(FS, one, {
      root,
      clean: true,
      signal: stopping.signal,
      onProgress: () => stopping.abort(reason)
    });
    await expect(thawing).rejects.toBe(reason);
    expect(state(root)).toEqual(before);
  });

  test('when a chunk is damaged', async () => {
    const bytes = makeImage([
      ...TREE,
      { path: '/z', content: new Uint8Array(600_000) }
    ]);
    bytes[500_000] ^= 1;
    const root = await laid(kernel, 'MEMFS', BEFORE);
    const before = state(root);
    await expect(thaw(FS, await opened(bytes), { root })).rejects.toThrow(
      'chunk 1 is damaged'
    );
    expect(state(root)).toEqual(before);
  });
});
