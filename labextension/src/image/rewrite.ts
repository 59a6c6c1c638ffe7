import type { IEntry } from './entries';
import type { INewEntry } from './new-entry';
import type { ImageReader } from './reader';
import { headerSize, padding } from './tar';

/** How much of a file is in memory at once when it is written again. */
const PIECE = 2 ** 20;

/** What an image holds, to be written again; links between names of one file are kept. */
export function* entriesOf(image: ImageReader): Generator<INewEntry> {
  const first = new Map<number, string>();
  for (const { path, mode, mtime, start, end } of image.index.files) {
    const target = first.get(start);
    if (target === undefined) {
      first.set(start, path);
      const content = () => piecesOf(image, start, end);
      yield { kind: 'file', path, mode, mtime, size: end - start, content };
    } else {
      yield { kind: 'file', path, mode, mtime, size: end - start, target };
    }
  }
  for (const entry of walk(image.index.root.children)) {
    if (entry.kind !== 'file') yield entry;
  }
}

/** The files that a start reads, in the order in which the writer was given them. */
export function bootList(image: ImageReader): string[] {
  const paths: string[] = [];
  let position = 0;
  for (const entry of entriesOf(image)) {
    if (position >= image.bootSize || entry.kind !== 'file') break;
    position += headerSize(entry);
    if (!entry.target) position += entry.size! + padding(entry.size!);
    paths.push(entry.path);
  }
  return paths;
}

/** Everything below a directory, parents first. */
export function* walk(children: ReadonlyMap<string, IEntry>): Generator<IEntry> {
  const waiting = [children];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const entry of next.values()) {
      yield entry;
      if (entry.kind === 'directory') waiting.push(entry.children);
    }
  }
}

/** A range of the archive, in pieces that need not be in memory at once. */
export async function* piecesOf(
  image: ImageReader,
  start: number,
  end: number
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += PIECE) {
    yield await image.read(at, Math.min(at + PIECE, end));
  }
}
