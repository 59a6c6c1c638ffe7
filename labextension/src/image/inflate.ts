import { ImageError } from './error';
import { inflate } from './inflater';

/** No deflate stream grows more than this: 258 bytes for two bits. */
const MAX_DEFLATE_RATIO = 1032;

/** An empty final block: what completes a run of chunks that does not reach the last one. */
export const DEFLATE_END = Uint8Array.of(0x03, 0x00);

/** Refuse a chunk that is said to become more than its compressed bytes can become. */
export function checkGrowth(
  image: string,
  chunk: number,
  compressed: number,
  inflated: number
): void {
  if (inflated > compressed * MAX_DEFLATE_RATIO) {
    throw new ImageError(
      image,
      `chunk ${chunk} has ${compressed} bytes, which cannot inflate to ${inflated}`
    );
  }
}

/**
 * Inflate a chunk that others follow, which yields so many bytes.
 *
 * The length comes from a header that may lie: nothing is allocated that so many compressed bytes
 * cannot yield.
 *
 * @throws ImageError when the stream is damaged, ends elsewhere or yields another number of bytes.
 */
export function inflateChunk(
  image: string,
  chunk: number,
  compressed: Uint8Array,
  length: number
): Uint8Array {
  checkGrowth(image, chunk, compressed.length, length);
  let bytes: Uint8Array;
  try {
    bytes = inflate(compressed, length, false);
  } catch (error) {
    throw doesNotInflate(image, chunk, error);
  }
  if (bytes.length !== length) {
    throw new ImageError(
      image,
      `chunk ${chunk} inflates to ${bytes.length} bytes, expected ${length}`
    );
  }
  return bytes;
}

/**
 * Inflate the last chunk, which ends the stream and yields at least `least` and at most `most` bytes.
 *
 * The platform does it where it can: an index of many files is large, and nobody waits for it on this thread.
 *
 * @throws ImageError when the stream is damaged, ends elsewhere or yields another number of bytes.
 */
export async function inflateLast(
  image: string,
  chunk: number,
  compressed: Uint8Array,
  least: number,
  most: number
): Promise<Uint8Array> {
  checkGrowth(image, chunk, compressed.length, least);
  const ceiling = Math.min(most, compressed.length * MAX_DEFLATE_RATIO);
  let bytes: Uint8Array;
  try {
    bytes =
      typeof DecompressionStream === 'undefined'
        ? inflate(compressed, ceiling, true)
        : await inflateNatively(compressed, ceiling);
  } catch (error) {
    throw doesNotInflate(image, chunk, error);
  }
  if (bytes.length < least || bytes.length > ceiling) {
    const found = bytes.length > ceiling ? 'more' : `${bytes.length}`;
    throw new ImageError(
      image,
      `chunk ${chunk} inflates to ${found} bytes, expected ${least} to ${most}`
    );
  }
  return bytes;
}

/** What the platform makes of a whole stream; it stops soon after `ceiling` bytes. */
async function inflateNatively(
  compressed: Uint8Array,
  ceiling: number
): Promise<Uint8Array> {
  const stream = new DecompressionStream('deflate-raw');
  const writer = stream.writable.getWriter();
  const feeding = writer
    .write(compressed as Uint8Array<ArrayBuffer>)
    .then(() => writer.close());
  // A stumbling inflater rejects both ends: the readable one is where it is dealt with.
  feeding.catch(() => undefined);
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = stream.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    size += value.length;
    if (size > ceiling) {
      await reader.cancel().catch(() => undefined);
      break;
    }
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function doesNotInflate(image: string, chunk: number, error: unknown): ImageError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ImageError(image, `chunk ${chunk} does not inflate (${reason})`);
}
