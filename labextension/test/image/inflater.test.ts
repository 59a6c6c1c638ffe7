import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';

import { deflateChunk } from '../../src/image/deflate';
import { inflate } from '../../src/image/inflater';
import { dice } from './mutate';
import { noise } from './noise';

const RUNS = process.env.FROZENFS_SOAK ? 100_000 : 5000;
const TIMEOUT = 1_800_000;
const END = Uint8Array.of(0x03, 0x00);

const { Z_DEFAULT_STRATEGY, Z_FILTERED, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;

/** Bytes of many kinds: words, runs, noise, repetitions from near and far. */
function content(seed: number, size: number): Uint8Array {
  const roll = dice(seed);
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size;) {
    const length = Math.min(1 + roll(roll(8) ? 20 : 600), size - at);
    const from = at ? roll(at) : 0;
    switch (roll(4)) {
      case 0:
        bytes.set(noise(length, roll(1e6)), at);
        break;
      case 1:
        bytes.fill(roll(256), at, at + length);
        break;
      case 2:
        bytes.write('import of some words '.slice(roll(20)), at, length, 'latin1');
        break;
      default:
        // A repetition may overlap with itself.
        for (let i = 0; i < length; i++) bytes[at + i] = bytes[from + i];
    }
    at += length;
  }
  return bytes;
}

function zlib(stream: Uint8Array, size: number): Buffer | null {
  try {
    const { buffer, engine } = inflateRawSync(stream, {
      info: true,
      maxOutputLength: size
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    return engine.bytesWritten === stream.length ? buffer : null;
  } catch {
    return null;
  }
}

function own(stream: Uint8Array, size: number): Uint8Array | null {
  try {
    return inflate(stream, size, true);
  } catch (error) {
    expect((error as Error).constructor).toBe(Error);
    return null;
  }
}

test.each([Z_DEFAULT_STRATEGY, Z_FILTERED, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE])(
  'what zlib deflates with strategy %i is inflated',
  strategy => {
    for (let seed = 1; seed <= 100; seed++) {
      const level = seed % 10;
      const bytes = content(seed, seed % 7 === 0 ? seed : seed * 997);
      const stream = deflateRawSync(bytes, {
        level,
        strategy,
        memLevel: 1 + (seed % 9)
      });
      const found = inflate(stream, bytes.length, true);
      expect([seed, Buffer.compare(found, bytes)]).toEqual([seed, 0]);
    }
  }
);

test('a chunk that others follow is inflated', () => {
  for (let seed = 1; seed <= 100; seed++) {
    const bytes = content(seed, seed * 2621);
    const found = inflate(deflateChunk(bytes, seed % 10), bytes.length, false);
    expect([seed, Buffer.compare(found, bytes)]).toEqual([seed, 0]);
  }
});

test('the longest codes, lengths and distances are inflated', () => {
  // Each byte is half as frequent as the one before: codes of all lengths.
  const skewed = Buffer.concat(
    Array.from({ length: 18 }, (_, i) => Buffer.alloc(2 ** (17 - i), i))
  );
  const distant = Buffer.concat([noise(32768, 1), noise(32768, 1), noise(300, 1)]);
  for (const bytes of [skewed, distant, Buffer.alloc(70_000)]) {
    for (const strategy of [Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_FIXED]) {
      const stream = deflateRawSync(bytes, { level: 9, strategy });
      expect(Buffer.compare(inflate(stream, bytes.length, true), bytes)).toBe(0);
    }
  }
});

test(
  'a spoiled stream is refused, or inflated to what zlib makes of it',
  { timeout: TIMEOUT },
  () => {
    const originals = Array.from({ length: 60 }, (_, i) => {
      const bytes = content(i, 50 + i * 40);
      const strategy = [Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY][i % 3];
      return { size: bytes.length, stream: deflateRawSync(bytes, { strategy }) };
    });
    let refused = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const roll = dice(seed);
      const { size, stream } = originals[roll(originals.length)];
      let spoiled = Buffer.from(stream);
      for (let times = 1 + roll(3); times > 0; times--) {
        // Half of the damage goes where the tables are.
        const at = roll(2) ? roll(spoiled.length) : roll(Math.min(80, spoiled.length));
        if (roll(10) === 0) spoiled = spoiled.subarray(0, at + 1);
        else spoiled[at] ^= 1 << roll(8);
      }
      const [found, expected] = [own(spoiled, size), zlib(spoiled, size)];
      expect([seed, found && Buffer.from(found).toString('hex')]).toEqual([
        seed,
        expected && expected.toString('hex')
      ]);
      if (found === null) refused += 1;
    }
    expect(refused).toBeGreaterThan(RUNS / 2);
    expect(refused).toBeLessThan(RUNS);
  }
);

test('what yields more than it may, ends early or goes on is refused', () => {
  const bytes = content(1, 5000);
  const stream = deflateRawSync(bytes);
  const chunk = deflateChunk(bytes, 6);
  expect(() => inflate(stream, 4999, true)).toThrow('too much');
  expect(() => inflate(stream.subarray(0, -9), 5000, true)).toThrow(
    /early|should|much/
  );
  expect(() => inflate(Buffer.concat([stream, END]), 5000, true)).toThrow(
    'where it should'
  );
  expect(() => inflate(chunk, 5000, true)).toThrow('where it should');
  expect(() => inflate(stream, 5000, false)).toThrow('before its end');
  expect(() => inflate(chunk.subarray(0, -9), 5000, false)).toThrow(
    /early|should|much/
  );
  expect(() => inflate(new Uint8Array(0), 0, true)).toThrow('where it should');
  expect(inflate(new Uint8Array(0), 0, false)).toHaveLength(0);
});
