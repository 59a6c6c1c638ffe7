import { sameBytes } from './bytes';
import type { IEntry, IFileEntry } from './entries';
import { sortNames } from './names';
import type { ImageReader } from './reader';
import { walk } from './rewrite';
import type { Stack } from './stack';
import { imageOf, rootOf } from './stack';

/** How much of two files is in memory at once while they are compared. */
const PIECE = 2 ** 20;

/** What may differ in an entry that both trees have. */
export type Property = 'kind' | 'mode' | 'mtime' | 'size' | 'content' | 'target';

/** One path at which two trees differ. */
export interface IChange {
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';

  /** What was there. */
  readonly before?: IEntry;

  /** What is there now. */
  readonly after?: IEntry;

  /** What differs, when both trees have the path. */
  readonly differs: readonly Property[];
}

/** How two trees are compared. */
export interface IDiffOptions {
  /** What does not count, such as `mtime`. */
  ignore?: readonly Property[];

  /** Aborting ends it, and it throws the reason. */
  signal?: AbortSignal;

  /** Is told how many files of the same size, and bytes of them, are compared, and of how many. */
  onProgress?: (amount: IDiffProgress) => void;
}

/** What of two trees is compared. */
export interface IDiffProgress {
  files: number;
  totalFiles: number;
  bytes: number;
  totalBytes: number;
}

/**
 * Compare two trees, by path.
 *
 * The contents of files of the same size are compared byte by byte. Whether two files are names of one (hard
 * links) is a matter of storage and not compared.
 *
 * @throws ImageError when a file is damaged.
 */
export async function* diff(
  before: ImageReader | Stack,
  after: ImageReader | Stack,
  { ignore = [], signal, onProgress }: IDiffOptions = {}
): AsyncGenerator<IChange> {
  const [older, newer] = [listed(before), listed(after)];
  const pairs = [...older].flatMap(([path, a]) => sizeOfPair(a, newer.get(path)) ?? []);
  const totalBytes = pairs.reduce((sum, size) => sum + size, 0);
  const amount = { files: 0, totalFiles: pairs.length, bytes: 0, totalBytes };
  for (const path of sortNames([...new Set([...older.keys(), ...newer.keys()])])) {
    signal?.throwIfAborted();
    const [a, b] = [older.get(path), newer.get(path)];
    if (!a || !b) {
      yield { path, kind: a ? 'removed' : 'added', before: a, after: b, differs: [] };
      continue;
    }
    const differs: Property[] = [];
    for await (const property of differences(before, a, after, b)) {
      if (!ignore.includes(property)) differs.push(property);
    }
    const size = sizeOfPair(a, b);
    if (size !== null) {
      amount.files++;
      amount.bytes += size;
      onProgress?.({ ...amount });
    }
    if (differs.length > 0) {
      yield { path, kind: 'changed', before: a, after: b, differs };
    }
  }
}

/** Bytes of two files that have as many, and so are compared; null for anything else. */
function sizeOfPair(a: IEntry, b: IEntry | undefined): number | null {
  if (a.kind !== 'file' || b?.kind !== 'file') return null;
  const size = a.end - a.start;
  return size === b.end - b.start ? size : null;
}

function listed(tree: ImageReader | Stack): Map<string, IEntry> {
  return new Map([...walk(rootOf(tree).children)].map(entry => [entry.path, entry]));
}

async function* differences(
  before: ImageReader | Stack,
  a: IEntry,
  after: ImageReader | Stack,
  b: IEntry
): AsyncGenerator<Property> {
  if (a.kind !== b.kind) {
    yield 'kind';
    return;
  }
  if (a.mode !== b.mode) yield 'mode';
  if (a.mtime !== b.mtime) yield 'mtime';
  if (a.kind === 'link' && b.kind === 'link' && a.target !== b.target) yield 'target';
  if (a.kind !== 'file' || b.kind !== 'file') return;
  if (a.end - a.start !== b.end - b.start) yield 'size';
  else if (!(await sameContent(imageOf(before, a), a, imageOf(after, b), b))) {
    yield 'content';
  }
}

/** Whether two files of the same size have the same bytes. */
export async function sameContent(
  before: ImageReader,
  a: IFileEntry,
  after: ImageReader,
  b: IFileEntry
): Promise<boolean> {
  if (before === after && a.start === b.start) return true;
  const size = a.end - a.start;
  for (let at = 0; at < size; at += PIECE) {
    const end = Math.min(at + PIECE, size);
    const [one, other] = await Promise.all([
      before.read(a.start + at, a.start + end),
      after.read(b.start + at, b.start + end)
    ]);
    if (!sameBytes(one, other)) return false;
  }
  return true;
}
