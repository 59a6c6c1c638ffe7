import { SnapshotError } from './error';
import { linkGcHeads } from './gc-heads';
import type { IStack } from './heap';
import type { ILinkRecord } from './record';

/**
 * Writes a piece of a snapshot's memory.
 *
 * @param target - What is to be filled.
 * @param from - Where in the piece it begins, in bytes.
 */
export type Fill = (target: Uint8Array, from: number) => void;

/** So many bytes of the heap may be used by a runtime until Python starts, or would. */
const HEADROOM = 2 * 2 ** 20;

/** A part of the memory into which a library's file puts data. */
interface IRegion {
  offset: number;
  length: number;
}

/** Words that are to be written once the linker is done. */
interface IWaiting {
  offset: number;
  words: Uint32Array;
}

/**
 * The memory of a runtime while a snapshot is put into it.
 *
 * A snapshot holds the difference (XOR) to what the files of the runtime and of the libraries put into memory by
 * themselves. Pieces come in any order, before the libraries are linked too: what lies where a file puts its data, or
 * where a starting runtime works, is kept until all are linked; the rest is written at once, and only once.
 */
export class LinkedMemory {
  private readonly regions: IRegion[];
  private readonly low: number;
  private readonly runtimeData: Uint32Array;
  private linked = false;
  private readonly lowPieces: IWaiting[] = [];
  private readonly waiting: IWaiting[] = [];

  /**
   * @param memory - In which there is nothing yet but the data of the runtime's file.
   * @param size - Of the snapshot's memory, in bytes.
   * @throws SnapshotError when the memory cannot be that large.
   */
  constructor(
    private readonly memory: WebAssembly.Memory,
    size: number,
    { runtimeData, heapStart, libraries }: ILinkRecord
  ) {
    this.runtimeData = new Uint32Array(memory.buffer, 0, runtimeData / 4).slice();
    this.low = Math.min(heapStart + HEADROOM, size);
    this.regions = libraries.map(({ memoryBase, memorySize }) => ({
      offset: memoryBase,
      length: memorySize
    }));
    const missing = size - memory.buffer.byteLength;
    if (missing <= 0) return;
    try {
      memory.grow(Math.ceil(missing / 65536));
    } catch {
      throw new SnapshotError(
        `the browser does not give the ${Math.round(size / 1e6)} MB of memory that it needs`
      );
    }
  }

  /** Take a piece; `offset` and `length` are whole words. */
  write(offset: number, length: number, fill: Fill): void {
    const end = offset + length;
    const border = Math.min(Math.max(offset, this.low), end);
    if (offset < border) {
      const piece = new Uint8Array(border - offset);
      fill(piece, 0);
      this.lowPieces.push({ offset, words: new Uint32Array(piece.buffer) });
    }
    if (border === end) return;
    const places = this.placesWithin(border, end);
    const data = this.linked ? places.map(words => words.slice()) : [];
    fill(new Uint8Array(this.memory.buffer, border, end - border), border - offset);
    places.forEach((words, index) => {
      if (this.linked) {
        xor(words, data[index]);
      } else {
        this.waiting.push({ offset: words.byteOffset, words: words.slice() });
        words.fill(0);
      }
    });
  }

  /** The libraries have put their data into memory. */
  onLinked(): void {
    this.linked = true;
    for (const { offset, words } of this.waiting) {
      xor(new Uint32Array(this.memory.buffer, offset, words.length), words);
    }
    this.waiting.length = 0;
  }

  /**
   * All pieces are there, and the libraries are linked; nothing else may be written afterwards.
   *
   * @param heapEnd - Where the heap of the runtime ends now.
   * @param stack - Where its stack lies, on which there is nothing: most of it was never touched, and stays so.
   * @param gcHeads - See `linkGcHeads`.
   */
  finish(heapEnd: number, stack: IStack, gcHeads: Uint32Array): void {
    if (heapEnd > this.low) {
      throw new SnapshotError(
        `the runtime uses ${heapEnd} bytes of memory before Python starts, at most ${this.low} were expected`
      );
    }
    const low = new Uint32Array(this.memory.buffer, 0, this.low / 4);
    const own = this.placesWithin(0, this.low).map(words => ({
      offset: words.byteOffset,
      words: words.slice()
    }));
    // What the runtime has written since is not the snapshot's.
    low.set(this.runtimeData);
    low.fill(0, this.runtimeData.length, stack.end / 4);
    low.fill(0, stack.base / 4);
    for (const { offset, words } of [...own, ...this.lowPieces]) {
      xor(low.subarray(offset / 4), words);
    }
    linkGcHeads(this.memory, gcHeads);
  }

  /** Where libraries put data, within a part of the memory. */
  private placesWithin(start: number, end: number): Uint32Array[] {
    const places: Uint32Array[] = [];
    for (const { offset, length } of this.regions) {
      const from = Math.max(offset, start);
      const to = Math.min(offset + length, end);
      if (from < to) {
        places.push(new Uint32Array(this.memory.buffer, from, (to - from) / 4));
      }
    }
    return places;
  }
}

function xor(target: Uint32Array, other: Uint32Array): void {
  for (let i = 0; i < other.length; i++) target[i] ^= other[i];
}
