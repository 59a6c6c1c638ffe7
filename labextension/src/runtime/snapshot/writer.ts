import { sha256 } from './digest';
import type { IHeader } from './format';
import { FRAME, encodeHeader } from './format';
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
  const { memory } = taken;
  const used = usedBytes(memory);
  const plain = [
    new TextEncoder().encode(JSON.stringify(taken.state)),
    taken.pyodide,
    ...taken.libraries
  ];
  for (let offset = 0; offset < used; offset += FRAME) {
    plain.push(memory.subarray(offset, Math.min(offset + FRAME, used)));
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
    libraries: taken.libraries.length,
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

/** The memory grows ahead of what is asked for: its end was never written to. */
function usedBytes(memory: Uint8Array): number {
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length / 4);
  let end = words.length;
  while (end > 0 && words[end - 1] === 0) end--;
  return end * 4;
}
