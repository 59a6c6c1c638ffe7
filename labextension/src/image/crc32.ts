import { createCRC32 } from 'hash-wasm';

/** CRC-32 as gzip has it (polynomial 0xEDB88320), as an unsigned number. */
export type Crc32 = (bytes: Uint8Array) => number;

let instance: Promise<Crc32> | undefined;

/**
 * The CRC-32 function.
 *
 * Compiling it is asynchronous, calling it is not: all readers share one instance.
 */
export function loadCrc32(): Promise<Crc32> {
  instance ??= createCRC32().then(hasher => bytes => {
    const digest = hasher.init().update(bytes).digest('binary');
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
  });
  return instance;
}
