import type { IFSMount, IFSNode, IFSType } from '../emscripten';
import type { FrozenMount } from './mount';
import type { IFrozenNode } from './node';

/** Marks the filesystem type of mounted images. */
export interface IFrozenType extends IFSType {
  /**
   * Says that it is one, and how its nodes are made: `IFrozenNode` is version 1.
   *
   * Two copies of this module can be alive in one program, as when a kernel's own and one from a Python package
   * meet; no `instanceof` of the one knows what the other has made. So this is asked for.
   */
  readonly frozenfs: { readonly version: 1 };
}

/** The root node of a mount, if an image is mounted there. */
export function frozenRoot(mount: IFSMount): IFrozenNode | null {
  const { frozenfs } = mount.type as Partial<IFrozenType>;
  return frozenfs?.version === 1 ? (mount.root as IFrozenNode) : null;
}

/** The mount of an image that a node belongs to. */
export function frozenMountOf(node: IFSNode): FrozenMount | null {
  return frozenRoot(node.mount) ? (node as IFrozenNode).owner : null;
}
