import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { FileSource } from '../../../src/runtime/node/file-source';
import { SnapshotReader } from '../../../src/runtime/snapshot';
import { parseLinker } from '../../../src/runtime/snapshot/reader';
import { EXPORTS } from '../../../src/runtime/wasm/names';
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
    const [linked, otherLinked] = [one, other].map(({ linked: { path } }) =>
      readFileSync(path)
    );
    expect(linked.equals(otherLinked)).toBe(true);
    expect(one.linked.sha256).toBe(createHash('sha256').update(linked).digest('hex'));
  });

  test('holds no file of a library: their code is in the linked runtime, their data in the memory', async () => {
    const { path, head, linked } = await take({ modules: ['numpy.linalg'] });
    const snapshot = await SnapshotReader.open(new FileSource(path), head);
    const { libraries } = parseLinker(await snapshot.linker());
    expect(libraries.length).toBeGreaterThan(1);
    const magic = Buffer.from('\0asm\x01\0\0\0', 'latin1');
    await snapshot.memoryFrames(({ bytes }) =>
      expect(Buffer.from(bytes).indexOf(magic)).toBe(-1)
    );
    const module = await WebAssembly.compile(readFileSync(linked.path));
    expect(WebAssembly.Module.exports(module)).toContainEqual(
      expect.objectContaining({ name: EXPORTS, kind: 'table' })
    );
    const size = libraries.reduce(
      (sum, { functions }) => sum + Object.keys(functions).length,
      0
    );
    // Each function is there once, under a number of its own.
    const indexes = libraries.flatMap(({ functions }) => Object.values(functions));
    expect(new Set(indexes).size).toBe(size);
    expect(Math.min(...indexes)).toBe(1);
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
