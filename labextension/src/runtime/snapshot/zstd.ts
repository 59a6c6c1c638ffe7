import { ZSTDDecoder } from 'zstddec';

import { SnapshotError } from './error';

/** Decompresses a frame of known size. */
export type Decode = (bytes: Uint8Array, uncompressed: number) => Uint8Array;

/** zstd, which no browser offers to scripts. */
export async function loadZstd(): Promise<Decode> {
  const decoder = new ZSTDDecoder();
  await withDataUrls(() => decoder.init());
  return (bytes, uncompressed) => {
    const decoded = decoder.decode(bytes, uncompressed);
    // The library tells of an error by an answer that is too short.
    if (decoded.length !== uncompressed) {
      throw new SnapshotError('a frame cannot be decompressed');
    }
    return decoded;
  };
}

/**
 * Answer requests for `data:` URLs, in base64, that `begin` makes before it returns: the library fetches its own
 * WebAssembly from one, which a Content-Security-Policy may forbid.
 */
function withDataUrls<T>(begin: () => T): T {
  const { fetch } = globalThis;
  globalThis.fetch = async (...request) => {
    const [, base64] = /^data:[^,]*;base64,(.*)$/.exec(String(request[0])) ?? [];
    return base64 === undefined
      ? fetch(...request)
      : new Response(Uint8Array.from(atob(base64), char => char.charCodeAt(0)));
  };
  try {
    return begin();
  } finally {
    globalThis.fetch = fetch;
  }
}
