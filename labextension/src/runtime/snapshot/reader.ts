import { sha256 } from './digest';
import { SnapshotError } from './error';
import type { IHeader, IPiece } from './format';
import {
  DATA_FRAME,
  GC_FRAME,
  LINKER_FRAME,
  PYODIDE_FRAME,
  STATE_FRAME,
  decodeHeader,
  memoryPieces
} from './format';
import type { Fill } from './linked-memory';
import type { ILinkerRecord } from './record';
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

/** Takes a piece of memory: `LinkedMemory.write`. */
export type WriteMemory = (offset: number, length: number, fill: Fill) => void;

/** A frame of the memory or a part of one, decoded, and where its pieces belong. */
export interface IMemoryFrame {
  pieces: IPiece[];
  bytes: Uint8Array;
}

/** Write what is in a frame to its places. */
export function writeFrame(write: WriteMemory, { pieces, bytes }: IMemoryFrame): void {
  for (const { at, offset, length } of pieces) {
    write(offset, length, (target, from) =>
      target.set(bytes.subarray(at + from, at + from + target.length))
    );
  }
}

/** What a restore needs of a snapshot, wherever it was decoded. */
export interface ISnapshot {
  readonly header: IHeader;
  /** Whether the memory is as it is to be, see `Completer`. */
  readonly complete: boolean;
  state(): Promise<IState>;
  /** Pyodide's own part: which JavaScript objects Python holds. */
  pyodide(): Promise<Uint8Array>;
  /** See `linkGcHeads`. */
  gcHeads(): Promise<Uint32Array>;
  /** What the runtime's own file puts into memory, in whole words. */
  runtimeData(): Promise<Uint32Array>;
  /** An `ILinkerRecord`, as it is in the file. */
  linker(): Promise<Uint8Array>;
  /** Hand out the memory, piece by piece. */
  memory(write: WriteMemory): Promise<void>;
  /** Nothing more is asked of it; whether a kernel has started from it. */
  release(started: boolean): void | Promise<void>;
}

/**
 * Reads a snapshot file; each frame is checked before it is decoded, and decoded as soon as it is there.
 */
export class SnapshotReader implements ISnapshot {
  readonly complete = false;
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

  state(): Promise<IState> {
    return this.frame(STATE_FRAME, parseState);
  }

  pyodide(): Promise<Uint8Array> {
    return this.frame(PYODIDE_FRAME, bytes => bytes.slice());
  }

  gcHeads(): Promise<Uint32Array> {
    return this.frame(GC_FRAME, parseWords);
  }

  runtimeData(): Promise<Uint32Array> {
    return this.frame(DATA_FRAME, parseWords);
  }

  linker(): Promise<Uint8Array> {
    return this.frame(LINKER_FRAME, bytes => bytes.slice());
  }

  memory(write: WriteMemory): Promise<void> {
    return this.memoryFrames(frame => writeFrame(write, frame));
  }

  release(): void {}

  /** Hand out the frames of the memory one after the other, as `frame` does. */
  async memoryFrames(
    use: (frame: IMemoryFrame) => void | Promise<void>
  ): Promise<void> {
    for (const pieces of memoryPieces(this.header)) {
      await this.frame(pieces[0].frame, bytes => use({ pieces, bytes }));
    }
  }

  /**
   * Decode one frame.
   *
   * @param use - Is given the bytes, which hold until it returns.
   * @returns what `use` does
   */
  async frame<T>(
    index: number,
    use: (bytes: Uint8Array) => T | Promise<T>
  ): Promise<T> {
    const [size, uncompressed, digest] = this.header.frames[index];
    const bytes = await this.source.read(this.offsets[index], size);
    if ((await sha256(bytes)) !== digest) {
      throw new SnapshotError(
        `frame ${index} of ${this.header.frames.length} is damaged`
      );
    }
    return use(this.decode(bytes, uncompressed));
  }
}

export function parseState(bytes: Uint8Array): IState {
  return parse<IState>(bytes);
}

export function parseLinker(bytes: Uint8Array): ILinkerRecord {
  return parse<ILinkerRecord>(bytes);
}

function parse<T>(bytes: Uint8Array): T {
  return JSON.parse(new TextDecoder().decode(bytes)) as T;
}

export function parseWords(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer);
}
