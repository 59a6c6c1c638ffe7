import type { IEmscriptenFS, IFSMount } from '../emscripten';
import type { ImageReader } from '../image';
import { Stack } from '../image';
import type { IFrozenType } from './frozen';
import type { IFrozenHooks } from './mount';
import { FrozenMount } from './mount';
import { teachReadOnly } from './permissions';

/** The options of `FS.mount`. */
export interface IFrozenMountOptions {
  image: ImageReader;

  /** Layers on the image, the lowest first. */
  layers?: readonly ImageReader[];

  /** Which directory of the image to mount; all of it by default. */
  root?: string;

  /** Whether the mount can be changed; the image never is. False by default. */
  writable?: boolean;

  /** Whether the program runs from it, so that nobody takes it away. False by default. */
  system?: boolean;
}

/**
 * The filesystem type that mounts images.
 *
 * Mounting makes one node; the others are made when they are looked up. Bytes are read from the
 * image, until a file is changed: then it has its own.
 *
 * ```ts
 * FS.mount(createFrozenFS(FS), { image, root: '/lib', writable: true }, '/lib');
 * FS.mount(createFrozenFS(FS), { image, layers: [monday, tuesday] }, '/course');
 * ```
 */
export function createFrozenFS(
  FS: IEmscriptenFS,
  hooks: IFrozenHooks = {}
): IFrozenType {
  return {
    frozenfs: { version: 1 },

    mount(mount: IFSMount) {
      const {
        image,
        layers,
        root = '/',
        writable = false
      } = mount.opts as unknown as IFrozenMountOptions;
      const stack = new Stack(image, layers);
      const path = root.replace(/\/+$/, '') || '/';
      const entry = stack.lookup(path);
      if (entry?.kind !== 'directory') {
        throw new Error(
          `${[image, ...(layers ?? [])].map(one => one.name).join(' + ')} has no directory ${path} to mount, found ${entry ? `a ${entry.kind}` : 'nothing'} there`
        );
      }
      if (!writable) teachReadOnly(FS);
      return new FrozenMount(FS, mount, stack, entry, writable, hooks).createRoot();
    }
  };
}
