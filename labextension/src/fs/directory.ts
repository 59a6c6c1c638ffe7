import type { IFSNode, INodeOps } from '../emscripten';
import { sortNames } from '../image';
import { Errno } from './errno';
import type { FrozenMount } from './mount';
import type { IFrozenNode } from './node';
import { attach, detach, lowerChildren, markChanged, namesOf, touch } from './node';

type DirectoryOps = Pick<
  INodeOps,
  'lookup' | 'mknod' | 'rename' | 'unlink' | 'rmdir' | 'readdir' | 'symlink'
>;

/** Finding, making, moving and removing names. */
export function directoryOps(mount: FrozenMount): DirectoryOps {
  const { FS } = mount;
  // Imports look for many names that are not there: one error without a stack serves them all.
  const missing = new FS.ErrnoError(Errno.ENOENT);
  missing.stack = '';

  const add = (parent: IFrozenNode, name: string, mode: number, device: number) => {
    mount.checkWritable();
    const node = mount.create(parent, name, mode, device);
    markChanged(node);
    touch(parent);
    return node;
  };

  const checkEmpty = (node: IFrozenNode) => {
    if (FS.isDir(node.mode) && namesOf(node).length > 0) {
      throw new FS.ErrnoError(Errno.ENOTEMPTY);
    }
  };

  return {
    // Emscripten asks only for names without a node, so what is in the upper layer was found.
    lookup(parent, name) {
      const directory = parent as IFrozenNode;
      const entry = lowerChildren(directory).get(name);
      if (!entry || directory.whiteouts.has(name)) throw missing;
      return mount.createLower(directory, name, entry);
    },

    mknod(parent, name, mode, device) {
      if (!FS.isDir(mode) && !FS.isFile(mode) && !FS.isChrdev(mode)) {
        throw new FS.ErrnoError(Errno.EPERM);
      }
      return add(parent as IFrozenNode, name, mode, device);
    },

    symlink(parent, name, target) {
      const node = add(parent as IFrozenNode, name, 0o120777, 0);
      node.target = target;
      return node;
    },

    rename(node, newParent, newName) {
      mount.checkWritable();
      const moved = node as IFrozenNode;
      const from = moved.parent;
      const to = newParent as IFrozenNode;
      const replaced = find(to, newName);
      if (replaced) {
        checkEmpty(replaced);
        FS.hashRemoveNode(replaced);
        replaced.unlinked = true;
        detach(to, newName);
      }
      detach(from, moved.name);
      moved.name = newName;
      if (moved.lower !== null && lowerChildren(to).get(newName) === moved.lower) {
        // Back where the image has it.
        to.whiteouts.delete(newName);
      }
      // Emscripten sets the parent too, but only after this.
      moved.parent = to;
      moved.ctime = Date.now();
      attach(moved);
      touch(to);
    },

    unlink(parent, name) {
      remove(parent as IFrozenNode, name);
    },

    rmdir(parent, name) {
      remove(parent as IFrozenNode, name);
    },

    readdir(node) {
      return ['.', '..', ...sortNames(namesOf(node as IFrozenNode))];
    }
  };

  function find(directory: IFrozenNode, name: string): IFrozenNode | null {
    try {
      return FS.lookupNode(directory, name) as IFrozenNode;
    } catch {
      return null;
    }
  }

  function remove(parent: IFrozenNode, name: string): void {
    mount.checkWritable();
    const node: IFSNode = FS.lookupNode(parent, name);
    checkEmpty(node as IFrozenNode);
    (node as IFrozenNode).unlinked = true;
    detach(parent, name);
  }
}
