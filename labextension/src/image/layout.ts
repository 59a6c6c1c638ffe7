import { ImageError } from './error';
import type { IGzipHead } from './gzip';
import { FIRST_READ, gzipHeadSize, isGzip, parseGzipHead } from './gzip';
import type { Crc32 } from './crc32';
import { ImageIndex } from './image-index';
import { LARGEST_INDEX } from './index-json';
import { checkGrowth, inflateLast } from './inflate';
import type { IReadable } from './readable';
import { BLOCK, END_OF_ARCHIVE } from './tar';
import { parseTrailer, TRAILER_SIZE } from './trailer';

/** What the last chunk holds besides the index: its header and padding, the end and the trailer. */
const LAST_CHUNK_REST = 2 * BLOCK + END_OF_ARCHIVE + TRAILER_SIZE;

/** Where the chunks of an image lie in its file, and what they are. */
export interface ILayout {
  readonly compressed: boolean;

  /** Bytes of the tar archive, and of what follows it. */
  readonly uncompressedSize: number;
  readonly index: ImageIndex;

  /** End of the chunks in uncompressed bytes: where the index begins. */
  readonly end: number;

  /** Where a chunk begins in the file; of the number after the last one, where that ends. */
  offset(chunk: number): number;
}

/**
 * Find out what an image holds, with as few reads as the format allows.
 *
 * @param lastChunk - Where the last chunk begins, when that is known: it is then read together
 * with the head instead of after it.
 */
export async function readLayout(
  source: IReadable,
  crc32: Crc32,
  lastChunk?: number
): Promise<ILayout> {
  const { name, size } = source;
  if (lastChunk !== undefined && !(lastChunk >= 0 && lastChunk < size)) {
    throw new ImageError(
      name,
      `expected its last chunk at ${lastChunk}, but it has ${size} bytes`
    );
  }
  const [head, hinted] = await Promise.all([
    source.read(0, Math.min(size, FIRST_READ)),
    lastChunk === undefined ? undefined : source.read(lastChunk, size - lastChunk)
  ]);
  /** Bytes from an offset to an end, out of those at hand where possible. */
  const tail = async (start: number, end: number): Promise<Uint8Array> =>
    hinted && lastChunk !== undefined && start >= lastChunk
      ? hinted.subarray(start - lastChunk, end - lastChunk)
      : source.read(start, end - start);
  if (!isGzip(head)) return plainLayout(name, size, crc32, tail);
  const length = Math.min(size, gzipHeadSize(head));
  const whole = length > head.length ? await source.read(0, length) : head;
  return compressedLayout(name, parseGzipHead(name, whole, size), crc32, tail);
}

type Tail = (start: number, end: number) => Promise<Uint8Array>;

async function compressedLayout(
  name: string,
  head: IGzipHead,
  crc32: Crc32,
  tail: Tail
): Promise<ILayout> {
  const { chunk, size, offsets } = head;
  const last = offsets.length - 2;
  // Where the index begins is known to a chunk only, until it has been read.
  const least = size - last * chunk;
  const most = Math.min(
    last === 0 ? size : size - (last - 1) * chunk - 1,
    LARGEST_INDEX + LAST_CHUNK_REST
  );
  const compressed = await tail(offsets[last], offsets[last + 1]);
  const bytes = await inflateLast(name, last, compressed, Math.max(least, 0), most);
  if (crc32(bytes) !== head.lastCrc) {
    throw new ImageError(name, 'the CRC-32 of the last chunk, its index, differs');
  }
  const end = size - bytes.length;
  const trailer = parseTrailer(name, bytes.subarray(-TRAILER_SIZE), size);
  if (trailer.index !== end) {
    throw new ImageError(
      name,
      `the last chunk begins at ${end}, the index at ${trailer.index}`
    );
  }
  const data = bytes.subarray(
    trailer.start - end,
    trailer.start - end + trailer.length
  );
  const index = parseChecked(name, data, trailer.crc, crc32, end);
  if (index.chunk !== chunk || index.crc32.length !== last) {
    throw new ImageError(
      name,
      `its header has ${last} chunks of ${chunk} bytes before the index, its index ${index.crc32.length} of ${index.chunk}`
    );
  }
  for (let i = 0; i < last; i++) {
    checkGrowth(name, i, offsets[i + 1] - offsets[i], Math.min(chunk, end - i * chunk));
  }
  return {
    compressed: true,
    uncompressedSize: size,
    index,
    end,
    offset: i => offsets[i]
  };
}

async function plainLayout(
  name: string,
  size: number,
  crc32: Crc32,
  tail: Tail
): Promise<ILayout> {
  if (size < TRAILER_SIZE) {
    throw new ImageError(name, `an image has more than ${size} bytes`);
  }
  const trailer = parseTrailer(name, await tail(size - TRAILER_SIZE, size), size);
  const data = await tail(trailer.start, trailer.start + trailer.length);
  const end = trailer.index;
  const index = parseChecked(name, data, trailer.crc, crc32, end);
  return {
    compressed: false,
    uncompressedSize: size,
    index,
    end,
    offset: i => Math.min(i * index.chunk, end)
  };
}

function parseChecked(
  name: string,
  data: Uint8Array,
  crc: number,
  crc32: Crc32,
  end: number
): ImageIndex {
  if (crc32(data) !== crc) {
    throw new ImageError(name, 'the CRC-32 of its index differs');
  }
  return ImageIndex.parse(name, data, end);
}
