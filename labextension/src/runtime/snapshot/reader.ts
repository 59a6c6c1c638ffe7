import { sha256 } from './digest';
import { SnapshotError } from './error';
import type { IHeader } from './format';
import {
  FIRST_LIBRARY,
  PYODIDE_FRAME,
  STATE_FRAME,
  decodeHeader,
  memoryFrames
} from './format';
import type { IState } from './state';
import type { Decode } from './zstd';
import { loadZstd } from './zstd';

/** What a snapshot is read from: the byte sources of `source/` have this shape. */
export interface ISnapshotBytes {
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Where the frames begin, and what the digest of all before them is. */
export interface ISnapshotHead {
  size: number;
  sha256: string;
}

/** A piece of memory, to be written before the next one is asked for. */
export interface IMemoryPiece {
  offset: number;
  bytes: Uint8Array;
}

/** What a restore needs of a snapshot, wherever it was decoded. */
export interface ISnapshot {
  readonly header: IHeader;
  state(): Promise<IState>;
  /** Pyodide's own part: which JavaScript objects Python holds. */
  pyodide(): Promise<Uint8Array>;
  /** The libraries, in the order of the link record. */
  library(index: number): Promise<Uint8Array>;
  memory(): AsyncIterable<IMemoryPiece>;
}

/**
 * Reads a snapshot file; each frame is checked before it is decoded, and decoded as soon as it is there.
 */
export class SnapshotReader implements ISnapshot {
  private readonly offsets: number[] = [];

  private constructor(
    private readonly source: ISnapshotBytes,
    readonly header: IHeader,
    private readonly decode: Decode,
    start: number
  ) {
    let offset = start;
    for (const [size] of header.frames) {
      this.offsets.push(offset);
      offset += size;
    }
  }

  /** @throws SnapshotError when it is not the snapshot whose digest is given. */
  static async open(
    source: ISnapshotBytes,
    head: ISnapshotHead
  ): Promise<SnapshotReader> {
    const [bytes, decode] = await Promise.all([source.read(0, head.size), loadZstd()]);
    if ((await sha256(bytes)) !== head.sha256) {
      throw new SnapshotError('the digest of its header differs from the manifest');
    }
    return new SnapshotReader(
      source,
      decodeHeader(bytes, source.size),
      decode,
      head.size
    );
  }

  async state(): Promise<IState> {
    const bytes = await this.frame(STATE_FRAME);
    return JSON.parse(new TextDecoder().decode(bytes)) as IState;
  }

  pyodide(): Promise<Uint8Array> {
    return this.frame(PYODIDE_FRAME);
  }

  library(index: number): Promise<Uint8Array> {
    return this.frame(FIRST_LIBRARY + index);
  }

  async *memory(): AsyncGenerator<IMemoryPiece> {
    const { memory, libraries } = this.header;
    const count = memoryFrames(memory);
    for (let index = 0; index < count; index++) {
      const bytes = await this.frame(FIRST_LIBRARY + libraries + index);
      yield { offset: index * memory.frame, bytes };
    }
  }

  private async frame(index: number): Promise<Uint8Array> {
    const [size, uncompressed, digest] = this.header.frames[index];
    const bytes = await this.source.read(this.offsets[index], size);
    if ((await sha256(bytes)) !== digest) {
      throw new SnapshotError(
        `frame ${index} of ${this.header.frames.length} is damaged`
      );
    }
    return this.decode(bytes, uncompressed);
  }
}
