import type { IEmscriptenFS } from '../emscripten';
import { mountedImages } from '../fs';

/** Where a kernel has what is no file. */
const DEVICES = /^\/(dev|proc|sys)(\/|$)/;

/** Say why nothing can be mounted at a path; null when something can. A folder that is missing is no reason. */
export function mountProblem(FS: IEmscriptenFS, path: string): string | null {
  if (!path.startsWith('/')) {
    return `${path || 'The path'} is not absolute: say it from the root on, such as /home/pyodide/data.`;
  }
  const names = path.split('/').filter(Boolean);
  if (names.some(name => name === '.' || name === '..')) {
    return `${path} has . or .. in it: say it without.`;
  }
  if (names.length === 0) {
    return 'Nothing can be mounted on / itself: choose a folder, such as /home/pyodide/data.';
  }
  if (DEVICES.test(path)) {
    return `${path} lies where the kernel has its devices: choose another folder, such as /home/pyodide/data.`;
  }
  const { exists, at } = nearest(FS, names);
  if (exists) return occupied(FS, at);
  const { node } = FS.lookupPath(at, { follow: true });
  if (!FS.isDir(node.mode)) {
    return `${path} cannot be made, because ${at} is not a folder: choose another path.`;
  }
  return isReadOnly(FS, at)
    ? `${path} cannot be made, because ${at} is read-only: choose a path outside of it.`
    : null;
}

/** The longest part of a path that is there. */
function nearest(
  FS: IEmscriptenFS,
  names: readonly string[]
): { exists: boolean; at: string } {
  for (let length = names.length; length > 0; length -= 1) {
    const at = `/${names.slice(0, length).join('/')}`;
    if (FS.analyzePath(at).exists) return { exists: length === names.length, at };
  }
  return { exists: false, at: '/' };
}

function occupied(FS: IEmscriptenFS, path: string): string | null {
  const { node, path: real } = FS.lookupPath(path, {
    follow: true,
    follow_mount: false
  });
  if (node.mounted) {
    const ours = mountedImages(FS).some(mount => mount.path === real && !mount.system);
    return ours
      ? `${path} has something mounted on it already: unmount it first with \`%unmount_fs ${path}\`, or choose another path.`
      : `${path} has something of the kernel mounted on it: choose another path.`;
  }
  if (!FS.isDir(node.mode)) return `${path} is not a folder: choose another path.`;
  const names = FS.readdir(path).filter(name => name !== '.' && name !== '..');
  if (names.length === 0) return null;
  const count = names.length === 1 ? '1 entry' : `${names.length} entries`;
  return `${path} is not empty, and its ${count} would be hidden: choose an empty folder or one that is not there yet.`;
}

function isReadOnly(FS: IEmscriptenFS, path: string): boolean {
  const { node } = FS.lookupPath(path, { follow: true });
  return FS.nodePermissions(node, 'w') !== 0;
}
