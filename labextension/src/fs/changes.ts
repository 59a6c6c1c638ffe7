import type { IFSMount, IFSNode } from '../emscripten';
import type { IEntry } from '../image';
import { sortNames } from '../image';
import { frozenRoot } from './frozen';
import type { IFrozenNode } from './node';
import { isLowerName, lowerChildren, namesOf } from './node';

/** How a mount differs from its image; paths are relative to the mount, sorted. */
export interface IChanges {
  /**
   * Files, links and directories that are new, moved here, or have other contents or attributes.
   * A directory in which only names came or went is not among them.
   */
  written: string[];

  /**
   * What the image holds and the mount does not. A path can be in both lists, when one thing took
   * the place of another: remove first, then write.
   */
  removed: string[];
}

/**
 * What the upper layer of a mount holds.
 *
 * It costs what was changed, not what is mounted.
 *
 * @param mount - What `FS.mount` returned, or the mount of any node below it.
 * @throws TypeError when it is not the mount of an image.
 */
export function changes(mount: IFSMount | IFSNode): IChanges {
  const root = frozenRoot('root' in mount ? (mount as IFSMount) : mount.mount);
  if (!root) {
    throw new TypeError('Only the mount of an image knows its changes');
  }
  const found: IChanges = { written: [], removed: [] };
  if (root.changed) found.written.push('.');
  compare(root, '', found);
  return { written: sortNames(found.written), removed: sortNames(found.removed) };
}

/** A directory that is where the image has it. */
function compare(directory: IFrozenNode, prefix: string, found: IChanges): void {
  for (const name of directory.whiteouts) {
    const there = directory.upper.get(name);
    // A file in place of a file is only written.
    if (!there || isDirectory(there) || isLowerDirectory(directory, name)) {
      found.removed.push(prefix + name);
    }
  }
  for (const [name, node] of directory.upper) {
    const path = prefix + name;
    if (!isLowerName(directory, name)) {
      addAll(node, path, found);
    } else {
      if (node.changed) found.written.push(path);
      if (isDirectory(node)) compare(node, `${path}/`, found);
    }
  }
}

/** Something that the image does not have there, with all that is below it. */
function addAll(node: IFrozenNode, path: string, found: IChanges): void {
  found.written.push(path);
  if (!isDirectory(node)) return;
  const lower = lowerChildren(node);
  for (const name of namesOf(node)) {
    const child = node.upper.get(name);
    if (child) {
      addAll(child, `${path}/${name}`, found);
    } else {
      addLower(lower.get(name)!, `${path}/${name}`, found);
    }
  }
}

function addLower(entry: IEntry, path: string, found: IChanges): void {
  found.written.push(path);
  if (entry.kind === 'directory') {
    for (const [name, child] of entry.children) {
      addLower(child, `${path}/${name}`, found);
    }
  }
}

function isDirectory(node: IFrozenNode): boolean {
  return (node.mode & 0o170000) === 0o040000;
}

function isLowerDirectory(directory: IFrozenNode, name: string): boolean {
  return lowerChildren(directory).get(name)?.kind === 'directory';
}
