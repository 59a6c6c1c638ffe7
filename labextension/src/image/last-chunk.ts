import type { Crc32 } from './crc32';
import { ImageError } from './error';
import type { IIndexJson } from './index-json';
import { chunkSize, encodeIndex, LARGEST_INDEX } from './index-json';
import type { IPlan } from './plan';
import { BLOCK, END_OF_ARCHIVE, indexHeader, padding } from './tar';
import { encodeTrailer, TRAILER_SIZE } from './trailer';

/** The most bytes that `lastChunk` can have, whatever the checksums are. */
export function longestLastChunk(planned: IPlan): number {
  const end = planned.index.remote_package_size;
  const count = Math.ceil(end / chunkSize(end));
  const data = encodeIndex(
    withChecksums(planned, new Array<number>(count).fill(CRC_OF_MOST_DIGITS))
  );
  return BLOCK + data.length + padding(data.length) + END_OF_ARCHIVE + TRAILER_SIZE;
}

/**
 * All that follows the tree: the index entry, the end of the archive, the trailer.
 *
 * @param crcs - CRC-32 of each chunk before.
 */
export function lastChunk(
  planned: IPlan,
  crcs: readonly number[],
  crc32: Crc32
): Uint8Array {
  const end = planned.index.remote_package_size;
  const data = encodeIndex(withChecksums(planned, crcs));
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

const CRC_OF_MOST_DIGITS = 2 ** 32 - 1;

function withChecksums({ index }: IPlan, crcs: readonly number[]): IIndexJson {
  const chunk = chunkSize(index.remote_package_size);
  return { ...index, frozenfs: { ...index.frozenfs, chunk, crc32: [...crcs] } };
}
