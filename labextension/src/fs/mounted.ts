import type { IEmscriptenFS, IFSMount } from '../emscripten';
import type { ImageReader, Stack } from '../image';
import { frozenRoot } from './frozen';

/** An image that is mounted in a filesystem. */
export interface IMountedImage {
  /** Where it is mounted. */
  readonly path: string;

  /** Which directory of the image it is. */
  readonly root: string;

  /** The image, and the layers on it: what a new layer has as its base. */
  readonly stack: Stack;

  /** The image at the bottom, then its layers. */
  readonly images: readonly ImageReader[];

  /** Whether the mount can be changed. */
  readonly writable: boolean;

  /** Whether the program runs from it. */
  readonly system: boolean;

  /** What Emscripten knows of it. */
  readonly mount: IFSMount;
}

/** The images that are mounted in a filesystem, whichever copy of this module has mounted them. */
export function mountedImages(FS: IEmscriptenFS): IMountedImage[] {
  const found: IMountedImage[] = [];
  const waiting: IFSMount[] = [FS.lookupPath('/').node.mount];
  for (let mount = waiting.pop(); mount; mount = waiting.pop()) {
    waiting.push(...mount.mounts);
    const node = frozenRoot(mount);
    if (!node) continue;
    const { stack, writable } = node.owner;
    const root = node.lower!.path;
    found.push({
      path: mount.mountpoint,
      root,
      stack,
      images: stack.images,
      writable,
      system: mount.opts.system === true,
      mount
    });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
