import type { Crc32 } from './crc32';
import { ImageError } from './error';
import { chunkSize, encodeIndex, LARGEST_INDEX } from './index-json';
import type { IPlan } from './plan';
import { END_OF_ARCHIVE, indexHeader, padding } from './tar';
import { encodeTrailer, TRAILER_SIZE } from './trailer';

/**
 * All that follows the tree: the index entry, the end of the archive, the trailer.
 *
 * @param crcs - CRC-32 of each chunk before.
 */
export function lastChunk(
  { index }: IPlan,
  crcs: readonly number[],
  crc32: Crc32
): Uint8Array {
  const end = index.remote_package_size;
  const own = { ...index.frozenfs, chunk: chunkSize(end), crc32: [...crcs] };
  const data = encodeIndex({ ...index, frozenfs: own });
  if (data.length > LARGEST_INDEX) {
    throw new ImageError(
      'the tree',
      `it makes an index of ${data.length} bytes, expected at most ${LARGEST_INDEX}`,
      'Split it.'
    );
  }
  const header = indexHeader(data.length);
  const size = data.length + padding(data.length);
  const bytes = new Uint8Array(header.length + size + END_OF_ARCHIVE + TRAILER_SIZE);
  bytes.set(header);
  bytes.set(data, header.length);
  const start = end + header.length;
  bytes.set(
    encodeTrailer({ start, length: data.length, crc: crc32(data) }),
    bytes.length - TRAILER_SIZE
  );
  return bytes;
}
