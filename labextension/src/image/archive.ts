import { ImageError } from './error';
import type { INewFile } from './new-entry';
import type { IPlan } from './plan';
import { header, padding } from './tar';

/** How long, in milliseconds, events may have to wait that could bring an abort. */
const PATIENCE = 50;

/** What somebody who waits wants to know, and may say. */
export interface IWatchOptions {
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** The archive up to its index, in chunks of `size` bytes; the last one may be shorter. */
export async function* archiveChunks(
  { entries, index }: IPlan,
  size: number
): AsyncGenerator<Uint8Array> {
  const cutter = new Cutter(size, index.remote_package_size);
  for (const entry of entries) {
    yield* cutter.add(header(entry));
    if (entry.kind !== 'file' || entry.target) continue;
    const expected = entry.size ?? 0;
    let found = 0;
    for await (const piece of contentOf(entry)) {
      found += piece.length;
      if (found > expected) break;
      yield* cutter.add(piece);
    }
    if (found !== expected) {
      throw new ImageError(
        JSON.stringify(entry.path),
        `it changed while it was read: expected ${expected} bytes, found ${found > expected ? 'more' : found}`,
        'Write the image when nothing else writes to the tree.'
      );
    }
    yield* cutter.skip(padding(expected));
  }
}

/** The same chunks, told of and stopped on demand. */
export async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  total: number,
  { onProgress, signal }: IWatchOptions
): AsyncGenerator<Uint8Array> {
  let done = 0;
  let rested = performance.now();
  signal?.throwIfAborted();
  for await (const chunk of chunks) {
    yield chunk;
    done += chunk.length;
    onProgress?.(done, total);
    if (signal && performance.now() - rested > PATIENCE) {
      await new Promise(resolve => setTimeout(resolve));
      rested = performance.now();
    }
    signal?.throwIfAborted();
  }
}

async function* contentOf(entry: INewFile): AsyncGenerator<Uint8Array> {
  try {
    const content = await entry.content!();
    if (content instanceof Uint8Array) yield content;
    else yield* content;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ImageError(
      JSON.stringify(entry.path),
      `it cannot be read: ${reason}`,
      'Leave it out, or mend it.',
      { cause: error }
    );
  }
}

/** Cuts a stream of known length into chunks. */
class Cutter {
  private chunk: Uint8Array;
  private filled = 0;

  constructor(
    private readonly size: number,
    private left: number
  ) {
    this.chunk = this.next();
  }

  /** Add bytes; gives the chunks that they fill up. */
  *add(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length;) {
      const count = Math.min(bytes.length - at, this.chunk.length - this.filled);
      this.chunk.set(bytes.subarray(at, at + count), this.filled);
      at += count;
      yield* this.skip(count);
    }
  }

  /** Leave so many bytes as they are, which is zero; they never reach beyond a chunk. */
  *skip(count: number): Generator<Uint8Array> {
    this.filled += count;
    if (this.filled === this.chunk.length && this.filled > 0) {
      const full = this.chunk;
      this.left -= full.length;
      this.chunk = this.next();
      this.filled = 0;
      yield full;
    }
  }

  private next(): Uint8Array {
    return new Uint8Array(Math.min(this.size, this.left));
  }
}
