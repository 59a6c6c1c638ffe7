import { afterEach, describe, expect, test, vi } from 'vitest';

import type { IReadable } from '../../src/image';
import { ImageReader } from '../../src/image';
import { MemorySource } from '../../src/source';
import { makeImage } from './make-image';
import { noise } from './noise';

const CHUNK = 262144;
const TEXT = 'The quick brown fox. '.repeat(60_000);
const ENTRIES = [
  { path: '/boot.txt', content: TEXT },
  { path: '/noise.bin', content: noise(300_000) },
  { path: '/rest.txt', content: `${TEXT}rest` }
];
const BOOT = ['/boot.txt', '/noise.bin'];

/** A source that cannot be read at once: what is read there was preloaded. */
function asyncOnly(bytes: Uint8Array): IReadable & { reads: number } {
  const source = {
    name: 'boot.img',
    size: bytes.length,
    reads: 0,
    read: async (offset: number, length: number) => {
      source.reads += 1;
      return bytes.slice(offset, offset + length);
    }
  };
  return source;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each([
  ['compressed, inflated by the platform', true, true],
  ['compressed, where the platform cannot inflate', true, false],
  ['uncompressed', false, true]
])('the boot prefix of an image %s', (_name, compress, native) => {
  const bytes = makeImage(ENTRIES, { compress, boot: BOOT });
  const open = async (source: IReadable = asyncOnly(bytes), cacheBytes = CHUNK) => {
    if (!native) vi.stubGlobal('DecompressionStream', undefined);
    return ImageReader.open(source, { cacheBytes });
  };

  test('can be read at once after it was preloaded', async () => {
    const image = await open();
    await image.preload();
    const [first] = image.index.files;
    expect(Buffer.from(image.readSync(first.start, first.end)).toString()).toBe(TEXT);
    expect(image.bootSize).toBeGreaterThan(TEXT.length + 300_000);
    expect(() => image.readSync(0, image.bootSize)).not.toThrow();
    expect(() =>
      image.readSync(image.bootSize + CHUNK, image.bootSize + CHUNK + 1)
    ).toThrow();
  });

  test('reports its progress up to the end', async () => {
    const image = await open();
    const progress: [number, number][] = [];
    await image.preload(undefined, (done, total) => progress.push([done, total]));
    const total = Math.ceil(image.bootSize / CHUNK) * CHUNK;
    expect(progress.map(([, of]) => of)).toEqual(progress.map(() => total));
    expect(progress.map(([done]) => done)).toEqual(
      progress.map((_, i) => (i + 1) * CHUNK)
    );
    expect(progress.at(-1)![0]).toBe(total);
  });

  test('stays in memory until it is released', async () => {
    const image = await open();
    await image.preload();
    await image.read(image.index.files[2].start, image.index.files[2].end);
    expect(image.readSync(0, image.bootSize)).toHaveLength(image.bootSize);
    image.release();
    expect(() => image.readSync(0, image.bootSize)).toThrow(/not in memory/);
  });

  test('is not fetched again when it is preloaded again', async () => {
    const source = asyncOnly(bytes);
    const image = await open(source);
    await image.preload();
    const { reads } = source;
    await image.preload();
    expect(source.reads).toBe(reads);
  });

  test('can be preloaded up to the last byte', async () => {
    const image = await open();
    const end = image.index.files[2].end;
    await image.preload(end);
    expect(image.readSync(end - 4, end)).toEqual(new TextEncoder().encode('rest'));
  });

  test('names the chunk that is damaged', async () => {
    const damaged = bytes.slice();
    const place = Buffer.from(damaged).indexOf(
      noise(300_000).subarray(100_000, 100_016)
    );
    damaged[place] ^= 0x10;
    const image = await open(asyncOnly(damaged));
    const chunk = Math.floor((image.index.files[1].start + 100_000) / CHUNK);
    await expect(image.preload()).rejects.toThrow(`boot.img: chunk ${chunk} `);
  });

  test('rejects with what the source says when that fails', async () => {
    const source = asyncOnly(bytes);
    const image = await open(source);
    const { read } = source;
    const failure = new Error('the line broke');
    let left = 3;
    source.read = (offset, length) =>
      left-- > 0 ? read(offset, length) : Promise.reject(failure);
    await expect(image.preload()).rejects.toBe(failure);
  });
});

test('chunks are inflated while later ones are still on their way', async () => {
  const bytes = makeImage(ENTRIES, { compress: true, boot: BOOT });
  let send: () => void = () => undefined;
  const sent = new Promise<void>(resolve => (send = resolve));
  const source = asyncOnly(bytes);
  const image = await ImageReader.open(source);
  const { read } = source;
  let calls = 0;
  source.read = async (offset, length) => {
    if (++calls === 4) await sent;
    return read(offset, length);
  };
  let done = 0;
  const loading = image.preload(undefined, bytesDone => {
    done = bytesDone;
    if (done >= 2 * CHUNK) send();
  });
  await loading;
  expect(done).toBeGreaterThanOrEqual(image.bootSize);
});

test('a damaged deflate stream is an error of its chunk, whoever inflates', async () => {
  const bytes = makeImage(ENTRIES, { compress: true, boot: BOOT });
  const head = 12 + Buffer.from(bytes).readUInt16LE(10);
  const second = head + Buffer.from(bytes).readUInt32LE(36);
  bytes.fill(0xff, second + 1, second + 40);
  const image = await ImageReader.open(new MemorySource(bytes, 'boot.img'));
  await expect(image.preload()).rejects.toThrow(/^boot\.img: chunk 1 does not inflate/);
  expect(image.readSync(600, 610)).toHaveLength(10);
});
