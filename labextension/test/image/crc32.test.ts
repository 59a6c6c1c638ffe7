import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { assembled } from '../../assemble.mjs';
import { loadCrc32 } from '../../src/image/crc32';
import { noise } from './noise';

/** Around these sizes another way is taken: by tables or folded, in one piece or several. */
const BORDERS = [0, 8, 16, 12_288, 16_384, 2 ** 18, 2 ** 18 + 12_288, 2 ** 19];

test('CRC-32 is that of zlib, whatever the length and where the bytes lie', async () => {
  const ours = await loadCrc32();
  const bytes = noise(2 ** 19 + 64);
  const lengths = fc.oneof(
    fc.nat(20_000),
    fc
      .tuple(fc.constantFrom(...BORDERS), fc.integer({ min: -20, max: 20 }))
      .map(([border, more]) => Math.max(0, border + more))
  );
  fc.assert(
    fc.property(lengths, fc.nat(17), (length, start) => {
      const some = bytes.subarray(start, start + length);
      expect(ours(some)).toBe(crc32(some));
    })
  );
  expect(ours(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

test('It goes on from what came before', async () => {
  const ours = await loadCrc32();
  const bytes = noise(40_000);
  for (const cut of [0, 1, 12_345, 40_000]) {
    const first = ours(bytes.subarray(0, cut));
    expect(ours(bytes.subarray(cut), first)).toBe(crc32(bytes));
  }
});

test('Each bit counts, and no byte is changed', async () => {
  const ours = await loadCrc32();
  const bytes = noise(100_003);
  const before = bytes.slice();
  const crc = ours(bytes);
  expect(bytes).toEqual(before);
  for (let at = 0; at < bytes.length; at += 97) {
    bytes[at] ^= 1 << (at % 8);
    expect(ours(bytes)).toBe(crc32(bytes));
    bytes[at] ^= 1 << (at % 8);
  }
  expect(ours(bytes)).toBe(crc);
});

test('What is checked in is what crc32.wat assembles to', async () => {
  const path = new URL('../../src/image/crc32-wasm.ts', import.meta.url);
  expect(await readFile(path, 'utf8')).toBe(await assembled());
});
