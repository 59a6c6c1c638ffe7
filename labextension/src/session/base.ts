import type { IEmscriptenFS, IFSMount } from '../emscripten';
import { frozenRoot } from '../fs/frozen';
import type { Stack } from '../image';

/** The image that a kernel runs from, with the layers that are mounted on it; null where it runs from none. */
export function kernelImage(FS: IEmscriptenFS): Stack | null {
  const waiting: IFSMount[] = [FS.lookupPath('/').node.mount];
  for (let mount = waiting.pop(); mount; mount = waiting.pop()) {
    const root = frozenRoot(mount);
    // Its digest is what names it; a mount that somebody has made for a while has none.
    if (root?.owner.stack.images[0].sha256) return root.owner.stack;
    waiting.push(...mount.mounts);
  }
  return null;
}
