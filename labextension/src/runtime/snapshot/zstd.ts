import { ZSTDDecoder } from 'zstddec';

import { SnapshotError } from './error';

/** Decompresses a frame of known size. */
export type Decode = (bytes: Uint8Array, uncompressed: number) => Uint8Array;

/** zstd, which no browser offers to scripts. */
export async function loadZstd(): Promise<Decode> {
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return (bytes, uncompressed) => {
    const decoded = decoder.decode(bytes, uncompressed);
    // The library tells of an error by an answer that is too short.
    if (decoded.length !== uncompressed) {
      throw new SnapshotError('a frame cannot be decompressed');
    }
    return decoded;
  };
}
