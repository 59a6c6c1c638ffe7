import { createSHA256 } from 'hash-wasm';

/** SHA-256 in lower-case hexadecimal digits; by the platform, and so beside this thread, where it offers that. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (!subtle) {
    // A page on plain http has none.
    return (await createSHA256()).init().update(bytes).digest('hex');
  }
  const digest = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), byte =>
    byte.toString(16).padStart(2, '0')
  ).join('');
}
