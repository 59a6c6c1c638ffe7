import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import type { IByteSource } from '../../source';
import { SourceError } from '../../source';

/** A file of the build machine. */
export class FileSource implements IByteSource {
  readonly size: number;
  private readonly _fd: number;

  constructor(readonly name: string) {
    this._fd = openSync(name, 'r');
    this.size = fstatSync(this._fd).size;
  }

  readSync(offset: number, length: number): Uint8Array {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new RangeError(
        `${this.name}: [${offset}, ${offset + length}) is not within ${this.size} bytes`
      );
    }
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this._fd, bytes, done, length - done, offset + done);
      if (count === 0) {
        throw new SourceError(
          `${this.name} ends at ${offset + done} bytes, expected ${this.size}: it was changed meanwhile.`
        );
      }
      done += count;
    }
    return bytes;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.readSync(offset, length);
  }

  close(): void {
    closeSync(this._fd);
  }
}
