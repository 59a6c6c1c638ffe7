import { ImageError, unknownVersion } from './error';

/** Fixed part of the gzip header up to and with XLEN, the subfield's header, the payload before the table. */
const HEADER = 12;
const SUBFIELD = 4;
const PAYLOAD = 20;

/** CRC-32 and ISIZE, after the deflate stream. */
const TRAILER = 8;

/** How much of a file to read first: the header of an image of up to 250 MB, uncompressed. */
export const FIRST_READ = 4096;

/** Size of the gzip header and its extra field, which its first bytes tell. */
export function gzipHeadSize(head: Uint8Array): number {
  return head.length < HEADER ? HEADER : HEADER + head[10] + 256 * head[11];
}

/** What the header of a compressed image says. */
export interface IGzipHead {
  /** Chunk size in uncompressed bytes. */
  chunk: number;

  /** Size of the uncompressed archive. */
  size: number;

  /** CRC-32 of the last chunk. */
  lastCrc: number;

  /** Where each chunk begins in the file, and after them where the last one ends. */
  offsets: Float64Array;
}

/** Whether these are the first bytes of a gzip member. */
export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Read the header of a compressed image (section 4 of the format).
 *
 * @param head - The first bytes of the file, all of the extra field among them.
 * @param fileSize - Size of the whole file, which the table must add up to.
 */
export function parseGzipHead(
  image: string,
  head: Uint8Array,
  fileSize: number
): IGzipHead {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < HEADER + SUBFIELD + PAYLOAD + 4) {
    throw new ImageError(image, `the gzip header ends after ${head.length} bytes`);
  }
  if (view.getUint16(2) !== 0x0804 || view.getUint16(HEADER) !== 0x465a) {
    throw new ImageError(
      image,
      'expected a gzip header with the subfield FZ, found one without',
      'This is an ordinary gzip file, not an image: make an image of it first.'
    );
  }
  const extra = view.getUint16(10, true);
  const length = view.getUint16(HEADER + 2, true);
  if (length !== extra - SUBFIELD || length < PAYLOAD + 4 || length % 4 !== 0) {
    throw new ImageError(
      image,
      `the extra field of ${extra} bytes holds a subfield of ${length}`
    );
  }
  if (head.length < HEADER + extra) {
    throw new ImageError(
      image,
      `the chunk table ends at ${HEADER + extra}, the file at ${head.length}`
    );
  }
  const payload = HEADER + SUBFIELD;
  if (view.getUint16(payload, true) !== 1) {
    throw unknownVersion(image, view.getUint16(payload, true));
  }
  const chunk = view.getUint32(payload + 4, true);
  const size = Number(view.getBigUint64(payload + 8, true));
  const lastCrc = view.getUint32(payload + 16, true);
  const count = (length - PAYLOAD) / 4;
  const offsets = new Float64Array(count + 1);
  offsets[0] = HEADER + extra;
  for (let i = 0; i < count; i++) {
    offsets[i + 1] = offsets[i] + view.getUint32(payload + PAYLOAD + 4 * i, true);
  }
  if (offsets[count] + TRAILER !== fileSize) {
    throw new ImageError(
      image,
      `its chunks end at ${offsets[count]}, so expected ${offsets[count] + TRAILER} bytes, found ${fileSize}`,
      'The image is truncated or damaged: fetch it again, or build it again.'
    );
  }
  checkChunkSize(image, chunk);
  if (!Number.isSafeInteger(size) || size <= Math.max(0, count - 2) * chunk) {
    throw new ImageError(
      image,
      `${count} chunks of ${chunk} bytes do not make an archive of ${size} bytes`
    );
  }
  return { chunk, size, lastCrc, offsets };
}

/** Refuse a chunk size that is no power of two, or too small; the index must have the same. */
function checkChunkSize(image: string, chunk: number): void {
  if (chunk < 262144 || !Number.isInteger(Math.log2(chunk))) {
    throw new ImageError(
      image,
      `expected a chunk size that is a power of two from 262144, found ${chunk}`
    );
  }
}

/** Size of the header of so many chunks. */
export function gzipHeaderSize(chunks: number): number {
  return HEADER + SUBFIELD + PAYLOAD + 4 * chunks;
}

/** Write the header, with the table of the compressed lengths. */
export function encodeGzipHead(
  { chunk, size, lastCrc }: Omit<IGzipHead, 'offsets'>,
  lengths: readonly number[]
): Uint8Array {
  const bytes = new Uint8Array(gzipHeaderSize(lengths.length));
  bytes.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255]);
  const view = new DataView(bytes.buffer);
  view.setUint16(10, bytes.length - HEADER, true);
  view.setUint16(HEADER, 0x465a);
  view.setUint16(HEADER + 2, bytes.length - HEADER - SUBFIELD, true);
  const payload = HEADER + SUBFIELD;
  view.setUint16(payload, 1, true);
  view.setUint32(payload + 4, chunk, true);
  view.setBigUint64(payload + 8, BigInt(size), true);
  view.setUint32(payload + 16, lastCrc, true);
  lengths.forEach((length, i) =>
    view.setUint32(payload + PAYLOAD + 4 * i, length, true)
  );
  return bytes;
}

/** Write what ends a gzip member: CRC-32 and size of what was compressed. */
export function encodeGzipTrailer(crc: number, size: number): Uint8Array {
  const bytes = new Uint8Array(TRAILER);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, crc, true);
  view.setUint32(4, size % 2 ** 32, true);
  return bytes;
}
