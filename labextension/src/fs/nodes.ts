import type { IEmscriptenFS, IFSNode, IFSStream } from '../emscripten';
import { Errno } from './errno';
import { frozenMountOf } from './frozen';

/*
 * What can be done with nodes where `FS` only knows paths: nothing here follows a link or crosses a mount, modes
 * hinder nothing, and it costs no walk from the root. Emscripten's own functions do the same to nodes, after
 * having found them.
 */

/** What a node can be. */
export type NodeKind = 'file' | 'directory' | 'link' | 'device' | 'pipe' | 'socket';

const TYPE = 0o170000;
const KINDS = new Map<number, NodeKind>([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
  [0o020000, 'device'],
  [0o060000, 'device'],
  [0o010000, 'pipe'],
  [0o140000, 'socket']
]);

/** What a node with these mode bits is. */
export function kindOf(mode: number): NodeKind {
  return KINDS.get(mode & TYPE) ?? 'device';
}

/** The node of a name in a directory, links and mount points as such; null where there is none. */
export function childOf(
  FS: IEmscriptenFS,
  directory: IFSNode,
  name: string
): IFSNode | null {
  if (isPlain(FS, directory)) {
    const names = directory.contents as Record<string, IFSNode>;
    if (Object.hasOwn(names, name)) return names[name];
  }
  try {
    return unhindered(FS, () => FS.lookupNode(directory, name));
  } catch (error) {
    if ((error as { errno?: number }).errno === Errno.ENOENT) return null;
    throw error;
  }
}

/** The names in a directory, unsorted. */
export function namesIn(FS: IEmscriptenFS, directory: IFSNode): string[] {
  const names = directory.node_ops.readdir!(directory).filter(
    name => name !== '.' && name !== '..'
  );
  // MEMFS keeps names in a plain object, where this one becomes something else than a key.
  const hidden =
    isPlain(FS, directory) &&
    Object.getPrototypeOf(directory.contents) !== Object.prototype &&
    !names.includes('__proto__') &&
    childOf(FS, directory, '__proto__') !== null;
  return hidden ? [...names, '__proto__'] : names;
}

/** Whether a node is MEMFS', which has all its bytes in memory. */
export function isPlain(FS: IEmscriptenFS, node: IFSNode): boolean {
  return node.mount.type === FS.filesystems.MEMFS;
}

/** Mode, size in bytes, and time in milliseconds of a node. */
export function attributesOf(
  FS: IEmscriptenFS,
  node: IFSNode
): { mode: number; size: number; mtime: number } {
  const { mode, mtime } = node;
  // What MEMFS would put into objects that live for a moment.
  if (isPlain(FS, node) && typeof mtime === 'number') {
    return { mode, size: (node.usedBytes as number | undefined) ?? 0, mtime };
  }
  const attributes = node.node_ops.getattr!(node);
  return {
    mode: attributes.mode,
    size: attributes.size,
    mtime: attributes.mtime.getTime()
  };
}

/** The bytes of a file, as they lie in memory; null where they do not. */
export function viewOf(FS: IEmscriptenFS, node: IFSNode): Uint8Array | null {
  const { contents } = node;
  if (!(contents instanceof Uint8Array)) return null;
  // There is room behind the end of the file.
  if (isPlain(FS, node)) return contents.subarray(0, node.usedBytes as number);
  return frozenMountOf(node) ? contents.subarray(0, node.size as number) : null;
}

/** Read a file whole. */
export function readWhole(FS: IEmscriptenFS, node: IFSNode): Uint8Array {
  const view = viewOf(FS, node);
  if (view) return view;
  return opened(FS, node, 'r', stream => {
    const bytes = new Uint8Array(node.node_ops.getattr!(node).size);
    let at = 0;
    for (let count = -1; at < bytes.length && count !== 0; at += count) {
      count = FS.read(stream, bytes, at, bytes.length - at, at);
    }
    return bytes.subarray(0, at);
  });
}

/** Make a file of bytes, which become its own where that is possible. */
export function makeFile(
  FS: IEmscriptenFS,
  directory: IFSNode,
  name: string,
  bytes: Uint8Array
): IFSNode {
  const node = directory.node_ops.mknod!(directory, name, 0o100600, 0);
  try {
    fill(FS, node, bytes);
  } catch (error) {
    removeNode(FS, node);
    throw error;
  }
  return node;
}

function fill(FS: IEmscriptenFS, node: IFSNode, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  if (isPlain(FS, node) || frozenMountOf(node)) {
    const stream = { node, flags: 1, position: 0, stream_ops: node.stream_ops };
    node.stream_ops.write!(stream, bytes, 0, bytes.length, 0, true);
    return;
  }
  opened(FS, node, 'r+', stream => {
    for (let at = 0, count = -1; at < bytes.length && count !== 0; at += count) {
      count = FS.write(stream, bytes, at, bytes.length - at, at);
    }
  });
}

export function makeDirectory(directory: IFSNode, name: string): IFSNode {
  return directory.node_ops.mknod!(directory, name, 0o040700, 0);
}

export function makeLink(directory: IFSNode, name: string, target: string): IFSNode {
  return directory.node_ops.symlink!(directory, name, target);
}

/** Give a node another name in its directory, where that name is free. */
export function renameNode(FS: IEmscriptenFS, node: IFSNode, name: string): void {
  const directory = node.parent;
  FS.hashRemoveNode(node);
  try {
    unhindered(FS, () => directory.node_ops.rename!(node, directory, name));
    node.name = name;
  } finally {
    FS.hashAddNode(node);
  }
}

/** Remove a node with all that is below it. */
export function removeNode(FS: IEmscriptenFS, node: IFSNode): void {
  const { parent, name } = node;
  if (kindOf(node.mode) === 'directory') {
    for (const child of namesIn(FS, node)) {
      removeNode(FS, childOf(FS, node, child)!);
    }
    if (isPlain(FS, node)) {
      // What `__proto__` has left behind; MEMFS would take it for names.
      Object.setPrototypeOf(node.contents, Object.prototype);
    }
    unhindered(FS, () => parent.node_ops.rmdir!(parent, name));
  } else {
    unhindered(FS, () => parent.node_ops.unlink!(parent, name));
  }
  FS.hashRemoveNode(node);
}

/** Set mode bits and times; times in milliseconds. */
export function setAttributes(
  node: IFSNode,
  mode: number,
  { atime, mtime, ctime }: { atime: number; mtime: number; ctime?: number }
): void {
  node.node_ops.setattr!(node, {
    mode: (node.mode & TYPE) | mode,
    atime,
    mtime,
    ctime,
    timestamp: mtime,
    dontFollow: true
  });
}

function opened<T>(
  FS: IEmscriptenFS,
  node: IFSNode,
  flags: string,
  use: (stream: IFSStream) => T
): T {
  const stream = unhindered(FS, () => FS.open(FS.getPath(node), flags));
  try {
    return use(stream);
  } finally {
    FS.close(stream);
  }
}

/** Do something for which modes count for nothing, as they do for root. */
function unhindered<T>(FS: IEmscriptenFS, action: () => T): T {
  const before = FS.ignorePermissions;
  FS.ignorePermissions = true;
  try {
    return action();
  } finally {
    FS.ignorePermissions = before;
  }
}
