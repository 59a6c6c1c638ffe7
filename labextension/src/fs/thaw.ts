import type { IEmscriptenFS, IFSNode } from '../emscripten';
import type { IEntry, ImageReader, Stack } from '../image';
import { Pacer } from '../image/pause';
import type { IFreezeProgress } from './freeze';
import {
  childOf,
  kindOf,
  makeDirectory,
  makeFile,
  makeLink,
  setAttributes
} from './nodes';
import { parentOf } from './selection';
import { stage } from './staging';
import type { IStep, IThawPlan, IThawPlanOptions } from './thaw-plan';
import { Draft } from './thaw-plan';
import { Undo } from './undo';

/** What of an image is thawed, and how. */
export interface IThawOptions extends IThawPlanOptions {
  onProgress?: (progress: IFreezeProgress) => void;
}

/** What a thaw has done; `bytes` are those that it has written. */
export type IThawed = IThawPlan;

/**
 * Bring an image back into a live filesystem, file by file.
 *
 * What is there already stays as it is, as far as it is the same. The whole image is checked before the first
 * change; when a write fails, or the signal aborts, everything is made as it was. No link is followed, and
 * nothing is written outside of the root, over a mount, or over a device.
 *
 * ```ts
 * const { created, changed } = await thaw(FS, await ImageReader.open(source), { root: '/home' });
 * ```
 *
 * @param image - An image, or a layer on its base, as a `Stack`.
 *
 * @throws ImageError when the image is damaged, or is a layer without its base.
 * @throws Error when something is in the way, or cannot be written. The filesystem is as it was.
 */
export async function thaw(
  FS: IEmscriptenFS,
  image: ImageReader | Stack,
  options: IThawOptions = {}
): Promise<IThawed> {
  const { signal } = options;
  signal?.throwIfAborted();
  const draft = new Draft(FS, image, options);
  const contents = await stage(draft, options);
  const undo = new Undo(FS);
  try {
    await new Writer(FS, draft, undo, contents, options).write();
  } catch (error) {
    try {
      undo.undo();
    } catch (second) {
      throw new AggregateError(
        [error, second],
        `${String(error)} Then it could not all be made as it was (${String(second)}): what is missing is there under the names .frozenfs-undo-….`
      );
    }
    throw error;
  }
  return draft.summary();
}

class Writer {
  private readonly directories = new Map<string, IFSNode>();
  private readonly made = new Set<IFSNode>();
  private readonly steps: readonly IStep[];

  constructor(
    private readonly FS: IEmscriptenFS,
    private readonly draft: Draft,
    private readonly undo: Undo,
    private readonly contents: Map<IStep, Uint8Array>,
    private readonly options: IThawOptions
  ) {
    this.steps = draft.decided();
  }

  async write(): Promise<void> {
    const { undo, options } = this;
    const pacer = new Pacer(options.signal);
    this.makeRoot(options.root ?? '/');
    for (const { path } of this.draft.removals) undo.setAside(this.nodeAt(path));
    for (const step of this.steps) {
      try {
        this.apply(step);
      } catch (error) {
        throw this.failure(step.entry, error);
      }
      if (pacer.tired) await pacer.rest();
    }
    options.signal?.throwIfAborted();
    const directories = this.touchedDirectories();
    directories.forEach(([node, entry]) => setTimes(node, entry));
    const touched = undo.commit();
    for (const [node, entry] of directories) {
      if (touched.has(node)) setTimes(node, entry);
    }
  }

  private apply(step: IStep): void {
    const { FS, undo } = this;
    const { entry, action } = step;
    const { path } = entry;
    if (action === 'attributes') {
      const node = this.nodeAt(path);
      undo.remember(node);
      if (entry.kind === 'directory') this.directories.set(path, node);
      else setTimes(node, entry);
      return;
    }
    const directory = this.directoryAt(parentOf(path));
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (action === 'replace') undo.setAside(this.nodeAt(path));
    else if (!this.made.has(directory) && childOf(FS, directory, name)) {
      throw new Error('something came there meanwhile');
    }
    const make = () => {
      if (entry.kind === 'directory') return makeDirectory(directory, name);
      if (entry.kind === 'link') return makeLink(directory, name, entry.target);
      return makeFile(FS, directory, name, this.contents.get(step)!);
    };
    // What lies in a directory that was made here goes with it.
    const node = this.made.has(directory) ? make() : undo.make(directory, make);
    this.contents.delete(step);
    if (entry.kind === 'directory') {
      this.directories.set(path, node);
      this.made.add(node);
    } else {
      setTimes(node, entry);
    }
  }

  /** Directories of the image in which something was done, those that lie deepest first. */
  private touchedDirectories(): [IFSNode, IEntry][] {
    const found = new Map<string, IEntry>();
    const lookup = (path: string) => found.set(path, this.draft.entryAt(path)!);
    for (const { entry } of this.steps) {
      if (entry.kind === 'directory') found.set(entry.path, entry);
      const parent = parentOf(entry.path);
      if (parent !== '' && !found.has(parent)) lookup(parent);
    }
    for (const { path } of this.draft.removals) {
      const parent = parentOf(path);
      if (parent !== '' && this.draft.entryAt(parent)) lookup(parent);
    }
    return [...found]
      .sort(([a], [b]) => b.length - a.length)
      .map(([path, entry]) => [this.directoryAt(path), entry]);
  }

  private makeRoot(root: string): void {
    const { FS, draft, undo } = this;
    if (draft.tree) {
      this.directories.set('', FS.lookupPath(root, { follow: true }).node);
      return;
    }
    const names = root.split('/').filter(name => name !== '');
    let node = FS.lookupPath('/').node;
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const directory = node;
      const made = name;
      const there = FS.analyzePath(`${FS.getPath(node).replace(/\/$/, '')}/${name}`);
      if (there.exists && there.object) {
        node = there.object;
        if (kindOf(node.mode) !== 'directory') {
          throw new Error(
            `${FS.getPath(node)} is no directory: expected one for ${root}`
          );
        }
        continue;
      }
      node = undo.make(directory, () => makeDirectory(directory, made));
      const now = Date.now();
      setAttributes(node, 0o755, { atime: now, mtime: now });
    }
    this.directories.set('', node);
  }

  /** The node of something that is there. */
  private nodeAt(path: string): IFSNode {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const node = childOf(this.FS, this.directoryAt(parentOf(path)), name);
    if (!node) throw new Error('it went away meanwhile');
    return node.mounted?.root ?? node;
  }

  private directoryAt(path: string): IFSNode {
    const known = this.directories.get(path);
    if (known) return known;
    const node = this.nodeAt(path);
    this.directories.set(path, node);
    return node;
  }

  private failure({ path }: IEntry, error: unknown): Error {
    const place = `${(this.options.root ?? '/').replace(/\/+$/, '')}${path}`;
    const { errno, message } = error as { errno?: number; message?: string };
    const reason = message || (errno === undefined ? String(error) : `errno ${errno}`);
    return new Error(
      `${place} could not be written: ${reason}. Everything was made as it was before: make room, or exclude the path.`,
      { cause: error }
    );
  }
}

/** Give a node the attributes that an image has. */
function setTimes(node: IFSNode, { mode, mtime }: IEntry): void {
  const time = mtime * 1000;
  setAttributes(node, mode, { atime: time, mtime: time });
}
