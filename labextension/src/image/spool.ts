/**
 * Where compressed chunks wait until all are there: the header comes first in the file, but knows
 * their lengths.
 */
export interface ISpool {
  write(bytes: Uint8Array): void | Promise<void>;

  /** All that was written, in that order, in pieces of any size. */
  read(): AsyncIterable<Uint8Array>;
}

/** The usual spool: Blobs, which browsers move to the disk when there are many. */
export class BlobSpool implements ISpool {
  private readonly blobs: Blob[] = [];

  write(bytes: Uint8Array): void {
    this.blobs.push(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  }

  async *read(): AsyncIterable<Uint8Array> {
    for (const blob of this.blobs) yield new Uint8Array(await blob.arrayBuffer());
  }
}
