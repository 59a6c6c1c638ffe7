import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';

import type { IReadable } from '../../src/image';
import { ImageError, ImageReader } from '../../src/image';
import { MemorySource } from '../../src/source';
import type { ITestEntry, ITestOptions } from './make-image';
import {
  deflateChunk,
  emptyIndex,
  gzipMember,
  indexTail,
  makeImage
} from './make-image';
import { noise } from './noise';

const BIG = noise(700_000);
const CHUNK = 262144;

const ENTRIES: ITestEntry[] = [
  { path: '/lib', mode: 0o755, mtime: 5 },
  { path: '/lib/a.txt', content: 'alpha', mode: 0o600, mtime: 7 },
  { path: '/lib/big.bin', content: BIG },
  { path: '/lib/same.bin', hardLink: '/lib/big.bin' },
  { path: '/lib/empty', content: '' },
  { path: '/lib/link', target: '../elsewhere', mtime: 9 },
  { path: '/lib/__proto__', content: 'proto' }
];

/** A source whose reads are counted; it does not let on that its bytes are in memory. */
class CountingSource implements IReadable {
  readonly name = 'counted.img';
  readonly reads: [number, number][] = [];

  constructor(private readonly image: Uint8Array) {}

  get size(): number {
    return this.image.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.readSync(offset, length);
  }

  readSync(offset: number, length: number): Uint8Array {
    this.reads.push([offset, length]);
    return this.image.slice(offset, offset + length);
  }
}

function rangeOf(image: ImageReader, path: string): [number, number] {
  const entry = image.index.lookup(path);
  if (entry?.kind !== 'file') throw new Error(`no file ${path}`);
  return [entry.start, entry.end];
}

describe.each([
  ['uncompressed', false],
  ['compressed', true]
])('an %s image', (_name, compress) => {
  const bytesOf = (options: ITestOptions = {}) =>
    makeImage(ENTRIES, { compress, ...options });
  const open = (options: ITestOptions = {}) =>
    ImageReader.open(new MemorySource(bytesOf(options), 'test.img'));

  test('knows how it is stored', async () => {
    expect((await open()).compressed).toBe(compress);
  });

  test('lists its files in archive order', async () => {
    const image = await open({ boot: ['/lib/empty', '/lib/a.txt'] });
    expect(image.index.files.map(file => file.path)).toEqual([
      '/lib/empty',
      '/lib/a.txt',
      '/lib/__proto__',
      '/lib/big.bin',
      '/lib/same.bin'
    ]);
  });

  test('finds entries of each kind by path', async () => {
    const { index } = await open();
    expect(index.lookup('/lib')).toMatchObject({
      kind: 'directory',
      mode: 0o755,
      mtime: 5
    });
    expect(index.lookup('/lib/a.txt')).toMatchObject({
      kind: 'file',
      mode: 0o600,
      mtime: 7
    });
    expect(index.lookup('/lib/link')).toMatchObject({
      kind: 'link',
      target: '../elsewhere',
      mtime: 9
    });
    expect(index.lookup('/')).toBe(index.root);
    for (const path of ['', 'lib', '/lib/', '/lib/none', '/none/a', '/lib/a.txt/b']) {
      expect(index.lookup(path)).toBeUndefined();
    }
  });

  test('lists the children of a directory', async () => {
    const { index } = await open();
    expect([...index.children('/')!.keys()]).toEqual(['lib']);
    expect(index.children('/lib')!.get('__proto__')).toMatchObject({ kind: 'file' });
    expect(index.children('/lib/a.txt')).toBeUndefined();
  });

  test('reads back every file', async () => {
    const image = await open();
    for (const { path, content } of ENTRIES) {
      if (content === undefined) continue;
      const [start, end] = rangeOf(image, path);
      const expected = Buffer.from(content as Uint8Array);
      expect(expected.equals(image.readSync(start, end))).toBe(true);
      expect(expected.equals(await image.read(start, end))).toBe(true);
    }
  });

  test('gives a hard link the bytes of its first name', async () => {
    const image = await open();
    expect(rangeOf(image, '/lib/same.bin')).toEqual(rangeOf(image, '/lib/big.bin'));
  });

  test('reads any range, also across the borders of chunks', async () => {
    const image = await open();
    const [start] = rangeOf(image, '/lib/big.bin');
    for (const at of [
      0,
      1,
      CHUNK - start - 1,
      CHUNK - start,
      2 * CHUNK - start - 3,
      699_990
    ]) {
      for (const length of [0, 1, 2, 10, CHUNK + 5]) {
        const end = Math.min(at + length, BIG.length);
        const expected = BIG.subarray(at, end);
        expect(Buffer.compare(image.readSync(start + at, start + end), expected)).toBe(
          0
        );
      }
    }
  });

  test('copies a range into the middle of a buffer', async () => {
    const image = await open();
    const [start] = rangeOf(image, '/lib/a.txt');
    const target = new Uint8Array(9).fill(120);
    image.readIntoSync(target, start + 1, 3, 4);
    expect(Buffer.from(target).toString()).toBe('xxxlphaxx');
  });

  test('refuses a range outside of its files', async () => {
    const image = await open();
    const end = image.index.crc32.length * CHUNK;
    expect(() => image.readSync(-1, 4)).toThrow(ImageError);
    expect(() => image.readSync(4, 3)).toThrow(ImageError);
    expect(() => image.readSync(0, end + 1)).toThrow(ImageError);
    expect(() => image.readSync(NaN, NaN)).toThrow(ImageError);
    await expect(image.read(0, end + 1)).rejects.toThrow(ImageError);
    await expect(image.preload(end + 1)).rejects.toThrow(ImageError);
  });

  test('hands out no byte of a damaged chunk, and names it', async () => {
    const bytes = bytesOf();
    const place = Buffer.from(bytes).indexOf(BIG.subarray(400_000, 400_016));
    bytes[place] ^= 1;
    const image = await ImageReader.open(new MemorySource(bytes, 'test.img'));
    const [start, end] = rangeOf(image, '/lib/big.bin');
    expect(() => image.readSync(start, end)).toThrow(/^test\.img: chunk 1 /);
    expect(() => image.readSync(start + 400_000, start + 400_001)).toThrow(ImageError);
    await expect(image.read(start, end)).rejects.toThrow(/chunk 1/);
    expect(Buffer.compare(image.readSync(start, start + 9), BIG.subarray(0, 9))).toBe(
      0
    );
  });

  test('reads each chunk once while it stays in the cache', async () => {
    const source = new CountingSource(bytesOf());
    const image = await ImageReader.open(source);
    const [start, end] = rangeOf(image, '/lib/big.bin');
    image.readSync(start, end);
    const before = source.reads.length;
    image.readSync(start, end);
    image.readSync(start + 5, start + 9);
    expect(source.reads.length).toBe(before);
  });

  test('keeps no more chunks than its budget allows, the latest used', async () => {
    const source = new CountingSource(bytesOf());
    const image = await ImageReader.open(source, { cacheBytes: 2 * CHUNK });
    const read = (...chunks: number[]) => {
      const before = source.reads.length;
      chunks.forEach(chunk => image.readSync(chunk * CHUNK + 10, chunk * CHUNK + 20));
      return source.reads.length - before;
    };
    expect(read(2, 1)).toBe(2);
    expect(read(2, 1, 2)).toBe(0);
    expect(read(0)).toBe(1);
    expect(read(2, 0)).toBe(0);
    expect(read(1)).toBe(1);
  });

  test('reads more chunks at once the longer they are read in order', async () => {
    const content = new Uint8Array(20 * CHUNK);
    const bytes = makeImage([{ path: '/long', content }], { compress });
    const source = new CountingSource(bytes);
    const image = await ImageReader.open(source, { cacheBytes: 1 });
    source.reads.length = 0;
    for (let chunk = 0; chunk < 20; chunk++) {
      image.readSync(chunk * CHUNK, chunk * CHUNK + 1);
    }
    expect(source.reads).toHaveLength(5);
    const ends = source.reads.map(([offset, length]) => offset + length);
    expect(source.reads.slice(1).map(([offset]) => offset)).toEqual(ends.slice(0, -1));
    image.readSync(5 * CHUNK, 5 * CHUNK + 1);
    expect(source.reads).toHaveLength(6);
    if (!compress) expect(source.reads[5][1]).toBe(CHUNK);
  });

  test('says what to do when a chunk cannot be waited for', async () => {
    const bytes = bytesOf();
    const image = await ImageReader.open({
      name: 'page.img',
      size: bytes.length,
      read: async (offset, length) => bytes.slice(offset, offset + length)
    });
    expect(() => image.readSync(0, 10)).toThrow(/page\.img: chunk 0 .* Preload it/);
    await image.preload(10);
    expect(image.readSync(0, 3)).toHaveLength(3);
  });

  test('is opened with one round of reads when its last chunk is known', async () => {
    const bytes = bytesOf();
    const index = compress
      ? Buffer.from(bytes).readUInt16LE(10) + 12
      : bytes.length - 32 - 1024 - 512;
    const reads: [number, number][] = [];
    let rounds = 0;
    let pending: Promise<void> | undefined;
    const source: IReadable = {
      name: 'round.img',
      size: bytes.length,
      read: async (offset, length) => {
        reads.push([offset, length]);
        pending ??= Promise.resolve().then(() => {
          rounds += 1;
          pending = undefined;
        });
        await pending;
        return bytes.slice(offset, offset + length);
      }
    };
    // A hint that is too early only reads more: any place at or before the last chunk will do.
    await ImageReader.open(source, { lastChunk: { offset: Math.min(index, 600) } });
    expect(rounds).toBe(1);
    expect(reads).toHaveLength(2);
  });

  test('with an empty tree has an empty root', async () => {
    const image = await ImageReader.open(new MemorySource(makeImage([], { compress })));
    expect(image.index.root.children.size).toBe(0);
    expect(image.readSync(0, 0)).toHaveLength(0);
    await image.preload();
  });
});

test('an uncompressed image in memory is read without a copy', async () => {
  const bytes = makeImage(ENTRIES);
  const image = await ImageReader.open(new MemorySource(bytes));
  const [start] = rangeOf(image, '/lib/a.txt');
  expect(image.readSync(start, start + 5).buffer).toBe(bytes.buffer);
});

test('a cached chunk keeps nothing else in memory', async () => {
  const bytes = makeImage(ENTRIES);
  const image = await ImageReader.open({
    name: 'views.img',
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    readSync: (offset, length) => bytes.subarray(offset, offset + length)
  });
  expect(image.readSync(CHUNK, CHUNK + 5).buffer.byteLength).toBe(CHUNK);
});

test('an uncompressed image in memory has each chunk checked once', async () => {
  const bytes = makeImage(ENTRIES);
  const image = await ImageReader.open(new MemorySource(bytes), { cacheBytes: 1 });
  const [start, end] = rangeOf(image, '/lib/big.bin');
  image.readSync(start, end);
  bytes[start + 300_000] ^= 1;
  expect(image.readSync(start, end)).toHaveLength(BIG.length);
});

test('a hint to a last chunk outside of the file is refused', async () => {
  const source = new MemorySource(makeImage(ENTRIES), 'test.img');
  const opening = ImageReader.open(source, { lastChunk: { offset: source.size } });
  await expect(opening).rejects.toThrow(/expected its last chunk at/);
});

test('a table of chunks that is longer than the first read is read to its end', async () => {
  const zeros = new Uint8Array(CHUNK);
  const count = 1100;
  const index = emptyIndex();
  index.frozenfs.crc32 = new Array<number>(count).fill(crc32(zeros));
  index.remote_package_size = count * CHUNK;
  const chunks = new Array<Buffer>(count).fill(deflateChunk(zeros));
  const last = indexTail(index, count * CHUNK);
  const source = new MemorySource(gzipMember(chunks, count * CHUNK, last, 0));
  const image = await ImageReader.open(source);
  expect(image.index.crc32).toHaveLength(count);
  expect(image.readSync(count * CHUNK - 3, count * CHUNK)).toEqual(new Uint8Array(3));
});
