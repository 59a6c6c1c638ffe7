import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import type { IEntry, IFileEntry } from '../../src/image';
import { ImageError, ImageReader, Stack, verify, walk } from '../../src/image';
import { MemorySource, PartsSource } from '../../src/source';

/** An entry of a tree, as `tests/vectors/vectors.json` describes it. */
interface IDescribed {
  path: string;
  kind: IEntry['kind'];
  mode: number;
  mtime: number;
  target?: string;
  size?: number;
  sha256?: string;
}

/** What it says of an image. */
interface IVector {
  name: string;
  files: string[];
  uncompressed_sha256: string;
  boot: string[];
  base: string | null;
  whiteouts: string[];
  tree: IDescribed[];
}

const FOLDER = new URL('../../../tests/vectors/', import.meta.url);
const { images, parts, layers, damaged } = JSON.parse(
  readFileSync(new URL('vectors.json', FOLDER), 'utf8')
) as {
  images: IVector[];
  parts: { image: string; files: string[] }[];
  layers: { base: string; layers: string[]; tree: IDescribed[] }[];
  damaged: { file: string; about: string; at: 'open' | 'read' | 'verify' }[];
};

const open = (file: string) =>
  ImageReader.open(new MemorySource(readFileSync(new URL(file, FOLDER)), file));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What is in a tree, in the order of the bytes of its paths. */
function described(
  root: { children: ReadonlyMap<string, IEntry> },
  imageOf: (file: IFileEntry) => ImageReader
): IDescribed[] {
  const found = [...walk(root.children)].map(entry => ({
    path: entry.path,
    kind: entry.kind,
    mode: entry.mode,
    mtime: entry.mtime,
    ...(entry.kind === 'link' && { target: entry.target }),
    ...(entry.kind === 'file' && {
      size: entry.end - entry.start,
      sha256: sha256(imageOf(entry).readSync(entry.start, entry.end))
    })
  }));
  return found.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
}

describe.each(
  images.flatMap(vector => vector.files.map(file => [file, vector] as const))
)('the image %s', (file, vector) => {
  test('holds the tree that went into it', async () => {
    const image = await open(file);
    expect(described(image.index.root, () => image)).toEqual(vector.tree);
  });

  test('is what a writer makes, byte for byte', async () => {
    const told: number[] = [];
    await verify(await open(file), { onProgress: done => told.push(done) });
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  test('has the boot list and the layer that it was made with', async () => {
    const { index, bootSize } = await open(file);
    const boot = index.files.slice(0, vector.boot.length);
    expect(boot.map(one => one.path)).toEqual(vector.boot);
    expect(Math.max(0, ...boot.map(one => one.end))).toBeLessThanOrEqual(bootSize);
    expect(index.base).toBe(vector.base);
    expect(index.whiteouts).toEqual(vector.whiteouts);
  });
});

test.each(damaged.filter(one => one.at === 'open'))(
  '$file is refused, because: $about',
  async ({ file }) => {
    const opening = open(file);
    await expect(opening).rejects.toBeInstanceOf(ImageError);
    await expect(opening).rejects.toThrow(file);
  }
);

test.each(damaged.filter(one => one.at === 'read'))(
  '$file is not read, because: $about',
  async ({ file }) => {
    const image = await open(file);
    const [first] = image.index.files;
    const read = () => {
      for (const one of image.index.files) image.readSync(one.start, one.end);
      return first;
    };
    expect(read).toThrow(ImageError);
    expect(read).toThrow(/chunk \d/);
  }
);

test.each(damaged)(
  '$file is refused when it is verified, because: $about',
  async ({ file }) => {
    const verifying = open(file).then(image => verify(image));
    await expect(verifying).rejects.toBeInstanceOf(ImageError);
  }
);

test.each(parts)('$files is read as $image', async ({ image, files }) => {
  const bytes = (file: string) => readFileSync(new URL(file, FOLDER));
  const source = new PartsSource(
    files.map(file => new MemorySource(bytes(file), file)),
    image
  );
  const whole = await ImageReader.open(source);
  expect(await whole.digest()).toBe(sha256(bytes(image)));
  await verify(whole);
});

test.each(layers)(
  '$layers are put onto $base',
  async ({ base, layers: names, tree }) => {
    const [image, ...above] = await Promise.all([base, ...names].map(open));
    for (const one of [image, ...above]) await one.digest();
    const stack = new Stack(image, above);
    expect(described(stack.root, file => stack.imageOf(file))).toEqual(tree);
  }
);
