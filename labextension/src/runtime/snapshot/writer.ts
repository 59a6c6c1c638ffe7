import { sha256 } from './digest';
import type { IHeader } from './format';
import { FRAME, encodeHeader } from './format';
import type { ISnapshotHead } from './reader';
import type { IData, ITaken } from './take';

/** Compresses one frame. */
export type Encode = (bytes: Uint8Array) => Promise<Uint8Array>;

/** A snapshot as a file, in pieces. */
export interface ISnapshotFile {
  head: ISnapshotHead;
  pieces: Uint8Array[];
}

/**
 * Lay out a snapshot as a file.
 *
 * @param onProgress - Is told how many frames are compressed, and of how many.
 */
export async function encodeSnapshot(
  taken: ITaken,
  encode: Encode,
  onProgress?: (done: number, total: number) => void
): Promise<ISnapshotFile> {
  const { memory } = taken;
  const used = usedBytes(memory);
  const groups = groupBySize(taken.libraries);
  const plain = [
    new TextEncoder().encode(JSON.stringify(taken.state)),
    taken.pyodide,
    new Uint8Array(taken.gcHeads.buffer),
    ...groups.map(join)
  ];
  for (let offset = 0; offset < used; offset += FRAME) {
    const piece = memory.slice(offset, Math.min(offset + FRAME, used));
    for (const data of taken.data) subtract(piece, offset, data);
    plain.push(piece);
  }
  let done = 0;
  const pieces = await Promise.all(
    plain.map(async bytes => {
      const frame = await encode(bytes);
      onProgress?.(++done, plain.length);
      return frame;
    })
  );
  const header: IHeader = {
    build: taken.build,
    memory: { size: memory.length, used, frame: FRAME },
    libraries: groups.map(group => group.map(({ length }) => length)),
    frames: await Promise.all(
      pieces.map(async (frame, index): Promise<IHeader['frames'][number]> => [
        frame.length,
        plain[index].length,
        await sha256(frame)
      ])
    )
  };
  const before = encodeHeader(header);
  const head = { size: before.length, sha256: await sha256(before) };
  return { head, pieces: [before, ...pieces] };
}

/** Neighbours together, as many as a frame holds; a library that is larger than a frame has one of its own. */
function groupBySize(libraries: readonly Uint8Array[]): Uint8Array[][] {
  const groups: Uint8Array[][] = [];
  let size = Infinity;
  for (const library of libraries) {
    size += library.length;
    if (size > FRAME) {
      groups.push([]);
      size = library.length;
    }
    groups.at(-1)!.push(library);
  }
  return groups;
}

function join(group: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(group.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const library of group) {
    bytes.set(library, at);
    at += library.length;
  }
  return bytes;
}

/** Take from a piece of memory what will be there by itself. */
function subtract(piece: Uint8Array, offset: number, data: IData): void {
  const from = Math.max(offset, data.offset);
  const to = Math.min(offset + piece.length, data.offset + data.bytes.length);
  for (let at = from; at < to; at++) piece[at - offset] ^= data.bytes[at - data.offset];
}

/** The memory grows ahead of what is asked for: its end was never written to. */
function usedBytes(memory: Uint8Array): number {
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4);
  let end = words.length;
  while (end > 0 && words[end - 1] === 0) end--;
  return end * 4;
}
