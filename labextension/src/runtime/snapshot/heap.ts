import type { ILinker, SymbolFunction } from './module';

/** Blocks are asked for in this range of sizes, in bytes. The heap grows by less than the largest. */
const LARGEST = 2 ** 20;
const SMALLEST = 16;

/** Where the heap of a runtime ends. */
export function heapEnd(linker: ILinker): number {
  return cFunction(linker, 'sbrk')(0);
}

/** Where a stack lies: it grows from its base down to its end. */
export interface IStack {
  base: number;
  end: number;
}

export function stackOf(linker: ILinker): IStack {
  return {
    base: cFunction(linker, 'emscripten_stack_get_base')(),
    end: cFunction(linker, 'emscripten_stack_get_end')()
  };
}

/**
 * Fill the free blocks of the heap with zeros: what was left in them would have to be compressed and sent.
 *
 * They are had by asking for them, largest first, until the next one would make the heap grow.
 */
export function wipeFreeMemory(linker: ILinker): void {
  const malloc = cFunction(linker, 'malloc');
  const free = cFunction(linker, 'free');
  const usableSize = cFunction(linker, 'malloc_usable_size');
  const end = heapEnd(linker);
  const blocks: number[] = [];
  for (let size = LARGEST; size >= SMALLEST; size = smaller(size)) {
    for (;;) {
      const block = malloc(size);
      if (block === 0) break;
      if (block + size > end) {
        free(block);
        break;
      }
      linker.HEAPU8.fill(0, block, block + usableSize(block));
      blocks.push(block);
    }
  }
  for (const block of blocks) free(block);
}

/** A tenth less, in whole steps of the allocator. */
function smaller(size: number): number {
  return Math.min(Math.floor(0.9 * size) & ~7, size - 8);
}

/** A function of the C library. */
export function cFunction(
  linker: ILinker,
  name: string
): (...args: number[]) => number {
  return linker.resolveGlobalSymbol(name).sym as SymbolFunction as (
    ...args: number[]
  ) => number;
}
