import type { IEmscriptenFS } from '../emscripten';
import { Errno } from './errno';
import { FrozenMount } from './mount';

const taught = new WeakSet<IEmscriptenFS>();

/**
 * Have Emscripten say `EROFS` where it would say `EACCES`.
 *
 * It refuses to write by the mode of a node before it asks the filesystem, so a read-only mount
 * withholds the write bits, which also keeps `access(W_OK)` honest. This makes the reason true as
 * well, where the check can be reached; where it cannot, `EACCES` it is.
 */
export function teachReadOnly(FS: IEmscriptenFS): void {
  if (taught.has(FS) || typeof FS.nodePermissions !== 'function') return;
  taught.add(FS);
  const permissions = FS.nodePermissions;
  FS.nodePermissions = (node, wanted) =>
    wanted.includes('w') && node.owner instanceof FrozenMount && !node.owner.writable
      ? Errno.EROFS
      : permissions(node, wanted);
}
