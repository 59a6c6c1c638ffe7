import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import type { IByteSource } from '../../src/source';
import {
  BlobSource,
  HttpSource,
  MemorySource,
  OverlaySource,
  PartsSource,
  SliceSource
} from '../../src/source';
import { noise } from '../image/noise';
import { Host } from './host';

const BYTES = noise(10_000);
let host: Host;

beforeAll(async () => {
  host = await Host.start(BYTES);
});

afterAll(() => host.stop());

function parts(...borders: number[]): MemorySource[] {
  return borders.map(
    (border, i) =>
      new MemorySource(BYTES.subarray(borders[i - 1] ?? 0, border), `part ${i}`)
  );
}

const SOURCES: [string, () => IByteSource | Promise<IByteSource>][] = [
  ['memory', () => new MemorySource(BYTES)],
  ['a Blob', () => new BlobSource(new Blob([BYTES as Uint8Array<ArrayBuffer>]))],
  ['a URL', () => HttpSource.open(host.url)],
  ['a URL of known size', () => HttpSource.open(host.url, { size: BYTES.length })],
  [
    'a URL that is loaded',
    async () => {
      const source = await HttpSource.open(host.url);
      await source.load(0, source.size);
      return source;
    }
  ],
  [
    'a URL that is loaded whole',
    async () => {
      const source = await HttpSource.open(host.url, { size: BYTES.length });
      await source.loadAll();
      return source;
    }
  ],
  [
    'a slice of another',
    () => {
      const whole = new Uint8Array(10_020);
      whole.set(BYTES, 10);
      return new SliceSource(new MemorySource(whole), 10, 10_000);
    }
  ],
  [
    'a whole of which two ranges are elsewhere',
    () => {
      const [first, , third] = parts(2000, 8000, 10_000);
      return new OverlaySource(new MemorySource(BYTES), [
        { offset: 8000, source: third },
        { offset: 0, source: first }
      ]);
    }
  ],
  ['one part', () => new PartsSource(parts(10_000))],
  ['parts, one of them empty', () => new PartsSource(parts(1, 4000, 4000, 10_000))]
];

describe.each(SOURCES)('a source of %s', (_name, open) => {
  test('knows its size and has a name', async () => {
    const source = await open();
    expect(source.size).toBe(10_000);
    expect(source.name).not.toBe('');
  });

  test('reads any range', async () => {
    const source = await open();
    for (const [offset, length] of [
      [0, 10_000],
      [0, 1],
      [0, 2],
      [3999, 2],
      [4000, 6000],
      [9999, 1]
    ]) {
      const bytes = await source.read(offset, length);
      expect(bytes).toBeInstanceOf(Uint8Array);
      expect(Buffer.compare(bytes, BYTES.subarray(offset, offset + length))).toBe(0);
    }
  });

  test('reads nothing from anywhere, its end included', async () => {
    const source = await open();
    expect(await source.read(0, 0)).toHaveLength(0);
    expect(await source.read(10_000, 0)).toHaveLength(0);
  });

  test('reads several ranges at the same time', async () => {
    const source = await open();
    const offsets = [9000, 0, 3990, 500];
    const read = await Promise.all(offsets.map(offset => source.read(offset, 100)));
    read.forEach((bytes, i) =>
      expect(Buffer.compare(bytes, BYTES.subarray(offsets[i], offsets[i] + 100))).toBe(
        0
      )
    );
  });

  test.each([
    [-1, 1],
    [0, 10_001],
    [10_000, 1],
    [5, -1],
    [0.5, 1],
    [0, NaN],
    [Infinity, 0]
  ])('refuses %d + %d, which is not within it', async (offset, length) => {
    const source = await open();
    await expect(source.read(offset, length)).rejects.toBeInstanceOf(RangeError);
    if (source.readSync) {
      expect(() => source.readSync!(offset, length)).toThrow(RangeError);
    }
  });
});

describe.each(SOURCES.filter(([name]) => /memory|loaded|part/.test(name)))(
  'a source of %s',
  (_name, open) => {
    test('reads at once', async () => {
      const source = await open();
      for (const [offset, length] of [
        [0, 10_000],
        [3999, 2],
        [9999, 1],
        [10_000, 0]
      ]) {
        const bytes = source.readSync!(offset, length);
        expect(Buffer.compare(bytes, BYTES.subarray(offset, offset + length))).toBe(0);
      }
    });
  }
);

test('a Blob that does not answer a read is an error, and no wait without an end', async () => {
  vi.useFakeTimers();
  try {
    const blob = new Blob(['abc']);
    // A browser leaves a read open when the file behind a Blob was cut short.
    vi.spyOn(Blob.prototype, 'arrayBuffer').mockReturnValue(
      new Promise(() => undefined)
    );
    const reading = expect(new BlobSource(blob, 'env').read(0, 3)).rejects.toThrow(
      /^env: cannot be read \(no answer in 30 seconds\)/
    );
    await vi.advanceTimersByTimeAsync(30_000);
    await reading;
  } finally {
    vi.restoreAllMocks();
    vi.useRealTimers();
  }
});

test('a Blob cannot be read at once outside of a worker', () => {
  const source = new BlobSource(new Blob(['abc']));
  expect(source.readSync).toBeUndefined();
  expect(new PartsSource([new MemorySource(BYTES), source]).readSync).toBeUndefined();
});

test('a File gives a source its name', () => {
  expect(new BlobSource(new File(['abc'], 'course.img')).name).toBe('course.img');
  expect(new BlobSource(new Blob(['abc']), 'stored').name).toBe('stored');
});

test('parts are loaded ahead where they can be', async () => {
  const loaded = await HttpSource.open(host.url, { size: BYTES.length });
  const source = new PartsSource([new MemorySource(BYTES, 'first'), loaded], 'both');
  await source.load(9000, 2000);
  expect(Buffer.compare(source.readSync!(10_000, 1000), BYTES.subarray(0, 1000))).toBe(
    0
  );
  expect(() => source.readSync!(11_001, 1)).toThrow(/not loaded/);
  source.release();
  expect(() => source.readSync!(10_000, 1)).toThrow(/not loaded/);
});

test('an overlay is read where it covers the whole range, until it is released', async () => {
  const source = new OverlaySource(new MemorySource(new Uint8Array(100)), [
    { offset: 50, source: new MemorySource(new Uint8Array(10).fill(7)) }
  ]);
  expect([...(await source.read(58, 2))]).toEqual([7, 7]);
  expect([...source.readSync!(50, 1)]).toEqual([7]);
  expect([...(await source.read(58, 3))]).toEqual([0, 0, 0]);
  source.release();
  expect([...(await source.read(50, 1))]).toEqual([0]);
});
