import { beforeAll, describe, expect, test } from 'vitest';

import type { IEmscriptenFS } from '../../src/emscripten';
import { changes, createFrozenFS, planThaw, thaw } from '../../src/fs';
import { ImageReader, Stack } from '../../src/image';
import { BlobSource, MemorySource } from '../../src/source';
import type { ITestEntry } from '../image/make-image';
import { makeImage } from '../image/make-image';
import { frozen, image, imageOf, laid, listing, opened, TREE } from './freezing';
import { Kernel, MOUNTS } from './kernel';

let kernel: Kernel;
let FS: IEmscriptenFS;

beforeAll(async () => {
  kernel = await Kernel.start();
  ({ FS } = kernel);
});

test('what was frozen is thawed into an empty directory as it was', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const other = kernel.place();
  const done = await thaw(FS, await image(FS, { root }), { root: other });
  expect(done.created).toEqual(TREE.map(({ path }) => path).sort());
  expect(await frozen(FS, { root: other })).toEqual(await frozen(FS, { root }));
});

test('a root that is not there is made', async () => {
  const root = `${kernel.place()}/made/for/it`;
  await thaw(FS, await imageOf(TREE), { root });
  expect(FS.readFile(`${root}/a.txt`, { encoding: 'utf8' })).toBe('alpha');
});

describe.each(MOUNTS)('a tree on %s', ground => {
  test('is made as it was when it was frozen', async () => {
    const root = await laid(kernel, ground, TREE);
    const was = await frozen(FS, { root });
    const before = await opened(was);
    FS.writeFile(`${root}/a.txt`, 'other');
    FS.writeFile(`${root}/new`, 'new');
    FS.unlink(`${root}/dangling`);
    const options = { root, clean: true };
    const plan = await planThaw(FS, before, options);
    expect(plan).toMatchObject({
      created: ['/dangling'],
      changed: ['/a.txt'],
      removed: ['/new'],
      bytes: 5
    });
    expect(await thaw(FS, before, options)).toEqual(plan);
    expect(await frozen(FS, { root })).toEqual(was);
    expect(await planThaw(FS, before, options)).toMatchObject({
      created: [],
      changed: [],
      removed: []
    });
  });

  test('is not touched where it is as in the image', async () => {
    const root = await laid(kernel, ground, TREE);
    await thaw(FS, await image(FS, { root }), { root, clean: true });
    expect(changes(FS.lookupPath(root).node)).toEqual({ written: [], removed: [] });
  });
});

describe('what is there already', () => {
  test('stays without `clean`, and goes with it', async () => {
    const root = await laid(kernel, 'MEMFS', [
      { path: '/mine' },
      { path: '/mine/work', content: 'x' }
    ]);
    const one = await imageOf([{ path: '/theirs', content: 'y' }]);
    await thaw(FS, one, { root });
    expect(FS.readdir(root).sort()).toEqual(['.', '..', 'mine', 'theirs']);
    const { removed } = await thaw(FS, one, { root, clean: true });
    expect(removed).toEqual(['/mine', '/mine/work']);
    expect(FS.readdir(root).sort()).toEqual(['.', '..', 'theirs']);
  });

  test('stays with `keepNewer`, if it is newer', async () => {
    const root = await laid(kernel, 'MEMFS', [
      { path: '/new', content: 'mine', mtime: 20 },
      { path: '/old', content: 'mine', mtime: 5 },
      { path: '/was', content: 'mine', mtime: 20 }
    ]);
    const one = await imageOf([
      { path: '/new', content: 'theirs', mtime: 10 },
      { path: '/old', content: 'theirs', mtime: 10 },
      { path: '/was', mtime: 10 },
      { path: '/was/below', content: 'theirs', mtime: 10 }
    ]);
    const { kept, changed } = await thaw(FS, one, { root, keepNewer: true });
    expect([kept, changed]).toEqual([['/new', '/was', '/was/below'], ['/old']]);
    expect(FS.readFile(`${root}/new`, { encoding: 'utf8' })).toBe('mine');
    expect(FS.readFile(`${root}/old`, { encoding: 'utf8' })).toBe('theirs');
  });

  test('stays open for whoever has it open', async () => {
    const root = await laid(kernel, 'MEMFS', [{ path: '/a', content: 'before' }]);
    const stream = FS.open(`${root}/a`, 'r');
    await thaw(FS, await imageOf([{ path: '/a', content: 'after!' }]), { root });
    const bytes = new Uint8Array(6);
    FS.read(stream, bytes, 0, 6, 0);
    FS.close(stream);
    expect(new TextDecoder().decode(bytes)).toBe('before');
    expect(FS.readFile(`${root}/a`, { encoding: 'utf8' })).toBe('after!');
  });

  test('is not lost where a file of the image needs the place of a directory', async () => {
    const root = await laid(kernel, 'MEMFS', [
      { path: '/a' },
      { path: '/a/work', content: 'x' }
    ]);
    const before = listing(FS, root);
    const one = await imageOf([{ path: '/a', content: 'file' }]);
    await expect(thaw(FS, one, { root })).rejects.toThrow(
      `${root}/a is a directory with 1 entries, and a file in image`
    );
    expect(listing(FS, root)).toEqual(before);
    await thaw(FS, one, { root, clean: true });
    expect(FS.readFile(`${root}/a`, { encoding: 'utf8' })).toBe('file');
  });
});

test('globs select what is thawed, and what may be removed', async () => {
  const one = await imageOf(TREE);
  const root = await laid(kernel, 'MEMFS', [
    { path: '/lib' },
    { path: '/lib/extra.py', content: '' },
    { path: '/keep.txt', content: '' }
  ]);
  const options = { root, include: ['/lib'], exclude: ['loop'], clean: true };
  const { created, removed } = await thaw(FS, one, options);
  expect(created).toEqual(['/lib/b.py', '/lib/none']);
  expect(removed).toEqual(['/lib/extra.py']);
  await expect(thaw(FS, one, { root, include: ['nothing'] })).rejects.toThrow(
    'image: nothing in it is selected by "nothing"'
  );
});

test('a layer is thawed onto its base', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const base = await image(FS, { root });
  FS.writeFile(`${root}/a.txt`, 'changed');
  FS.unlink(`${root}/dangling`);
  const layer = await image(FS, { root, base });
  const other = kernel.place();
  await thaw(FS, new Stack(base, [layer]), { root: other });
  expect(await frozen(FS, { root: other })).toEqual(await frozen(FS, { root }));
  await expect(thaw(FS, layer, { root: other })).rejects.toThrow(
    `it is a layer, which holds only what changed relative to the image with SHA-256 ${base.sha256}`
  );
});

test('a layer on the image that is mounted does not read that image', async () => {
  const bytes = makeImage(TREE, { compress: false });
  const base = await opened(bytes, 'base');
  const root = kernel.place();
  FS.mount(createFrozenFS(FS), { image: base, writable: true }, root);
  FS.writeFile(`${root}/new`, 'new');
  const layer = await image(FS, { root, base });
  FS.unlink(`${root}/new`);
  // Whoever reads this now hears that it is damaged.
  const { sha256 } = base;
  const spoiled = bytes.slice();
  spoiled.fill(1, 0, 4096);
  const below = await ImageReader.open(new MemorySource(spoiled, 'spoiled'), {
    sha256
  });
  const { created } = await thaw(FS, new Stack(below, [layer]), { root });
  expect(created).toEqual(['/new']);
});

describe('out of a Blob', () => {
  const many: ITestEntry[] = Array.from({ length: 50 }, (_, i) => ({
    path: `/file${i}`,
    content: `${i}`.repeat(5000)
  }));
  const blobOf = (entries: ITestEntry[], compress = false) => {
    const bytes = makeImage(entries, { compress }) as Uint8Array<ArrayBuffer>;
    return ImageReader.open(new BlobSource(new Blob([bytes])));
  };
  const contents = (path: string) => FS.lookupPath(path).node.contents as Uint8Array;

  test.each([false, true])(
    'what was read becomes the files, uncopied (compressed: %s)',
    async compress => {
      const root = kernel.place();
      await thaw(FS, await blobOf(many, compress), { root });
      for (const { path, content } of many) {
        expect(FS.readFile(root + path, { encoding: 'utf8' })).toBe(content);
      }
      expect(contents(`${root}/file1`).buffer).toBe(contents(`${root}/file2`).buffer);
      FS.writeFile(`${root}/file1`, 'other');
      expect(FS.readFile(`${root}/file2`, { encoding: 'utf8' })).toBe(many[2].content);
    }
  );

  test('a small part of it keeps nothing else in memory', async () => {
    const root = kernel.place();
    await thaw(FS, await blobOf(many), { root, include: ['/file7'] });
    expect(contents(`${root}/file7`).buffer.byteLength).toBe(5000);
  });

  test('the names of one file become files of their own', async () => {
    const root = kernel.place();
    const linked = [...many, { path: '/second', hardLink: '/file0' }];
    await thaw(FS, await blobOf(linked), { root });
    const stream = FS.open(`${root}/second`, 'r+');
    FS.write(stream, new Uint8Array([0x78]), 0, 1, 0);
    FS.close(stream);
    expect(FS.readFile(`${root}/file0`, { encoding: 'utf8' })[0]).toBe('0');
    expect(FS.readFile(`${root}/second`, { encoding: 'utf8' })[0]).toBe('x');
  });
});

test('files that Python runs by itself are named', async () => {
  const one = await imageOf(
    [
      ...['/lib', '/lib/site-packages', '/lib/site-packages/usercustomize'],
      ...['/home', '/home/.ipython', '/home/.ipython/profile_default'],
      '/home/.ipython/profile_default/startup'
    ]
      .map((path): ITestEntry => ({ path }))
      .concat(
        ...[
          ...['/lib/site-packages/evil.pth', '/lib/site-packages/sitecustomize.py'],
          ...['/lib/site-packages/usercustomize/__init__.py', '/lib/pathlib.py'],
          '/home/.ipython/profile_default/startup/00.py'
        ].map((path): ITestEntry => ({ path, content: 'x' }))
      )
  );
  const root = kernel.place();
  const plan = await planThaw(FS, one, { root });
  expect(plan.dangerous.map(({ path }) => path)).toEqual([
    '/home/.ipython/profile_default/startup/00.py',
    '/lib/site-packages/evil.pth',
    '/lib/site-packages/sitecustomize.py',
    '/lib/site-packages/usercustomize/__init__.py'
  ]);
  await thaw(FS, one, { root });
  expect((await planThaw(FS, one, { root })).dangerous).toEqual([]);
});

test('progress is told, up to all of it', async () => {
  const told: number[][] = [];
  const one = await imageOf([...TREE, { path: '/only here', content: '' }]);
  await thaw(FS, one, {
    root: kernel.place(),
    onProgress: ({ files, totalFiles, bytes, totalBytes }) =>
      told.push([files, totalFiles, bytes, totalBytes])
  });
  const [files, totalFiles, bytes, totalBytes] = told.at(-1)!;
  expect([files, totalFiles]).toEqual([5, 5]);
  expect([bytes, bytes]).toEqual([totalBytes, one.archiveSize]);
});
