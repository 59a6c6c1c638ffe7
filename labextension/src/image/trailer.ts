import { ImageError, unknownVersion } from './error';
import { LARGEST_INDEX } from './index-json';
import { BLOCK, END_OF_ARCHIVE, padding } from './tar';

/** Size of the trailer in bytes. */
export const TRAILER_SIZE = 32;

/** `frzn` and `webR`. */
const FROZEN = 0x66727a6e;
const WEBR = 0x77656252;

/** What the trailer says of the index. */
export interface ITrailer {
  /** Offset of the header of `.vfs-index.json` in the uncompressed archive. */
  index: number;

  /** Offset of its data. */
  start: number;

  /** Size of its data in bytes. */
  length: number;

  /** CRC-32 of its data. */
  crc: number;
}

/**
 * Read the trailer of an uncompressed archive (section 2.4 of the format).
 *
 * @param bytes - The last 32 bytes of the archive.
 * @param size - Size of the whole archive, which must end where the index, its padding, the end
 * of the tar archive and the trailer end.
 */
export function parseTrailer(image: string, bytes: Uint8Array, size: number): ITrailer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    bytes.length !== TRAILER_SIZE ||
    view.getUint32(0) !== FROZEN ||
    view.getUint32(16) !== WEBR
  ) {
    throw new ImageError(
      image,
      'expected a trailer that begins with frzn, found none',
      'The file is truncated, or it is not an image.'
    );
  }
  if (view.getUint32(4) !== 1) {
    throw unknownVersion(image, view.getUint32(4));
  }
  const start = view.getUint32(24) * BLOCK;
  const length = view.getUint32(28);
  if (length > LARGEST_INDEX) {
    throw new ImageError(
      image,
      `expected an index of at most ${LARGEST_INDEX} bytes, found one of ${length}`
    );
  }
  const end = start + length + padding(length) + END_OF_ARCHIVE + TRAILER_SIZE;
  if (start < BLOCK || end !== size) {
    throw new ImageError(
      image,
      `an index of ${length} bytes at ${start} makes an archive of ${end} bytes, found ${size}`
    );
  }
  return { index: start - BLOCK, start, length, crc: view.getUint32(8) };
}

/** Write the trailer; its second half is the hint that webR and tar-vfs-index know. */
export function encodeTrailer({
  start,
  length,
  crc
}: Omit<ITrailer, 'index'>): Uint8Array {
  const bytes = new Uint8Array(TRAILER_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, FROZEN);
  view.setUint32(4, 1);
  view.setUint32(8, crc);
  view.setUint32(16, WEBR);
  view.setUint32(24, start / BLOCK);
  view.setUint32(28, length);
  return bytes;
}
