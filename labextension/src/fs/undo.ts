import type { IEmscriptenFS, IFSNode } from '../emscripten';
import { frozenMountOf } from './frozen';
import type { IFrozenNode } from './node';
import { childOf, removeNode, renameNode, setAttributes } from './nodes';

const PREFIX = '.frozenfs-undo-';

/**
 * Remembers what a filesystem was like, to make it so again.
 *
 * What is removed or replaced is set aside under another name in its directory, so that it comes back as the very same
 * node, whoever has it open.
 */
export class Undo {
  private readonly steps: (() => void)[] = [];
  private readonly remembered = new Set<IFSNode>();
  private readonly set = new Map<IFSNode, IFSNode>();

  constructor(private readonly FS: IEmscriptenFS) {}

  /** The mode and the times of a node are going to change. */
  remember(node: IFSNode): void {
    if (this.remembered.has(node)) return;
    this.remembered.add(node);
    const { mode, atime, mtime, ctime } = node.node_ops.getattr!(node);
    const changed = frozenMountOf(node) && (node as IFrozenNode).changed;
    this.steps.push(() => {
      setAttributes(node, mode & 0o7777, {
        atime: atime.getTime(),
        mtime: mtime.getTime(),
        ctime: ctime.getTime()
      });
      if (changed !== null) (node as IFrozenNode).changed = changed;
    });
  }

  /** A node is going to be made in a directory. */
  make(directory: IFSNode, create: () => IFSNode): IFSNode {
    this.remember(directory);
    const node = create();
    this.steps.push(() => removeNode(this.FS, node));
    return node;
  }

  /** Take a node out of its directory. */
  setAside(node: IFSNode): void {
    const { parent, name } = node;
    this.remember(parent);
    // There, a rename counts as a change of the node.
    if (frozenMountOf(node)) this.remember(node);
    let number = this.set.size;
    while (childOf(this.FS, parent, PREFIX + number)) number += 1;
    renameNode(this.FS, node, PREFIX + number);
    this.set.set(node, parent);
    this.steps.push(() => renameNode(this.FS, node, name));
  }

  /** Make everything as it was. */
  undo(): void {
    for (let step = this.steps.pop(); step; step = this.steps.pop()) step();
  }

  /**
   * Let go of what was set aside: there is no way back.
   *
   * @returns The directories that it lay in, whose times have changed.
   */
  commit(): Set<IFSNode> {
    this.steps.length = 0;
    for (const node of this.set.keys()) removeNode(this.FS, node);
    return new Set(this.set.values());
  }
}
