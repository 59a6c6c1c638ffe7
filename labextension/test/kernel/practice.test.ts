import { loadPyodide } from 'pyodide';
import type { PyodideAPI } from 'pyodide';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { Practice, term } from '../../src/kernel/practice';

const WEEK = 7 * 24 * 3600 * 1000;

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

describe('the term of a practice', () => {
  const engine = (brand: string, version = '156') => ({
    userAgentData: {
      brands: [
        { brand: 'Not:A-Brand', version: '8' },
        { brand, version }
      ]
    }
  });

  test('is a week of one version of Chromium', () => {
    const now = 2969 * WEEK;
    expect(term(engine('Chromium'), now)).toBe('156 2969');
    expect(term(engine('Chromium'), now + WEEK - 1)).toBe('156 2969');
    expect(term(engine('Chromium'), now + WEEK)).toBe('156 2970');
    expect(term(engine('Chromium', '157'), now)).toBe('157 2969');
  });

  test.each([
    ['tell their brands', engine('Other')],
    ['do not', {}]
  ])('is none for other engines that %s', (_, other) => {
    expect(term(other, 0)).toBe(null);
  });
});
