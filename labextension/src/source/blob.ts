import { answered } from './answered';
import type { IByteSource } from './base';
import { SourceError } from './base';
import { checkRange } from './range';

/** Only workers have it; the declarations of the DOM do not. */
declare const FileReaderSync:
  { new (): { readAsArrayBuffer(blob: Blob): ArrayBuffer } } | undefined;

/** A Blob or File; what is not read does not take memory. */
export class BlobSource implements IByteSource {
  readonly name: string;

  /** What `read` gives is a buffer of its own, which nobody else knows. */
  readonly givesOwn = true;

  readonly readSync?: (offset: number, length: number) => Uint8Array;

  constructor(
    private readonly blob: Blob,
    name?: string
  ) {
    this.name = name ?? (blob instanceof File ? blob.name : 'blob');
    if (typeof FileReaderSync !== 'undefined') {
      const reader = new FileReaderSync();
      this.readSync = (offset, length) => {
        const slice = this.slice(offset, length);
        try {
          return this.whole(new Uint8Array(reader.readAsArrayBuffer(slice)), length);
        } catch (error) {
          throw this.failure(error);
        }
      };
    }
  }

  get size(): number {
    return this.blob.size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const slice = this.slice(offset, length);
    try {
      return this.whole(new Uint8Array(await answered(slice.arrayBuffer())), length);
    } catch (error) {
      throw this.failure(error);
    }
  }

  private slice(offset: number, length: number): Blob {
    checkRange(this.name, this.size, offset, length);
    return this.blob.slice(offset, offset + length);
  }

  private whole(bytes: Uint8Array, length: number): Uint8Array {
    if (bytes.length !== length) {
      throw new Error(`expected ${length} bytes, found ${bytes.length}`);
    }
    return bytes;
  }

  /** A File is a promise of the disk's: it is refused once the file there has changed. */
  private failure(error: unknown): SourceError {
    return new SourceError(
      `${this.name}: cannot be read (${(error as Error).message}). ` +
        'The file was changed, moved or deleted: choose it again.',
      { cause: error }
    );
  }
}
