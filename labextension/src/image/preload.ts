import type { Chunks } from './chunks';
import { DEFLATE_END } from './inflate';

/** Receives each chunk once its CRC-32 is known to be right. */
export type Accept = (chunk: number, bytes: Uint8Array) => void;

/**
 * Inflate the chunks from `first` up to `end` as their bytes arrive.
 *
 * The platform's own inflater is several times as fast as one in JavaScript, but cannot seek: it
 * is given the whole run as one stream. Where there is none, or where it stumbles, each chunk is
 * inflated alone, so that an error names its chunk.
 */
export async function inflateRun(
  chunks: Chunks,
  first: number,
  end: number,
  accept: Accept
): Promise<void> {
  let next = first;
  const take: Accept = (chunk, bytes) => {
    accept(chunk, chunks.checked(chunk, bytes));
    next = chunk + 1;
  };
  if (chunks.layout.compressed && typeof DecompressionStream !== 'undefined') {
    await inflateNatively(chunks, first, end, take);
  }
  for (; next < end; next++) {
    accept(next, await chunks.load(next));
  }
}

/** Hand out what the platform's inflater makes of a run, as far as it comes. */
async function inflateNatively(
  chunks: Chunks,
  first: number,
  end: number,
  take: Accept
): Promise<void> {
  const stream = new DecompressionStream('deflate-raw');
  const writer = stream.writable.getWriter();
  let sourceError: unknown;
  const feeding = (async () => {
    for (let chunk = first; chunk < end; chunk++) {
      let raw: Uint8Array;
      try {
        raw = await chunks.raw(chunk);
      } catch (error) {
        sourceError = error;
        await writer.abort(error);
        return;
      }
      await writer.write(raw as Uint8Array<ArrayBuffer>);
    }
    await writer.write(DEFLATE_END as Uint8Array<ArrayBuffer>);
    await writer.close();
  })();
  // A stumbling inflater rejects both ends: the readable one is where it is dealt with.
  feeding.catch(() => undefined);

  const reader = stream.readable.getReader();
  let chunk = first;
  let bytes = new Uint8Array(chunks.length(chunk));
  let filled = 0;
  const fill = (piece: Uint8Array) => {
    for (let at = 0; at < piece.length && chunk < end;) {
      const length = Math.min(piece.length - at, bytes.length - filled);
      bytes.set(piece.subarray(at, at + length), filled);
      at += length;
      filled += length;
      if (filled === bytes.length) {
        take(chunk, bytes);
        chunk += 1;
        filled = 0;
        bytes = new Uint8Array(chunk < end ? chunks.length(chunk) : 0);
      }
    }
  };
  try {
    while (chunk < end) {
      const { done, value } = await reader.read().catch(() => ({
        done: true as const,
        value: undefined
      }));
      if (done) break;
      fill(value);
    }
  } finally {
    // What is left is the end of the stream, or what a damaged image has too much.
    await reader.cancel().catch(() => undefined);
  }
  if (sourceError !== undefined) throw sourceError;
}
