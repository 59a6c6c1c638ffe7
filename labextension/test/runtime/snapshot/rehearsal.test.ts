import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { rehearse } from '../../../src/runtime/snapshot/rehearsal';

const PYODIDE = dirname(createRequire(import.meta.url).resolve('pyodide'));

afterEach(() => void vi.restoreAllMocks());

describe('the rehearsal of the runtime’s scripts', () => {
  test('goes on until the runtime receives its WebAssembly, and ends', async () => {
    const sections = vi.spyOn(WebAssembly.Module, 'customSections');
    await rehearse(`${pathToFileURL(PYODIDE).href}/`);
    expect(sections.mock.calls.map(([, name]) => name)).toEqual(['dylink.0']);
  });

  test('says so where there are no such scripts', async () => {
    await expect(rehearse(`${pathToFileURL(PYODIDE).href}/none/`)).rejects.toThrow();
  });
});
