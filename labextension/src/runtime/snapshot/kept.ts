import type { Crc32 } from '../../image/crc32';
import { loadCrc32 } from '../../image/crc32';
import { openCacheFolder } from '../../store/cache-folder';
import { hold } from '../../store/hold';
import { Completer } from './completer';
import { SnapshotError } from './error';
import type { IFile, IHandle, IKeptFile } from './kept-file';
import type { IHeader } from './format';
import {
  DATA_FRAME,
  FIRST_MEMORY,
  GC_FRAME,
  LINKER_FRAME,
  PYODIDE_FRAME,
  STATE_FRAME,
  memoryPieces
} from './format';
import type { ISnapshot, SnapshotReader, WriteMemory } from './reader';
import { parseState, parseWords } from './reader';
import type { IState } from './state';

/**
 * Decoded snapshots are kept in the origin private file system, one file each under the SHA-256 of what was decoded:
 * reading one is a fraction of decoding it again.
 *
 * A file holds the frames, decoded, one after the other, those of the memory completed; then an `IRecord` as JSON; its
 * length (u32 LE); `MAGIC`. The end is written last: a file without it was not finished.
 */
const MAGIC = new TextEncoder().encode('frznkep4');
const TAIL = 4 + MAGIC.length;

/** All of them together take at most so many bytes. */
const MOST = 512 * 2 ** 20;

/** A file may take this share of the room that is free. */
const SHARE = 0.25;

interface IRecord {
  header: IHeader;
  /** The CRC-32 of each frame, as it is in the file. */
  sums: number[];
  /** See `ISnapshot.complete`. */
  complete: boolean;
}

/** A snapshot that an earlier start has decoded. */
export class KeptSnapshot implements ISnapshot {
  private readonly offsets: number[] = [];
  private parsed: IState | undefined;

  private constructor(
    private readonly sha256: string,
    private readonly handle: IHandle,
    private readonly record: IRecord,
    private readonly crc32: Crc32
  ) {
    let offset = 0;
    for (const [, uncompressed] of record.header.frames) {
      this.offsets.push(offset);
      offset += uncompressed;
    }
  }

  /** @returns null when the file is not whole. */
  static async open({ sha256, handle }: IKeptFile): Promise<KeptSnapshot | null> {
    try {
      const crc32 = await loadCrc32();
      const record = readRecord(handle);
      if (record) return new KeptSnapshot(sha256, handle, record, crc32);
    } catch {
      // Its end is not what it should be, or a policy forbids WebAssembly.
    }
    handle.close();
    return null;
  }

  get header(): IHeader {
    return this.record.header;
  }

  get complete(): boolean {
    return this.record.complete;
  }

  async state(): Promise<IState> {
    return (this.parsed ??= parseState(this.frame(STATE_FRAME)));
  }

  async pyodide(): Promise<Uint8Array> {
    return this.frame(PYODIDE_FRAME);
  }

  async gcHeads(): Promise<Uint32Array> {
    return parseWords(this.frame(GC_FRAME));
  }

  async runtimeData(): Promise<Uint32Array> {
    return parseWords(this.frame(DATA_FRAME));
  }

  async linker(): Promise<Uint8Array> {
    return this.frame(LINKER_FRAME);
  }

  async memory(write: WriteMemory): Promise<void> {
    for (const pieces of memoryPieces(this.header)) {
      let crc = 0;
      for (const { frame, at, offset, length } of pieces) {
        write(offset, length, (target, from) => {
          crc = this.fill(target, frame, at + from, crc);
        });
      }
      this.verify(pieces[0].frame, crc);
    }
  }

  /** One from which no kernel has started is damaged: it has to be decoded again. */
  async release(started: boolean): Promise<void> {
    this.handle.close();
    if (!started) await remove(await openCacheFolder(false), this.sha256);
  }

  private frame(index: number): Uint8Array {
    const [, uncompressed] = this.header.frames[index];
    const bytes = new Uint8Array(uncompressed);
    this.verify(index, this.fill(bytes, index, 0, 0));
    return bytes;
  }

  /** @returns the CRC-32 of the frame so far */
  private fill(target: Uint8Array, frame: number, from: number, crc: number): number {
    this.handle.read(target, { at: this.offsets[frame] + from });
    return this.crc32(target, crc);
  }

  private verify(frame: number, crc: number): void {
    if (crc !== this.record.sums[frame]) {
      throw new SnapshotError(`frame ${frame} of what was kept is damaged`);
    }
  }
}

/** Whether this browser can keep anything, as far as that can be told beforehand. */
export function canKeep(): boolean {
  return typeof globalThis.navigator?.storage?.getDirectory === 'function';
}

/**
 * Keep a snapshot for the next start, unless there is too little room; the oldest go first.
 *
 * @returns Whether it is kept.
 * @throws DOMException when the browser refuses, e.g. because another kernel writes the same file.
 */
export async function keepSnapshot(
  sha256: string,
  reader: SnapshotReader
): Promise<boolean> {
  const { frames } = reader.header;
  const size = frames.reduce((sum, [, uncompressed]) => sum + uncompressed, 0);
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  if (size > MOST || size > SHARE * (quota - usage)) return false;
  const folder = await openCacheFolder(true);
  await makeRoom(folder, sha256, MOST - size);
  const file = (await hold(folder, folder =>
    folder.getFileHandle(sha256, { create: true })
  )) as IFile;
  const handle = await hold(file, file => file.createSyncAccessHandle());
  try {
    await writeFrames(handle, reader);
    handle.flush();
    handle.close();
    return true;
  } catch (error) {
    handle.close();
    await remove(folder, sha256);
    throw error;
  }
}

async function writeFrames(handle: IHandle, reader: SnapshotReader): Promise<void> {
  const crc32 = await loadCrc32();
  const { header } = reader;
  const sums: number[] = [];
  let at = 0;
  const append = (bytes: Uint8Array) => {
    if (handle.write(bytes, { at }) !== bytes.length) {
      throw new Error('the disk is full');
    }
    at += bytes.length;
  };
  handle.truncate(0);
  const completer = new Completer(await reader.runtimeData(), await reader.gcHeads());
  const complete = completer.fits(header.memory);
  const pieces = memoryPieces(header);
  for (let index = 0; index < header.frames.length; index++) {
    await reader.frame(index, bytes => {
      if (complete && index >= FIRST_MEMORY) {
        completer.complete({ pieces: pieces[index - FIRST_MEMORY], bytes });
      }
      sums.push(crc32(bytes));
      append(bytes);
    });
  }
  const record = new TextEncoder().encode(
    JSON.stringify({ header, sums, complete } satisfies IRecord)
  );
  const tail = new Uint8Array(TAIL);
  new DataView(tail.buffer).setUint32(0, record.length, true);
  tail.set(MAGIC, 4);
  append(record);
  append(tail);
}

function readRecord(handle: IHandle): IRecord | null {
  const size = handle.getSize();
  if (size < TAIL) return null;
  const tail = new Uint8Array(TAIL);
  handle.read(tail, { at: size - TAIL });
  const length = new DataView(tail.buffer).getUint32(0, true);
  if (!MAGIC.every((byte, i) => tail[4 + i] === byte) || length > size - TAIL) {
    return null;
  }
  const json = new Uint8Array(length);
  handle.read(json, { at: size - TAIL - length });
  const record = JSON.parse(new TextDecoder().decode(json)) as IRecord;
  const end = record.header.frames.reduce((sum, [, bytes]) => sum + bytes, 0);
  return end === size - TAIL - length ? record : null;
}

/** Remove the oldest, until the others take at most `most` bytes. */
async function makeRoom(
  folder: FileSystemDirectoryHandle,
  except: string,
  most: number
): Promise<void> {
  const others: { name: string; size: number; written: number }[] = [];
  for await (const entry of folder.values()) {
    if (entry.kind !== 'file' || entry.name === except) continue;
    const { size, lastModified } = await hold(entry as FileSystemFileHandle, file =>
      file.getFile()
    );
    others.push({ name: entry.name, size, written: lastModified });
  }
  others.sort((a, b) => b.written - a.written);
  let total = others.reduce((sum, { size }) => sum + size, 0);
  while (total > most) {
    const { name, size } = others.pop()!;
    await remove(folder, name);
    total -= size;
  }
}

function remove(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
  return hold(folder, folder => folder.removeEntry(name));
}
