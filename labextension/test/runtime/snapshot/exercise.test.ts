import { loadPyodide } from 'pyodide';
import type { PyodideAPI } from 'pyodide';
import { beforeAll, describe, expect, test } from 'vitest';

import { exercise, EXERCISE } from '../../../src/runtime/snapshot/exercise';
import { linkerOf } from '../../../src/runtime/snapshot/module';
import { runApart } from '../../../src/runtime/snapshot/take';

describe('the exercise of what Python calls', () => {
  let pyodide: PyodideAPI;
  let address: number;

  beforeAll(async () => {
    pyodide = await loadPyodide();
    pyodide.runPython(`
import sys, types
sys.modules["_frozenfs_snapshot"] = types.ModuleType("_frozenfs_snapshot")
`);
    address = runApart(pyodide, EXERCISE) as unknown as number;
  });

  const run = () => exercise(linkerOf(pyodide), address);

  test('calls more functions at each place than an engine guesses at', () => {
    // The functions are those of the types of each row's objects, or of what is a type itself.
    const types = pyodide.runPython(`
rows, loop = sys.modules["_frozenfs_snapshot"].exercise
[len({thing if isinstance(thing, type) else type(thing) for thing in row[1:]}) for row in rows]
`) as { toJs(): number[]; destroy(): void };
    const counts = types.toJs();
    types.destroy();
    expect(counts.length).toBe(8);
    for (const count of counts) expect(count).toBeGreaterThanOrEqual(5);
    // Instructions that are made for types, with a place of their own: they have to be there already.
    const specialised = pyodide.runPython(`
import dis, io
text = io.StringIO()
dis.dis(loop, adaptive=True, file=text)
text = text.getvalue()
functions = {line.split("(")[-1] for line in text.splitlines() if "CALL_INTRINSIC_1" in line}
[text.count("BINARY_OP_EXTEND"), text.count("CALL_BUILTIN_CLASS"), len(functions)]
`) as { toJs(): number[]; destroy(): void };
    expect(specialised.toJs()).toEqual([5, 5, 5]);
    specialised.destroy();
  });

  test('leaves nothing behind', () => {
    const count = () =>
      pyodide.runPython('import gc; gc.collect(); len(gc.get_objects())') as number;
    for (let time = 0; time < 10; time++) run();
    const references = () =>
      pyodide.runPython(
        '[sys.getrefcount(thing) for row in rows for thing in row].__repr__()'
      );
    const before = references();
    const objects = count();
    for (let time = 0; time < 100; time++) run();
    expect(references()).toBe(before);
    // Python itself notes a few, not one each time.
    expect(count() - objects).toBeLessThan(10);
    expect(pyodide.runPython('1 + 1')).toBe(2);
  });

  test('says when Python raises an exception', () => {
    pyodide.runPython(`
def fails():
    raise RuntimeError("not today")

sys.modules["_frozenfs_snapshot"].exercise = wrong = rows, fails
`);
    const wrong = pyodide.runPython('id(wrong)') as number;
    expect(() => exercise(linkerOf(pyodide), wrong)).toThrow(
      /raises an exception when it is called first: RuntimeError\('not today'\)/
    );
  });
});
