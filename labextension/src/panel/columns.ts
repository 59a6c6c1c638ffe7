import type { IDirectoryEntry, IEntry } from '../image';
import { sortNames } from '../image';
import { type IOutlineColumns, startsOf } from './outline';

const NUMBERS = { file: 0, directory: 1, link: 2 } as const;

/** Make the columns of an outline: depth first, in a directory the directories first, then by the bytes of their names. */
export function columnsOf(
  root: IDirectoryEntry,
  missing: string | null
): IOutlineColumns {
  const names: string[] = [''];
  const targets: string[] = [];
  const entries: IEntry[] = [root];
  const parents: number[] = [0];
  const add = (directory: IDirectoryEntry, number: number) => {
    const { children } = directory;
    for (const name of displayed(children)) {
      const entry = children.get(name)!;
      names.push(name);
      parents.push(number);
      const own = entries.push(entry) - 1;
      if (entry.kind === 'directory') add(entry, own);
      else if (entry.kind === 'link') targets.push(entry.target);
    }
  };
  add(root, 0);
  const joined = names.join('\0');
  return {
    names: joined,
    starts: startsOf(joined, entries.length),
    parent: Uint32Array.from(parents),
    kind: Uint8Array.from(entries, ({ kind }) => NUMBERS[kind]),
    size: Float64Array.from(entries, sizeOf),
    mode: Uint16Array.from(entries, ({ mode }) => mode),
    mtime: Float64Array.from(entries, ({ mtime }) => mtime),
    targets: targets.join('\0'),
    missing
  };
}

/** The buffers of columns, which travel to another thread without a copy. */
export function buffersOf(columns: IOutlineColumns): ArrayBuffer[] {
  const { starts, parent, kind, size, mode, mtime } = columns;
  const all = [...(starts ? [starts] : []), parent, kind, size, mode, mtime];
  return all.map(({ buffer }) => buffer as ArrayBuffer);
}

/** Bytes of a file; 0 for what is none. */
export function sizeOf(entry: IEntry): number {
  return entry.kind === 'file' ? entry.end - entry.start : 0;
}

function displayed(children: ReadonlyMap<string, IEntry>): string[] {
  const directories: string[] = [];
  const others: string[] = [];
  for (const [name, { kind }] of children) {
    (kind === 'directory' ? directories : others).push(name);
  }
  return [...sortNames(directories), ...sortNames(others)];
}
