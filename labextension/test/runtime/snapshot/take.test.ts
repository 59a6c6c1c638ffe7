import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { FileSource } from '../../../src/runtime/node/file-source';
import { SnapshotReader } from '../../../src/runtime/snapshot';
import { take } from './course';

describe('a snapshot', () => {
  test('has the same bytes each time that it is taken', async () => {
    const warmUp = {
      modules: ['numpy', 'PIL.Image'],
      script: 'import random, uuid; print({str(uuid.uuid4()), str(random.random())})'
    };
    const [one, other] = [await take(warmUp), await take(warmUp)];
    expect(readFileSync(one.path).equals(readFileSync(other.path))).toBe(true);
    expect(one.sha256).toBe(other.sha256);
  });

  test('holds the file of a library once, not in its memory too', async () => {
    const { path, head } = await take({ modules: ['numpy.linalg'] });
    const snapshot = await SnapshotReader.open(new FileSource(path), head);
    expect(snapshot.header.libraries.flat().length).toBeGreaterThan(1);
    const magic = Buffer.from('\0asm\x01\0\0\0', 'latin1');
    await snapshot.memoryFrames(({ bytes }) =>
      expect(Buffer.from(bytes).indexOf(magic)).toBe(-1)
    );
  });

  test.each([
    [
      'a callback from ctypes is alive',
      'import ctypes, sys; sys.kept = ctypes.CFUNCTYPE(None)(print)',
      /slot \d+ of the function table .* a callback from ctypes/
    ],
    [
      'a file outside of the image is open',
      'import sys; sys.kept = open("/tmp/notes", "w")',
      /the warm-up leaves \/tmp\/notes open/
    ],
    [
      'Python holds an object of JavaScript',
      'import sys; from js import Date; sys.kept = Date.new()',
      /Python holds a JavaScript object .* Date/
    ],
    ['the warm-up fails', 'import nowhere', /No module named 'nowhere'/]
  ])('is refused when %s, and it is said', async (_, script, reason) => {
    expect((await take({ script })).refused).toMatch(reason);
  });

  test('sees the globals of a browser’s worker in place of those of Node', async () => {
    const script = `
from js import XMLHttpRequest, self
import js, pyodide.http
assert not hasattr(js, "process") and not hasattr(js, "window")
`;
    expect((await take({ script })).refused).toBeUndefined();
  });
});
