import { ImageError } from './error';
import type { Content, INewEntry, INewFile } from './new-entry';
import { Pacer } from './pause';
import type { IPlan } from './plan';
import { BLOCK, header, isPlain, padding, writePlainHeader } from './tar';

/** What somebody who waits wants to know, and may say. */
export interface IWatchOptions {
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/** Gives zeroed memory. */
export type Allocate = (length: number) => Uint8Array;

/** The archive up to its index, in chunks of `size` bytes; the last one may be shorter. */
export async function* archiveChunks(
  { entries, index }: IPlan,
  size: number,
  allocate?: Allocate
): AsyncGenerator<Uint8Array> {
  const cutter = new Cutter(size, index.remote_package_size, allocate);
  for (const entry of entries) {
    let rest = cutter.putHeader(entry);
    while (cutter.full) {
      yield cutter.take();
      rest = cutter.put(rest);
    }
    if (entry.kind !== 'file' || entry.target) continue;
    const expected = entry.size ?? 0;
    let found = 0;
    const content = contentOf(entry);
    // To wait for what is there already would take longer than to copy most files.
    if (content instanceof Uint8Array) {
      found = content.length;
      rest = cutter.put(found === expected ? content : EMPTY);
      while (cutter.full) {
        yield cutter.take();
        rest = cutter.put(rest);
      }
    } else {
      for await (const piece of pieces(entry, content)) {
        found += piece.length;
        if (found > expected) break;
        rest = cutter.put(piece);
        while (cutter.full) {
          yield cutter.take();
          rest = cutter.put(rest);
        }
      }
    }
    if (found !== expected) {
      throw new ImageError(
        JSON.stringify(entry.path),
        `it changed while it was read: expected ${expected} bytes, found ${found > expected ? 'more' : found}`,
        'Write the image when nothing else writes to the tree.'
      );
    }
    cutter.skip(padding(expected));
    if (cutter.full) yield cutter.take();
  }
}

/** The same chunks, told of and stopped on demand. */
export async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  total: number,
  { onProgress, signal }: IWatchOptions
): AsyncGenerator<Uint8Array> {
  const pacer = new Pacer(signal);
  let done = 0;
  signal?.throwIfAborted();
  for await (const chunk of chunks) {
    yield chunk;
    done += chunk.length;
    onProgress?.(done, total);
    await pacer.rest();
  }
}

const EMPTY = new Uint8Array(0);

function contentOf(entry: INewFile): Content {
  try {
    return entry.content!();
  } catch (error) {
    throw unreadable(entry, error);
  }
}

async function* pieces(
  entry: INewFile,
  waiting: Exclude<Content, Uint8Array>
): AsyncGenerator<Uint8Array> {
  try {
    const content = await waiting;
    if (content instanceof Uint8Array) yield content;
    else yield* content;
  } catch (error) {
    throw unreadable(entry, error);
  }
}

function unreadable({ path }: INewFile, error: unknown): ImageError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ImageError(
    JSON.stringify(path),
    `it cannot be read: ${reason}`,
    'Leave it out, or mend it.',
    { cause: error }
  );
}

/** Cuts a stream of known length into chunks. */
class Cutter {
  private chunk: Uint8Array;
  private filled = 0;

  constructor(
    private readonly size: number,
    private left: number,
    private readonly allocate: Allocate = length => new Uint8Array(length)
  ) {
    this.chunk = this.next();
  }

  /** Whether the chunk is complete: it has to be taken before there is room again. */
  get full(): boolean {
    return this.filled === this.chunk.length && this.filled > 0;
  }

  /** Add as many of the bytes as there is room for; gives the others. */
  put(bytes: Uint8Array): Uint8Array {
    const count = Math.min(bytes.length, this.chunk.length - this.filled);
    const whole = count === bytes.length;
    this.chunk.set(whole ? bytes : bytes.subarray(0, count), this.filled);
    this.filled += count;
    return whole ? EMPTY : bytes.subarray(count);
  }

  /** Add what stands before an entry's data, in place where that is possible. */
  putHeader(entry: INewEntry): Uint8Array {
    // Chunks end where blocks do.
    if (!isPlain(entry)) return this.put(header(entry));
    writePlainHeader(entry, this.chunk, this.filled);
    this.filled += BLOCK;
    return EMPTY;
  }

  /** Leave so many bytes as they are, which is zero; they never reach beyond a chunk. */
  skip(count: number): void {
    this.filled += count;
  }

  take(): Uint8Array {
    const full = this.chunk;
    this.left -= full.length;
    this.chunk = this.next();
    this.filled = 0;
    return full;
  }

  private next(): Uint8Array {
    return this.allocate(Math.min(this.size, this.left));
  }
}
