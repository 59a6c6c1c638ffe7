import type { IFSNode } from '../emscripten';
import type { IDirectoryEntry, IEntry, ImageReader } from '../image';
import type { FrozenMount } from './mount';

/**
 * A node of a mounted image: what the image holds at its place (lower), and what became of it
 * since (upper).
 *
 * Another copy of this module may read it: whoever changes the meaning of a member raises `IFrozenType`'s version.
 */
export interface IFrozenNode extends IFSNode {
  parent: IFrozenNode;
  owner: FrozenMount;

  /** What the image holds; null for what was created since. */
  lower: IEntry | null;

  /** Permission bits that a read-only mount withholds from Emscripten's checks. */
  withheld: number;

  /** Whether its contents or attributes differ from the image's. */
  changed: boolean;

  /** Whether it has lost its name; it lives on while it is open. */
  unlinked: boolean;

  /** Of a directory: its children that are changed, or that have such below them. */
  upper: Map<string, IFrozenNode>;

  /** Of a directory: names of the image that were removed from it. */
  whiteouts: Set<string>;

  /** Of a file of an image: the image that holds its bytes, and where they begin. */
  image: ImageReader | null;
  start: number;

  /** Of a file: its bytes and some room to grow; null while they are those of the image. */
  contents: Uint8Array | null;

  /** Of a file: its size in bytes. */
  size: number;

  /** Of a file: whether its bytes of the image have been read. */
  seen: boolean;

  /** Of a link. */
  target: string;
}

const NOTHING: IDirectoryEntry['children'] = new Map();

/** What the image holds in a directory. */
export function lowerChildren(node: IFrozenNode): IDirectoryEntry['children'] {
  return node.lower?.kind === 'directory' ? node.lower.children : NOTHING;
}

/** Whether a name of a directory is there as the image has it, or changed in place. */
export function isLowerName(directory: IFrozenNode, name: string): boolean {
  return lowerChildren(directory).has(name) && !directory.whiteouts.has(name);
}

/** The names in a directory, unsorted. */
export function namesOf(directory: IFrozenNode): string[] {
  const names = [...lowerChildren(directory).keys()];
  const { upper, whiteouts } = directory;
  if (upper.size === 0 && whiteouts.size === 0) return names;
  return [
    ...names.filter(name => !whiteouts.has(name)),
    ...[...upper.keys()].filter(name => !isLowerName(directory, name))
  ];
}

/** Note that a node is not as the image has it: its ancestors lead to it from now on. */
export function attach(node: IFrozenNode): void {
  while (node.parent !== node && !node.unlinked) {
    const { upper } = node.parent;
    if (upper.get(node.name) === node) return;
    upper.set(node.name, node);
    node = node.parent;
  }
}

/** Note that a node itself was changed. */
export function markChanged(node: IFrozenNode): void {
  node.changed = true;
  attach(node);
}

/** Take a name out of a directory. */
export function detach(directory: IFrozenNode, name: string): void {
  directory.upper.delete(name);
  if (lowerChildren(directory).has(name)) {
    directory.whiteouts.add(name);
  }
  touch(directory);
}

/** Note that the names in a directory have changed. */
export function touch(directory: IFrozenNode): void {
  directory.mtime = directory.ctime = Date.now();
  attach(directory);
}
