import { SnapshotError } from './error';

/**
 * The snapshot file, version 4.
 *
 * | bytes | what |
 * |---|---|
 * | 8 | `frznsnap` |
 * | u32 LE | version |
 * | u32 LE | length of the header |
 * | … | the header: `IHeader` as JSON, UTF-8 |
 * | … | frames, each compressed by itself with zstd, one after the other |
 *
 * Frames, in this order: the state (`IState` as JSON); Pyodide's own part; the distances between the heads of Python's
 * garbage collector (u32 LE each, see `gc-heads.ts`); what the runtime's own file puts into memory, from address 0 on; what the
 * linker knew of the libraries (`ILinkerRecord` as JSON); the
 * memory, as the difference (XOR) to that, without the blocks that are all zeros. The libraries are no part of it: they are linked into the
 * runtime, which is a file of its own beside the snapshot.
 * The manifest of the environment has the digest of what comes before the frames, and that has the digest of
 * each frame: whatever arrives first can be checked, and used, before the rest is there.
 */
export const MAGIC = 'frznsnap';
export const VERSION = 4;

/** Bytes before the header. */
export const PRELUDE = 16;

/** Bytes in a frame: few enough for a buffer that is small beside the memory, enough to compress well. */
export const FRAME = 16 * 2 ** 20;

/** Bytes of the blocks in which the memory is looked through for zeros. */
export const BLOCK = 16 * 2 ** 10;

/** Bytes that follow each other in memory. */
export type Run = [offset: number, length: number];

export interface IHeader {
  /** Identifies the build of the runtime, as Pyodide computes it. */
  build: string;
  memory: {
    /** Of the whole memory, in bytes. */
    size: number;
    /** How large it may become, in pages of 64 KiB. */
    maximum: number;
    /** What is in the frames, one after the other; anywhere else it holds nothing but zeros. */
    runs: Run[];
    /** Bytes in a frame; the last one may be shorter. */
    frame: number;
  };
  frames: IFrame[];
}

/** A frame: its compressed and its uncompressed size in bytes, and the SHA-256 of what is compressed. */
export type IFrame = [size: number, uncompressed: number, sha256: string];

/** Frames before those of the memory. */
export const STATE_FRAME = 0;
export const PYODIDE_FRAME = 1;
export const GC_FRAME = 2;
export const DATA_FRAME = 3;
export const LINKER_FRAME = 4;
export const FIRST_MEMORY = 5;

/** What comes before the frames. */
export function encodeHeader(header: IHeader): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(PRELUDE + json.length);
  bytes.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(bytes.buffer);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, json.length, true);
  bytes.set(json, PRELUDE);
  return bytes;
}

/**
 * @param bytes - Whose digest has been checked, so what they say can be relied upon.
 * @param size - Of the whole file.
 */
export function decodeHeader(bytes: Uint8Array, size: number): IHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC.length));
  if (bytes.length < PRELUDE || magic !== MAGIC) {
    throw new SnapshotError('the file is no snapshot');
  }
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    throw new SnapshotError(
      `the file has version ${version} of its format, this kernel reads ${VERSION}`
    );
  }
  if (view.getUint32(12, true) !== bytes.length - PRELUDE) {
    throw new SnapshotError('the length of the header is not what the manifest says');
  }
  const json = new TextDecoder().decode(bytes.subarray(PRELUDE));
  const header = JSON.parse(json) as IHeader;
  const end = header.frames.reduce((sum, [length]) => sum + length, bytes.length);
  if (end !== size) {
    throw new SnapshotError(`the file has ${size} bytes, its header says ${end}`);
  }
  return header;
}

/** A piece of the memory, and where it lies: in which frame, and where in it. */
export interface IPiece {
  frame: number;
  at: number;
  offset: number;
  length: number;
}

/** The pieces of the memory, in the order of their frames, for each frame. */
export function memoryPieces({ memory }: IHeader): IPiece[][] {
  const frames: IPiece[][] = [];
  let stored = 0;
  for (const [start, size] of memory.runs) {
    for (let done = 0; done < size;) {
      const index = Math.floor(stored / memory.frame);
      const at = stored % memory.frame;
      const length = Math.min(size - done, memory.frame - at);
      (frames[index] ??= []).push({
        frame: FIRST_MEMORY + index,
        at,
        offset: start + done,
        length
      });
      done += length;
      stored += length;
    }
  }
  return frames;
}

/** The pieces of a part of a frame; where they lie is counted from where it begins. */
export function piecesWithin(pieces: IPiece[], begin: number, end: number): IPiece[] {
  return pieces.flatMap(({ frame, at, offset, length }) => {
    const from = Math.max(at, begin);
    const to = Math.min(at + length, end);
    if (from >= to) return [];
    return [{ frame, at: from - begin, offset: offset + from - at, length: to - from }];
  });
}

/** Where a memory holds anything, in whole blocks. */
export function runsOf(memory: Uint8Array): Run[] {
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4);
  const runs: Run[] = [];
  for (let offset = 0; offset < memory.length; offset += BLOCK) {
    const length = Math.min(BLOCK, memory.length - offset);
    if (words.subarray(offset / 4, (offset + length) / 4).every(word => word === 0)) {
      continue;
    }
    const last = runs.at(-1);
    if (last && last[0] + last[1] === offset) {
      last[1] += length;
    } else {
      runs.push([offset, length]);
    }
  }
  return runs;
}
