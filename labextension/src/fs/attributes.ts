import type { IFSAttributes, IFSStat, INodeOps } from '../emscripten';
import type { FrozenMount } from './mount';
import type { IFrozenNode } from './node';
import { markChanged } from './node';
import { resize } from './file';

/** Sizes that `stat` reports where there are no bytes to count. */
const DIRECTORY_SIZE = 4096;
const BLOCK = 512;

/** The last moment that a `Date` can hold; the format has later ones. */
const LAST_TIME = 8.64e15;

/** Reading and changing the attributes of any node. */
export function attributeOps(
  mount: FrozenMount
): Pick<INodeOps, 'getattr' | 'setattr'> {
  const { FS } = mount;
  return {
    getattr(node): IFSStat {
      const { mode, withheld, size, target, id, rdev, atime, mtime, ctime } =
        node as IFrozenNode;
      const bytes = FS.isDir(mode)
        ? DIRECTORY_SIZE
        : FS.isLink(mode)
          ? new TextEncoder().encode(target).length
          : size;
      return {
        // One device for all mounts, as MEMFS: what `ino` counts is unique among all of them.
        dev: 1,
        ino: id,
        mode: mode | withheld,
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev,
        size: bytes,
        atime: dateOf(atime),
        mtime: dateOf(mtime),
        ctime: dateOf(ctime),
        blksize: 4096,
        blocks: Math.ceil(bytes / BLOCK)
      };
    },

    setattr(node, attributes): void {
      mount.checkWritable();
      const frozen = node as IFrozenNode;
      if (attributes.size !== undefined) {
        resize(frozen, attributes.size);
      }
      if (assign(frozen, attributes)) {
        markChanged(frozen);
      }
    }
  };
}

/** Set mode and times. `timestamp` comes with a change of owner, which there is none of. */
function assign(node: IFrozenNode, attributes: IFSAttributes): boolean {
  let changed = false;
  for (const key of ['mode', 'atime', 'mtime', 'ctime'] as const) {
    const value = attributes[key];
    if (value !== undefined && value !== null) {
      node[key] = value;
      changed = true;
    }
  }
  return changed;
}

function dateOf(time = 0): Date {
  return new Date(Math.max(-LAST_TIME, Math.min(LAST_TIME, time)));
}
