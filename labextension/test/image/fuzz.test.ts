import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { ImageError, ImageReader, verify } from '../../src/image';
import { MemorySource } from '../../src/source';
import { makeImage } from './make-image';
import { CONTENT, forge, mutate, TREE } from './mutate';

/** How many images each test damages; `make soak` has the time for more. */
const RUNS = process.env.FROZENFS_SOAK ? 100_000 : 5000;
const TIMEOUT = 1_800_000;

const VECTORS = new URL('../../../tests/vectors/', import.meta.url);
const { images } = JSON.parse(
  readFileSync(new URL('vectors.json', VECTORS), 'utf8')
) as { images: { files: string[] }[] };

/** Open an image and read all of it: what is refused is refused with an ImageError. */
async function readAll(bytes: Uint8Array): Promise<Map<string, Uint8Array> | null> {
  try {
    const image = await ImageReader.open(new MemorySource(bytes));
    const files = new Map<string, Uint8Array>();
    for (const { path, start, end } of image.index.files) {
      files.set(path, image.readSync(start, end));
    }
    await image.preload();
    return files;
  } catch (error) {
    if (error instanceof ImageError) return null;
    throw error;
  }
}

describe.each([
  ['an uncompressed image', false],
  ['a compressed image', true]
])('%s', { timeout: TIMEOUT }, (_name, compress) => {
  const image = makeImage(TREE, { compress, boot: ['/lib/b.bin'] });
  const vectors = images
    .flatMap(({ files }) => files)
    .filter(name => name.includes('packed') === compress)
    .map(name => new Uint8Array(readFileSync(new URL(name, VECTORS))));
  const contents = new Map<Uint8Array, Map<string, Uint8Array>>([[image, CONTENT]]);

  beforeAll(async () => {
    for (const vector of vectors) contents.set(vector, (await readAll(vector))!);
  });

  /** Mostly a small image, which is quick to read; sometimes one with whatever images can have. */
  const chosen = (seed: number) =>
    seed % 16 === 0 ? vectors[(seed / 16) % vectors.length] : image;

  test('that is damaged at random never gives wrong bytes and never crashes', async () => {
    let refused = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const original = chosen(seed);
      const files = await readAll(mutate(original, seed));
      if (files === null) {
        refused += 1;
        continue;
      }
      for (const [path, bytes] of files) {
        expect([
          seed,
          path,
          Buffer.compare(bytes, contents.get(original)!.get(path)!)
        ]).toEqual([seed, path, 0]);
      }
    }
    expect(refused).toBeGreaterThan(RUNS / 2);
  });

  test('that is verified is the one that was written', async () => {
    const archive = compress ? gunzipSync(image) : image;
    let same = 0;
    for (let seed = 1; seed <= RUNS / 5; seed++) {
      const bytes = seed % 50 === 0 ? image : mutate(image, seed * 104729);
      try {
        await verify(await ImageReader.open(new MemorySource(bytes)));
      } catch (error) {
        if (error instanceof ImageError) continue;
        throw error;
      }
      same += 1;
      const found = compress ? gunzipSync(bytes) : bytes;
      expect([seed, Buffer.compare(found, archive)]).toEqual([seed, 0]);
    }
    expect(same).toBeGreaterThanOrEqual(RUNS / 250);
  });

  test('whose index was forged is refused or has paths within its root', async () => {
    for (let seed = 1; seed <= RUNS / 5; seed++) {
      const files = await readAll(forge({ compress }, seed));
      for (const path of files?.keys() ?? []) {
        expect(path).toMatch(/^(\/(?!\.{1,2}(\/|$))[^/\0]+)+$/);
      }
    }
  });

  test('never allocates more than its size justifies', async () => {
    const Real = Uint8Array;
    let largest = 0;
    // The one place where all memory for images comes from.
    vi.stubGlobal(
      'Uint8Array',
      new Proxy(Real, {
        construct(target, args: [number]) {
          if (typeof args[0] === 'number') largest = Math.max(largest, args[0]);
          return Reflect.construct(target, args);
        }
      })
    );
    try {
      for (let seed = 1; seed <= RUNS / 5; seed++) {
        const bytes = mutate(chosen(seed), seed * 7919);
        largest = 0;
        await readAll(bytes);
        expect(largest).toBeLessThanOrEqual(bytes.length * 1032 + 1);
      }
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
