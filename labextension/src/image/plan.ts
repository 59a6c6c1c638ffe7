import { ImageError } from './error';
import type { IIndexJson } from './index-json';
import { emptyIndex } from './index-json';
import { sortNames } from './names';
import type { INewEntry, INewFile } from './new-entry';
import { checkEntry, refusal } from './new-entry';
import { pathFault } from './paths';
import { BLOCK, headerSize, padding } from './tar';

/** The trailer counts blocks in 32 bits. */
const LARGEST_END = (2 ** 32 - 2) * BLOCK;

/** What an image says of itself, besides its tree. */
export interface IPlanOptions {
  /** Paths of the files that a start reads, in that order: they come first. */
  boot?: readonly string[];

  /** SHA-256 of the image that this one is a layer of. */
  base?: string | null;

  /** Paths of the base that this layer removes. */
  whiteouts?: readonly string[];
}

/** A planned archive. */
export interface IPlan {
  /** In the order of the archive. A file with a target is a hard link to an earlier one. */
  readonly entries: readonly INewEntry[];

  /** The index, but for the checksums. */
  readonly index: IIndexJson;
}

/**
 * Order a tree and give each file its range (sections 1 and 2.1 of the format).
 *
 * Directories that are parents of an entry but not given themselves are added, with mode `0o755`
 * and mtime 0.
 *
 * @throws ImageError when the format cannot hold the tree, or the boot list names what is not a
 * file of it.
 */
export function plan(given: Iterable<INewEntry>, options: IPlanOptions = {}): IPlan {
  const { boot = [], base = null, whiteouts = [] } = options;
  const tree = gather(given);
  checkLayer(base, whiteouts);
  const index = emptyIndex(base, sortNames([...new Set(whiteouts)]));
  const own = index.frozenfs;
  const { order, bootCount } = inOrder(tree, boot);
  const first = new Map<string, { path: string; start: number; size: number }>();
  const entries: INewEntry[] = [];
  let position = 0;
  for (const entry of order) {
    if (entries.length === bootCount) own.boot = position;
    if (entry.kind !== 'file') {
      entries.push(entry);
      position += headerSize(entry);
      if (entry.kind === 'link') {
        own.links.push([entry.path, entry.target, entry.mtime]);
      } else own.directories.push([entry.path, entry.mode, entry.mtime]);
      continue;
    }
    const key = sameFile(tree, entry);
    let bytes = first.get(key);
    if (bytes) {
      const link = { ...entry, target: bytes.path, size: bytes.size };
      entries.push(link);
      position += headerSize(link);
    } else {
      const file = withContent(tree, entry, key);
      entries.push(file);
      const start = position + headerSize(file);
      bytes = { path: file.path, start, size: file.size ?? 0 };
      first.set(key, bytes);
      position = start + bytes.size + padding(bytes.size);
    }
    const { start, size } = bytes;
    index.files.push({ filename: entry.path, start, end: start + size });
    own.modes.push(entry.mode);
    own.mtimes.push(entry.mtime);
  }
  if (entries.length === bootCount) own.boot = position;
  if (position > LARGEST_END) {
    throw new ImageError(
      'the tree',
      `it makes an archive of ${position} bytes, expected at most ${LARGEST_END}`,
      'Split it.'
    );
  }
  // The archive has them children first, the index parents first.
  own.directories.reverse();
  index.remote_package_size = position;
  return { entries, index };
}

/** The tree by path, with all parents. */
function gather(given: Iterable<INewEntry>): Map<string, INewEntry> {
  const tree = new Map<string, INewEntry>();
  for (const entry of given) {
    checkEntry(entry);
    if (tree.has(entry.path)) {
      throw refusal(entry.path, 'was given twice, and an image holds each path once');
    }
    tree.set(entry.path, entry);
  }
  for (const path of [...tree.keys()]) {
    let parent = parentOf(path);
    while (parent !== '' && !tree.has(parent)) {
      tree.set(parent, { kind: 'directory', path: parent, mode: 0o755, mtime: 0 });
      parent = parentOf(parent);
    }
    const found = tree.get(parent)?.kind ?? 'directory';
    if (found !== 'directory') {
      throw refusal(path, `lies below ${parent}, which is a ${found}, not a directory`);
    }
  }
  return tree;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function checkLayer(base: string | null, whiteouts: readonly string[]): void {
  if (base !== null && !/^[0-9a-f]{64}$/.test(base)) {
    throw new ImageError(
      'the base',
      `expected a SHA-256 of 64 hexadecimal digits in lower case, found ${base}`,
      'It is the digest of the file of the base image.'
    );
  }
  if (base === null && whiteouts.length > 0) {
    throw new ImageError(
      'the whiteouts',
      'they remove paths of a base image, but no base was given',
      'Give the SHA-256 of the base.'
    );
  }
  for (const path of whiteouts) {
    const fault = pathFault(path);
    if (fault !== null) throw refusal(path, `is a whiteout that ${fault}`);
  }
}

/** The boot list, then the other files and links, then directories, each after all it holds. */
function inOrder(tree: Map<string, INewEntry>, boot: readonly string[]) {
  const early = new Set(boot);
  for (const path of early) {
    const found = tree.get(path)?.kind;
    if (found !== 'file') {
      throw refusal(
        path,
        `is in the boot list, but is ${found ? `a ${found}` : 'not in the tree'}, expected a regular file`
      );
    }
  }
  const paths = sortNames([...tree.keys()].filter(path => !early.has(path)));
  const isDirectory = (path: string) => tree.get(path)!.kind === 'directory';
  const order = [
    ...early,
    ...paths.filter(path => !isDirectory(path)),
    ...paths.filter(isDirectory).reverse()
  ].map(path => tree.get(path)!);
  return { order, bootCount: early.size };
}

/** Follow hard links to the path that stands for all names of one file. */
function sameFile(tree: Map<string, INewEntry>, entry: INewFile): string {
  let { path, target } = entry;
  const seen = new Set([path]);
  while (target) {
    path = target;
    if (seen.has(path)) {
      throw refusal(entry.path, 'is a hard link that refers to itself');
    }
    seen.add(path);
    const next = tree.get(path);
    target = next?.kind === 'file' ? next.target : undefined;
  }
  return path;
}

/** The first name of a file in the archive, made the one that carries the bytes. */
function withContent(
  tree: Map<string, INewEntry>,
  entry: INewFile,
  key: string
): INewFile {
  const named = tree.get(key);
  const source = named?.kind === 'file' && named.content ? named : entry;
  if (!source.content) {
    throw refusal(
      entry.path,
      `is a hard link to ${key}, which is not a file of the tree`
    );
  }
  if (source === entry && !entry.target) return entry;
  const { kind, path, mode, mtime } = entry;
  return { kind, path, mode, mtime, size: source.size, content: source.content };
}
