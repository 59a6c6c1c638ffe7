import { loadPyodide } from 'pyodide';
import type { PyodideAPI } from 'pyodide';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { Practice } from '../../src/kernel/practice';

describe('the practice of an idle kernel', () => {
  let pyodide: PyodideAPI;
  const warned = vi.fn();

  beforeAll(async () => {
    pyodide = await loadPyodide();
  });

  beforeEach(() => {
    warned.mockClear();
    vi.spyOn(console, 'warn').mockImplementation(warned);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test('compiles in pieces until it is done, and says so once', () => {
    const done = vi.fn();
    const practice = new Practice(pyodide, done, 100);
    practice.resume();
    vi.advanceTimersByTime(1400);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(200);
    expect(done).not.toHaveBeenCalled(); // not all of it in one piece
    vi.advanceTimersByTime(60_000);
    expect(done).toHaveBeenCalledTimes(1);
    practice.resume();
    expect(vi.getTimerCount()).toBe(0);
    expect(warned).not.toHaveBeenCalled();
  });

  test('stops when somebody asks for something, and goes on afterwards', () => {
    const done = vi.fn();
    const practice = new Practice(pyodide, done, 100);
    practice.resume();
    vi.advanceTimersByTime(1505);
    practice.pause();
    vi.advanceTimersByTime(60_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(done).not.toHaveBeenCalled();
    practice.resume();
    practice.resume();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(60_000);
    expect(done).toHaveBeenCalledTimes(1);
  });

  test('leaves nothing behind that Python sees', () => {
    const state = () =>
      pyodide.runPython(`
import gc, sys, warnings
gc.collect()
[sorted(globals()), sorted(sys.modules), len(gc.get_objects()), warnings.filters].__repr__()
`) as string;
    const practise = () => {
      const practice = new Practice(pyodide, () => undefined, 20);
      practice.resume();
      vi.advanceTimersByTime(60_000);
    };
    practise();
    state();
    const before = state();
    practise();
    expect(state()).toBe(before);
  });

  test('is given up where Python does not compile any more', () => {
    const builtins = pyodide.pyimport('builtins') as { compile?: { copy(): unknown } };
    const compile = builtins.compile!.copy() as typeof builtins.compile;
    delete builtins.compile;
    const done = vi.fn();
    const practice = new Practice(pyodide, done, 5);
    practice.resume();
    vi.advanceTimersByTime(60_000);
    builtins.compile = compile;
    expect(done).not.toHaveBeenCalled();
    expect(warned).toHaveBeenCalledTimes(1);
    practice.resume();
    expect(vi.getTimerCount()).toBe(0);
  });
});
