import { beforeAll, expect, test } from 'vitest';

import type { IContents } from '../../../src/runtime/node/contents';
import { take } from './course';

const LARGE = 8_000_000;

/** Imports as code does, as a library does lazily, one that fails, and its error is kept. */
const SCRIPT = `
import importlib, sys
import numpy as np
importlib.import_module("PIL.Image")
try:
    import numpy.nowhere
except ImportError as error:
    sys.kept = error
sys.large = bytearray(${LARGE})
`;

let taken: { refused?: string; contents: IContents; imports: [string, number][] };
let bytesOf: (name: string) => number;

beforeAll(async () => {
  taken = (await take({ script: SCRIPT })) as unknown as typeof taken;
  bytesOf = name => taken.contents.warm_up.find(row => row.package === name)!.bytes;
});

test('a snapshot tells how much memory each package of the warm-up takes', () => {
  expect(taken.refused).toBeUndefined();
  const { memory, kernel, warm_up: rows } = taken.contents;
  const grown = rows.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(kernel.bytes).toBeGreaterThan(20_000_000);
  expect(kernel.bytes + grown).toBeLessThanOrEqual(memory);
  expect(bytesOf('numpy')).toBeGreaterThan(2_000_000);
  expect(bytesOf('PIL')).toBeGreaterThan(200_000);
  expect(rows.map(({ bytes }) => bytes)).toEqual(
    rows.map(({ bytes }) => bytes).sort((a, b) => b - a)
  );
});

test('what the author does beside importing is told apart', () => {
  const own = bytesOf('(the warm-up itself)');
  // What was free already is used first.
  expect(own).toBeGreaterThan(0.95 * LARGE);
  expect(own).toBeLessThan(1.5 * LARGE);
});

test('the compiled libraries are listed, the largest first', () => {
  const [first, ...others] = taken.contents.libraries;
  expect(first.path).toMatch(/^\/lib\/python3\.14\/site-packages\/numpy\/.*\.so$/);
  expect(others.some(({ path }) => path.includes('/PIL/_imaging.'))).toBe(true);
  expect(others.every(({ size }) => size <= first.size)).toBe(true);
});

test('the times are for the log: what is written has none', () => {
  expect(JSON.stringify(taken.contents)).not.toContain('milliseconds');
  expect(taken.imports.map(([name]) => name).sort()).toEqual(
    taken.contents.warm_up.map(row => row.package).sort()
  );
});
