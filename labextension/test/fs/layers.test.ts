import { beforeAll, describe, expect, test } from 'vitest';

import { changes, createFrozenFS } from '../../src/fs';
import type { INewEntry } from '../../src/image';
import { ImageError, ImageReader, writeImage } from '../../src/image';
import { MemorySource } from '../../src/source';
import type { ITestEntry } from '../image/make-image';
import { makeImage } from '../image/make-image';
import { Kernel } from './kernel';

const BASE: ITestEntry[] = [
  { path: '/course' },
  { path: '/course/gone.txt', content: 'gone' },
  { path: '/course/kept.txt', content: 'kept' },
  { path: '/course/old.txt', content: 'old' },
  { path: '/course/data' },
  { path: '/course/data/a.csv', content: 'a' },
  { path: '/course/data/b.csv', content: 'b' },
  { path: '/course/was-directory' },
  { path: '/course/was-directory/inside', content: 'inside' },
  { path: '/course/was-file', content: 'file' },
  { path: '/course/link', target: 'kept.txt' }
];

const MONDAY: ITestEntry[] = [
  { path: '/course', mode: 0o700 },
  { path: '/course/old.txt', content: 'new', mode: 0o600 },
  { path: '/course/added.txt', content: 'added' },
  { path: '/course/data' },
  { path: '/course/data/c.csv', content: 'c' },
  { path: '/course/was-directory', content: 'now a file' },
  { path: '/course/was-file' },
  { path: '/course/was-file/inside', content: 'now a directory' },
  { path: '/course/link', target: 'old.txt' }
];
const MONDAY_GONE = ['/course/gone.txt', '/course/data/a.csv'];

/** Replaces a directory as a whole: what the layers below have in it is gone. */
const TUESDAY: ITestEntry[] = [
  { path: '/course' },
  { path: '/course/data' },
  { path: '/course/data/d.csv', content: 'd' },
  { path: '/lib' },
  { path: '/lib/tool.py', content: 'TOOL = 1' }
];
const TUESDAY_GONE = ['/course/data', '/course/added.txt'];

let kernel: Kernel;

beforeAll(async () => {
  kernel = await Kernel.start();
});

async function open(
  name: string,
  entries: ITestEntry[],
  base: string | null = null,
  whiteouts: string[] = []
): Promise<ImageReader> {
  const compress = name !== 'base';
  const bytes = makeImage(entries, { base, whiteouts, compress });
  const image = await ImageReader.open(new MemorySource(bytes, name));
  await image.digest();
  return image;
}

async function openAll(): Promise<ImageReader[]> {
  const base = await open('base', BASE);
  const monday = await open('monday', MONDAY, base.sha256, MONDAY_GONE);
  const tuesday = await open('tuesday', TUESDAY, monday.sha256, TUESDAY_GONE);
  return [base, monday, tuesday];
}

function mount([image, ...layers]: ImageReader[], root = '/', writable = true) {
  const path = kernel.place();
  const options = { image, layers, root, writable };
  return { path, node: kernel.FS.mount(createFrozenFS(kernel.FS), options, path) };
}

const tree = (path: string) => kernel.python(path, 'return tree(root)');

describe('a mount of layers', () => {
  test('shows one layer on its base', async () => {
    const [base, monday] = await openAll();
    const { path } = mount([base, monday]);
    expect(tree(path)).toEqual({
      course: '/',
      'course/kept.txt': 'kept',
      'course/old.txt': 'new',
      'course/added.txt': 'added',
      'course/data': '/',
      'course/data/b.csv': 'b',
      'course/data/c.csv': 'c',
      'course/was-directory': 'now a file',
      'course/was-file': '/',
      'course/was-file/inside': 'now a directory',
      'course/link': '-> old.txt'
    });
    expect(
      kernel.python(
        path,
        'return [stat.S_IMODE(os.stat(f"{root}/course{name}").st_mode) for name in ["", "/old.txt"]]'
      )
    ).toEqual([0o700, 0o600]);
  });

  test('shows a layer on a layer', async () => {
    const { path } = mount(await openAll());
    expect(tree(path)).toMatchObject({
      'course/data': '/',
      'course/data/d.csv': 'd',
      'course/old.txt': 'new',
      lib: '/',
      'lib/tool.py': 'TOOL = 1'
    });
    const names = Object.keys(tree(path) as object);
    expect(names.filter(name => name.startsWith('course/data/'))).toEqual([
      'course/data/d.csv'
    ]);
    expect(names).not.toContain('course/added.txt');
  });

  test('leaves the images below as they are', async () => {
    const images = await openAll();
    mount(images);
    expect(Object.keys(tree(mount(images.slice(0, 1)).path) as object)).toHaveLength(
      BASE.length
    );
  });

  test('can be of a directory that only a layer has', async () => {
    const images = await openAll();
    expect(tree(mount(images, '/lib').path)).toEqual({ 'tool.py': 'TOOL = 1' });
    expect(() => mount(images, '/course/gone.txt')).toThrow(
      'base + monday + tuesday has no directory /course/gone.txt to mount'
    );
  });

  test('is written to like any other, and its changes are those to all of it', async () => {
    const { path, node } = mount(await openAll());
    kernel.python(
      path,
      `os.chdir(root + "/course")
write("old.txt", "er", "a")
write("gone.txt", "back")
os.unlink("kept.txt")
shutil.rmtree("data")
os.chdir("/")`
    );
    expect(tree(path)).toMatchObject({
      'course/old.txt': 'newer',
      'course/gone.txt': 'back'
    });
    expect(changes(node)).toEqual({
      written: ['course/gone.txt', 'course/old.txt'],
      removed: ['course/data', 'course/kept.txt']
    });
  });

  test('names the layer whose bytes are damaged, and reads the others', async () => {
    const base = await open('base', BASE);
    const bytes = makeImage(MONDAY, { base: base.sha256, whiteouts: [] });
    const monday = await ImageReader.open(new MemorySource(bytes, 'monday'));
    bytes[Buffer.from(bytes).indexOf('added')] ^= 1;
    const warnings: string[] = [];
    const path = kernel.place();
    const type = createFrozenFS(kernel.FS, { onWarning: text => warnings.push(text) });
    kernel.FS.mount(type, { image: base, layers: [monday] }, path);
    expect(kernel.python(path, 'return error(read, root + "/course/old.txt")')).toBe(
      'EIO'
    );
    expect(warnings).toEqual([expect.stringContaining('monday: chunk 0 is damaged')]);
    expect(kernel.python(path, 'return read(root + "/course/kept.txt")')).toBe('kept');
  });

  test('of an image that was written here is what was written', async () => {
    const base = await open('base', BASE);
    const bytes = Buffer.from('layered');
    const entries: INewEntry[] = [
      {
        kind: 'file',
        path: '/course/data/a.csv',
        mode: 0o644,
        mtime: 5,
        size: 7,
        content: () => bytes
      }
    ];
    const pieces: Uint8Array[] = [];
    await writeImage(piece => void pieces.push(piece), entries, {
      base: base.sha256,
      whiteouts: ['/course/kept.txt']
    });
    const source = new MemorySource(new Uint8Array(Buffer.concat(pieces)));
    const { path } = mount([base, await ImageReader.open(source)]);
    expect(tree(path)).toMatchObject({ 'course/data/a.csv': 'layered' });
    expect(tree(path)).not.toHaveProperty(['course/kept.txt']);
  });
});

describe('a mount is refused', () => {
  const digest = 'ab'.repeat(32);

  test('when a layer is mounted without its base', async () => {
    const layer = await open('monday', MONDAY, digest);
    expect(() => mount([layer])).toThrow(ImageError);
    expect(() => mount([layer])).toThrow(
      `monday: it is a layer, which holds only what changed relative to the image with SHA-256 ${digest}`
    );
  });

  test('when a layer is of another base', async () => {
    const base = await open('base', BASE);
    const layer = await open('monday', MONDAY, digest);
    expect(() => mount([base, layer])).toThrow(
      `monday: it is a layer of the image with SHA-256 ${digest}, but base has ${base.sha256}`
    );
  });

  test('when layers are in the wrong order', async () => {
    const [base, monday, tuesday] = await openAll();
    expect(() => mount([base, tuesday, monday])).toThrow('tuesday: it is a layer of');
  });

  test('when an image that is no layer lies on another', async () => {
    const [base] = await openAll();
    expect(() => mount([base, base])).toThrow('it is not a layer, it has no base');
  });

  test('when the digest of the base is unknown', async () => {
    const [base, monday] = await openAll();
    const bytes = makeImage(BASE, { compress: false });
    const source = new MemorySource(bytes, 'base');
    const unknown = await ImageReader.open(source);
    expect(() => mount([unknown, monday])).toThrow('but base has an unknown one');
    const { sha256 } = base;
    const known = await ImageReader.open(source, { sha256 });
    expect(() => mount([known, monday])).not.toThrow();
  });
});
