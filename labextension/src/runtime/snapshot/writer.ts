import { sha256 } from './digest';
import type { IHeader } from './format';
import { FRAME, encodeHeader, runsOf } from './format';
import type { ISnapshotHead } from './reader';
import type { ITaken } from './take';

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
  const memory = difference(taken);
  const runs = runsOf(memory);
  const plain = [
    new TextEncoder().encode(JSON.stringify(taken.state)),
    taken.pyodide,
    new Uint8Array(taken.gcHeads.buffer),
    taken.runtimeData,
    new TextEncoder().encode(JSON.stringify(taken.known))
  ];
  const stored = join(runs.map(([at, length]) => memory.subarray(at, at + length)));
  for (let at = 0; at < stored.length; at += FRAME) {
    plain.push(stored.subarray(at, at + FRAME));
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
    memory: { size: memory.length, maximum: taken.maximum, runs, frame: FRAME },
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

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The memory without what will be there by itself. */
function difference({ memory, runtimeData }: ITaken): Uint8Array {
  const bytes = memory.slice();
  for (let at = 0; at < runtimeData.length; at++) bytes[at] ^= runtimeData[at];
  return bytes;
}
