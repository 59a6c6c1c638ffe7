import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { PyodideAPI } from 'pyodide';

import type { CreatePyodideModule } from '../create-module';
import { MEMORY_MODULE } from '../wasm/names';

type Pyodide = typeof import('pyodide');

/** Hash order must not differ between two builds: it reaches the bytes of `.pyc` files and snapshots. */
export const REPRODUCIBLE = { PYTHONHASHSEED: '0' };

/** The `loadPyodide` of a directory that holds Pyodide's files. */
export async function importPyodide(directory: string): Promise<Pyodide> {
  return import(pathToFileURL(join(resolve(directory), 'pyodide.mjs')).href);
}

/** What `pyodide.asm.mjs` of a directory exports: it makes the runtime's module. */
export async function importPyodideModule(
  directory: string
): Promise<CreatePyodideModule> {
  const url = pathToFileURL(join(resolve(directory), 'pyodide.asm.mjs')).href;
  const { default: createPyodideModule } = (await import(url)) as {
    default: CreatePyodideModule;
  };
  return createPyodideModule;
}

/** The WebAssembly of a directory that holds Pyodide's files. */
export function readRuntime(directory: string): Buffer {
  return readFileSync(join(directory, 'pyodide.asm.wasm'));
}

/** Have Pyodide, while it loads, instantiate this in place of its own WebAssembly, which it reads itself. */
export async function withRuntime<T>(
  bytes: Uint8Array<ArrayBuffer>,
  load: () => Promise<T>
): Promise<T> {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = ((source: BufferSource, imports?: WebAssembly.Imports) =>
    instantiate(
      imports && MEMORY_MODULE in imports ? bytes : source,
      imports
    )) as typeof instantiate;
  try {
    return await load();
  } finally {
    WebAssembly.instantiate = instantiate;
  }
}

/** An empty file, gone when the process ends: Pyodide wants a standard library, ours is in the image. */
export function emptyFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'frozenfs-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'empty.zip');
  writeFileSync(path, '');
  return path;
}

/** The traceback of an error that Python raised, null for any other error. */
export function pythonTraceback(pyodide: PyodideAPI, error: unknown): string | null {
  return error instanceof pyodide.ffi.PythonError ? error.message : null;
}
