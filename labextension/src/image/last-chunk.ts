import type { Crc32 } from './crc32';
import { ImageError } from './error';
import { chunkSize, encodeIndex, LARGEST_INDEX } from './index-json';
import type { IPlan } from './plan';
import { BLOCK, END_OF_ARCHIVE, indexHeader, padding } from './tar';
import { encodeTrailer, TRAILER_SIZE } from './trailer';

/** What follows the tree: the index entry, the end of the archive, the trailer. */
export class LastChunk {
  private readonly head: Uint8Array;
  private readonly tail: Uint8Array;
  private readonly end: number;

  constructor({ index }: IPlan) {
    this.end = index.remote_package_size;
    const own = { ...index.frozenfs, chunk: chunkSize(this.end), crc32: [] };
    const data = encodeIndex({ ...index, frozenfs: own });
    // The checksums are known only once everything is written; what is around them is not made twice.
    const at = data.lastIndexOf(CLOSING_BRACKET);
    this.head = data.subarray(0, at);
    this.tail = data.subarray(at);
  }

  /** The most bytes that it can have, whatever the checksums are. */
  get longest(): number {
    const count = Math.ceil(this.end / chunkSize(this.end));
    return sizeFor(this.head.length + this.tail.length + count * LONGEST_CRC);
  }

  /** @param crcs - CRC-32 of each chunk before. */
  make(crcs: readonly number[], crc32: Crc32): Uint8Array {
    const list = new TextEncoder().encode(crcs.join(','));
    const length = this.head.length + list.length + this.tail.length;
    if (length > LARGEST_INDEX) {
      throw new ImageError(
        'the tree',
        `it makes an index of ${length} bytes, expected at most ${LARGEST_INDEX}`,
        'Split it.'
      );
    }
    const bytes = new Uint8Array(sizeFor(length));
    bytes.set(indexHeader(length));
    const data = bytes.subarray(BLOCK, BLOCK + length);
    data.set(this.head);
    data.set(list, this.head.length);
    data.set(this.tail, this.head.length + list.length);
    const trailer = encodeTrailer({
      start: this.end + BLOCK,
      length,
      crc: crc32(data)
    });
    bytes.set(trailer, bytes.length - TRAILER_SIZE);
    return bytes;
  }
}

/** Ends the list of checksums, the last list of the index. */
const CLOSING_BRACKET = ']'.charCodeAt(0);

/** Ten digits and a comma. */
const LONGEST_CRC = 11;

/** Size of a last chunk whose index has so many bytes. */
function sizeFor(length: number): number {
  return BLOCK + length + padding(length) + END_OF_ARCHIVE + TRAILER_SIZE;
}
