import { SnapshotError } from './error';
import { linkGcHeads } from './gc-heads';
import type { IHeader } from './format';
import type { IStack } from './heap';
import type { ILinkRecord } from './record';

/**
 * Writes a piece of a snapshot's memory.
 *
 * @param target - What is to be filled.
 * @param from - Where in the piece it begins, in bytes.
 */
export type Fill = (target: Uint8Array, from: number) => void;

/** Bytes of a page of memory. */
const PAGE = 65536;

/** So many bytes of the heap may be used by a runtime until Python starts, or would. */
const HEADROOM = 2 * 2 ** 20;

/**
 * The memory of a runtime while a snapshot is put into it.
 *
 * Pieces come in any order, before the runtime is instantiated too: what lies where a starting runtime works is kept until
 * it has started; the rest is written at once, and only once. Where the runtime's own file puts data, a snapshot that is not
 * complete holds the difference (XOR) to that.
 */
export class LinkedMemory {
  readonly memory: WebAssembly.Memory;
  private readonly low: number;
  /** What will be in the lower part of the memory. */
  private readonly lowWords: Uint32Array;

  /**
   * @param runtimeData - What the runtime's own file puts into memory, from address 0 on.
   * @param complete - See `ISnapshot.complete`.
   * @throws SnapshotError when the browser does not give as much memory.
   */
  constructor(
    { size, maximum }: Pick<IHeader['memory'], 'size' | 'maximum'>,
    { heapStart }: Pick<ILinkRecord, 'heapStart'>,
    runtimeData: Uint32Array,
    private readonly complete = false
  ) {
    this.low = Math.min(heapStart + HEADROOM, size);
    try {
      this.memory = new WebAssembly.Memory({
        initial: Math.ceil(size / PAGE),
        maximum
      });
    } catch {
      throw new SnapshotError(
        `the browser does not give the ${Math.round(size / 1e6)} MB of memory that it needs`
      );
    }
    new Uint32Array(this.memory.buffer).set(runtimeData);
    this.lowWords = new Uint32Array(this.low / 4);
    this.lowWords.set(runtimeData);
  }

  /** Take a piece; `offset` and `length` are whole words. */
  write(offset: number, length: number, fill: Fill): void {
    const end = offset + length;
    const border = Math.min(Math.max(offset, this.low), end);
    if (offset < border) this.writeLow(offset, border - offset, fill);
    if (border === end) return;
    fill(new Uint8Array(this.memory.buffer, border, end - border), border - offset);
  }

  private writeLow(offset: number, length: number, fill: Fill): void {
    if (this.complete) {
      fill(new Uint8Array(this.lowWords.buffer, offset, length), 0);
      return;
    }
    const piece = new Uint8Array(length);
    fill(piece, 0);
    xor(this.lowWords.subarray(offset / 4), new Uint32Array(piece.buffer));
  }

  /** All pieces are there: link the heads of Python's garbage collector, see `takeGcHeads`. */
  linkGcHeads(distances: Uint32Array): void {
    linkGcHeads(this.lowWords, new Uint32Array(this.memory.buffer), distances);
  }

  /**
   * The memory is complete, and the runtime has started; nothing else may be written afterwards.
   *
   * @param heapEnd - Where the heap of the runtime ends now.
   * @param stack - Where its stack lies, on which there is nothing: most of it was never touched, and stays so.
   */
  finish(heapEnd: number, stack: IStack): void {
    if (heapEnd > this.low) {
      throw new SnapshotError(
        `the runtime uses ${heapEnd} bytes of memory before Python starts, at most ${this.low} were expected`
      );
    }
    // The stack is left as it is: it is empty, and most of it was never touched.
    const low = new Uint32Array(this.memory.buffer, 0, this.low / 4);
    const [end, base] = [stack.end / 4, stack.base / 4];
    low.set(this.lowWords.subarray(0, end));
    low.set(this.lowWords.subarray(base), base);
  }
}

function xor(target: Uint32Array, other: Uint32Array): void {
  for (let i = 0; i < other.length; i++) target[i] ^= other[i];
}
