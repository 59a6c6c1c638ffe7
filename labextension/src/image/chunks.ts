import type { Crc32 } from './crc32';
import { ImageError } from './error';
import { inflateChunk } from './inflate';
import type { ILayout } from './layout';
import { ReadAhead } from './read-ahead';
import type { IReadable } from './readable';

/** The chunks of an image: from their bytes in the file to bytes whose CRC-32 is right. */
export class Chunks {
  private readonly ahead: ReadAhead;

  constructor(
    private readonly source: IReadable,
    readonly layout: ILayout,
    private readonly crc32: Crc32
  ) {
    this.ahead = new ReadAhead(this.count, layout.offset);
  }

  /** How many there are before the index. */
  get count(): number {
    return this.layout.index.crc32.length;
  }

  /** Size of a chunk in uncompressed bytes; the last one may be shorter. */
  length(chunk: number): number {
    const { index, end } = this.layout;
    return Math.min(index.chunk, end - chunk * index.chunk);
  }

  /** A chunk as it lies in the file. */
  raw(chunk: number): Promise<Uint8Array> {
    const { offset } = this.layout;
    return this.source.read(offset(chunk), offset(chunk + 1) - offset(chunk));
  }

  async load(chunk: number): Promise<Uint8Array> {
    return this.decode(chunk, await this.raw(chunk));
  }

  /** The chunks from `first` up to `end` of an uncompressed image, by one read. */
  async loadRun(first: number, end: number): Promise<Uint8Array> {
    const { index, offset } = this.layout;
    const bytes = await this.source.read(offset(first), offset(end) - offset(first));
    for (let chunk = first; chunk < end; chunk++) {
      const from = (chunk - first) * index.chunk;
      this.checked(chunk, bytes.subarray(from, from + this.length(chunk)));
    }
    return bytes;
  }

  loadSync(chunk: number): Uint8Array {
    const { source } = this;
    if (!source.readSync) {
      throw new ImageError(
        source.name,
        `chunk ${chunk} is not in memory and cannot be waited for here`,
        'Preload it, or mount the image in a worker.'
      );
    }
    const raw = this.ahead.get(chunk, (offset, length) =>
      source.readSync!(offset, length)
    );
    return this.decode(chunk, raw);
  }

  /** From the bytes in the file to those of the archive. */
  decode(chunk: number, raw: Uint8Array): Uint8Array {
    if (!this.layout.compressed) {
      return this.checked(chunk, this.source.bytes ? raw : standalone(raw));
    }
    const { name } = this.source;
    return this.checked(chunk, inflateChunk(name, chunk, raw, this.length(chunk)));
  }

  /** @throws ImageError when the CRC-32 of the bytes is not the one that the index has. */
  checked(chunk: number, bytes: Uint8Array): Uint8Array {
    const found = this.crc32(bytes);
    const expected = this.layout.index.crc32[chunk];
    if (found !== expected) {
      throw new ImageError(
        this.source.name,
        `chunk ${chunk} is damaged: expected CRC-32 ${hex(expected)}, found ${hex(found)}`
      );
    }
    return bytes;
  }
}

/** The same bytes, in a buffer of their own: a view would keep all that was read with it in memory. */
function standalone(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
