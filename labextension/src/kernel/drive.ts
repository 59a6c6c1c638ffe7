import type { DriveFS } from '@jupyterlite/services/lib/contents/drivefs';

/** How long the attributes of a directory of the drive are believed, in milliseconds. */
const BELIEVED = 1000;

type Attributes = ReturnType<DriveFS['node_ops']['getattr']>;

/**
 * What a kernel knows of the directories of its drive.
 *
 * Python asks for the attributes of the working directory each time it looks for a module, a hundred times and more
 * for `import pandas`, and each answer takes the page about 10 ms: they are remembered. And it lists the directory
 * again only when its time has changed, which the contents of JupyterLite do not tell: it has changed when the kernel
 * has changed something, and whenever a cell begins, because the person may have.
 */
export class DriveDirectories {
  /**
   * @param drive - the drive, before it is mounted
   * @param now - milliseconds since the epoch, for tests
   */
  constructor(
    drive: DriveFS,
    private readonly _now = () => Date.now()
  ) {
    this._changed = _now();
    const ops = drive.node_ops;
    const { getattr } = ops;
    ops.getattr = value => {
      const node = 'node' in value ? value.node : value;
      if (!drive.FS.isDir(node.mode)) return getattr(value);
      const found = this._known.get(node.id);
      if (found && this._now() < found.until) return found.attributes;
      const attributes = { ...getattr(value), mtime: new Date(this._changed) };
      this._known.set(node.id, { attributes, until: this._now() + BELIEVED });
      return attributes;
    };
    for (const name of ['mknod', 'rename', 'unlink', 'rmdir'] as const) {
      const change = ops[name] as (...args: unknown[]) => unknown;
      (ops[name] as typeof change) = (...args) => {
        const result = change(...args);
        this.forget();
        return result;
      };
    }
  }

  /** Directories may have other names in them than before. */
  forget(): void {
    this._known.clear();
    // Two changes within a millisecond are two changes.
    this._changed = Math.max(this._now(), this._changed + 1);
  }

  private readonly _known = new Map<
    number,
    { attributes: Attributes; until: number }
  >();
  private _changed: number;
}
