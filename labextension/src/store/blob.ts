import { createSHA256 } from 'hash-wasm';

import { ImageReader } from '../image';
import { BlobSource, answered } from '../source';
import { StoreError } from './error';
import type { IStored, IWritten } from './records';

/** How much of a Blob is in memory at once, in bytes. */
const PIECE = 4 * 2 ** 20;

/**
 * Write an image that comes as a Blob.
 *
 * @throws ImageError when it is none.
 * @throws SourceError when it cannot be read.
 */
export async function writeBlob(
  name: string,
  blob: Blob,
  sink: (bytes: Uint8Array) => Promise<void>
): Promise<IWritten & { base: string | null }> {
  const image = await ImageReader.open(new BlobSource(blob, name));
  const hasher = await createSHA256();
  for await (const piece of image.bytes()) {
    hasher.update(piece);
    await sink(piece);
  }
  return {
    size: blob.size,
    sha256: hasher.digest(),
    uncompressedSize: image.uncompressedSize,
    files: image.index.files.length,
    base: image.index.base
  };
}

/** How an image is verified. */
export interface IVerifyOptions {
  /** Aborting stops it, and it throws the reason. */
  signal?: AbortSignal;

  /** Is told how many bytes are checked, and of how many. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * Compare the SHA-256 of what is stored with that of what was put.
 *
 * @throws StoreError with the code `damaged`.
 */
export async function verifyBlob(
  stored: IStored,
  blob: Blob,
  options: IVerifyOptions
): Promise<void> {
  const { name, size, sha256 } = stored;
  const hasher = await createSHA256();
  for (let at = 0; at < size; at += PIECE) {
    options.signal?.throwIfAborted();
    const piece = blob.slice(at, at + PIECE);
    const bytes = await answered(piece.arrayBuffer()).catch((cause: unknown) => {
      throw damagedError(
        name,
        `its bytes from ${at} on cannot be read (${String(cause)})`,
        cause
      );
    });
    hasher.update(new Uint8Array(bytes));
    options.onProgress?.(at + piece.size, size);
  }
  const found = hasher.digest();
  if (found !== sha256) {
    throw damagedError(name, `expected the SHA-256 ${sha256}, found ${found}`);
  }
}

/** What is stored is not what was put. */
export function damagedError(name: string, found: string, cause?: unknown): StoreError {
  return new StoreError(
    'damaged',
    `${name}: the stored image is damaged, ${found}. Delete it, and freeze or import it again.`,
    { cause }
  );
}
