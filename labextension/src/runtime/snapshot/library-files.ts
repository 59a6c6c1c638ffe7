import { cFunction } from './heap';
import type { ILinker } from './module';

/** What a file of WebAssembly begins with, as a word. */
const WASM_MAGIC = 0x6d736100;

/** Bytes of a file of WebAssembly that has its magic number and version. */
const LEAST = 8;

/** So many bytes more than were asked for a block may have. */
const MOST_SPARE = 64;

/** The words of Emscripten's `struct dso` that come before the library's name; the address of its file is one of them. */
const DSO_WORDS = 12;

/**
 * Give back the memory in which Emscripten keeps the file of each library that was opened.
 *
 * `dlopen` reads a file into the heap, from which the linker takes a copy, and leaves it there for threads that might
 * want to open it too (`file_data` in Emscripten's `system/lib/libc/dynlink.c`). There are no threads.
 */
export function freeLibraryFiles(linker: ILinker): void {
  const free = cFunction(linker, 'free');
  const usableSize = cFunction(linker, 'malloc_usable_size');
  const { buffer, byteLength } = linker.HEAPU8;
  const words = new Uint32Array(buffer);
  for (const handle of Object.keys(linker.LDSO.loadedLibsByHandle)) {
    const start = Number(handle) / 4;
    for (let at = start; at < start + DSO_WORDS; at++) {
      const [address, size] = words.subarray(at, at + 2);
      if (address % 4 || address + size > byteLength) continue;
      if (words[address / 4] !== WASM_MAGIC || size < LEAST) continue;
      const spare = usableSize(address) - size;
      if (spare < 0 || spare > MOST_SPARE) continue;
      words.fill(0, at, at + 2);
      free(address);
      break;
    }
  }
}
