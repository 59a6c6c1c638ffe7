import { beforeAll, describe, expect, test } from 'vitest';

import { offsetsOf } from '../../../src/runtime/snapshot/link-record';
import { leaveEmpty, whenAsked } from '../../../src/runtime/snapshot/linker-told';
import type { ILinker, SymbolFunction } from '../../../src/runtime/snapshot/module';
import { MAIN, linkerOf } from '../../../src/runtime/snapshot/module';
import type { IKernel } from './course';
import { restored, startKernelFrom, take } from './course';

describe('the linker of a restored kernel', () => {
  let kernel: IKernel;
  let fresh: IKernel;
  let linker: ILinker;

  beforeAll(async () => {
    kernel = await restored(await take({ modules: ['numpy'] }));
    fresh = await startKernelFrom();
    linker = linkerOf(kernel.pyodide);
  });

  /** Whether the linker has not been asked yet. Looking at what is open would ask it. */
  const untold = () =>
    Object.getOwnPropertyDescriptor(linker.LDSO, 'loadedLibsByName')?.get !== undefined;

  test('is not told of the libraries by what they are used for', () => {
    expect(kernel.run('import numpy as np; str(np.linalg.det(np.eye(3)))')).toBe('1.0');
    expect(untold()).toBe(true);
    expect(Object.keys(linker.GOT).length).toBeLessThan(100);
  });

  test('knows each address of the runtime then as one that has linked by itself', () => {
    const own = linkerOf(fresh.pyodide);
    const main = Object.keys(own.LDSO.loadedLibsByName[MAIN].exports);
    expect(Object.keys(linker.LDSO.loadedLibsByName).length).toBeGreaterThan(2);
    expect(untold()).toBe(false);
    const [told, found] = [linker, own].map(offsetsOf);
    const known = main.filter(symbol => symbol in found);
    expect(known.length).toBeGreaterThan(8000);
    const pick = (offsets: Record<string, number>) =>
      Object.fromEntries(known.map(symbol => [symbol, offsets[symbol]]));
    expect(pick(told)).toEqual(pick(found));
  });

  test('gives a function the address that it has', () => {
    for (const name of ['PyObject_GenericGetAttr', 'malloc', 'PyType_GenericNew']) {
      const { sym } = linker.resolveGlobalSymbol(name);
      expect(linker.addFunction(sym as SymbolFunction), name).toBe(
        linker.GOT[name].value
      );
    }
    const code = `
import ctypes
[ctypes.cast(function, ctypes.c_void_p).value for function in (ctypes.pythonapi.PyObject_GenericGetAttr, ctypes.pythonapi.PyList_New)]
`;
    expect(kernel.run(code)).toBe(fresh.run(code));
  });
});

test('whoever asks which libraries are open finds what was told because of it', () => {
  const LDSO = {
    loadedLibsByName: {} as ILinker['LDSO']['loadedLibsByName'],
    loadedLibsByHandle: {}
  };
  const library = { name: 'one', refcount: 1, global: false, exports: {} };
  let told = 0;
  whenAsked(LDSO, () => {
    told++;
    LDSO.loadedLibsByName.one = library;
  });
  expect(told).toBe(0);
  expect(LDSO.loadedLibsByName).toEqual({ one: library });
  LDSO.loadedLibsByName = {};
  expect([LDSO.loadedLibsByName, LDSO.loadedLibsByHandle, told]).toEqual([{}, {}, 1]);
});

test('tables that are left empty for a while are as before when that ends', () => {
  const GOT: ILinker['GOT'] = {};
  const table = new WebAssembly.Table({ initial: 3, element: 'anyfunc' });
  const end = leaveEmpty({ GOT } as ILinker, table);
  expect(GOT.anything.value).toBe(0);
  expect(table.length).toBe(0);
  expect(table.grow(1)).toBe(3);
  end();
  expect(GOT.anything).toBeUndefined();
  expect(String(GOT)).toBe('[object Object]');
  expect(table.length).toBe(4);
});
