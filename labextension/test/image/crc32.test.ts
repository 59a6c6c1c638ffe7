import { crc32 } from 'node:zlib';

import { expect, test } from 'vitest';

import { loadCrc32, wasmCrc32 } from '../../src/image/crc32';
import { noise } from './noise';

test.each([
  ['everywhere', wasmCrc32],
  ['here', loadCrc32]
])('CRC-32 is that of zlib, %s', async (_, load) => {
  const ours = await load();
  for (const length of [0, 1, 7, 8, 511, 65_537, 300_000]) {
    const bytes = noise(length + 3).subarray(3);
    expect(ours(bytes)).toBe(crc32(bytes));
  }
  expect(ours(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});
