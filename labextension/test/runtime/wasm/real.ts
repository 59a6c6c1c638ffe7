import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { ImageReader, walk } from '../../../src/image';
import { FileSource } from '../../../src/runtime/node/file-source';
import { course } from '../snapshot/course';

/** The WebAssembly of the Pyodide that the tests run with. */
export function runtimeWasm(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    readFileSync(createRequire(import.meta.url).resolve('pyodide/pyodide.asm.wasm'))
  );
}

/** The compiled libraries of the course's packages, by their paths. */
export async function courseLibraries(): Promise<Map<string, Uint8Array>> {
  const image = await ImageReader.open(new FileSource(course().image));
  const libraries = new Map<string, Uint8Array>();
  for (const entry of walk(image.index.root.children)) {
    if (entry.kind !== 'file' || !entry.path.endsWith('.so')) continue;
    libraries.set(entry.path, await image.read(entry.start, entry.end));
  }
  return libraries;
}
