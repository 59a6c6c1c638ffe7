import type { IByteSource } from './base';
import { checkRange } from './range';

/** Bytes in memory; reading gives views of them. */
export class MemorySource implements IByteSource {
  constructor(
    readonly bytes: Uint8Array,
    readonly name = 'memory'
  ) {}

  get size(): number {
    return this.bytes.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.readSync(offset, length);
  }

  readSync(offset: number, length: number): Uint8Array {
    checkRange(this.name, this.size, offset, length);
    return this.bytes.subarray(offset, offset + length);
  }
}
