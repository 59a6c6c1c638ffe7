import type {
  IEntry,
  IImageSummary,
  ImageReader,
  INewEntry,
  Sink,
  Stack
} from '../image';
import { imageOf, ImageError, sortNames, walk, writeImage } from '../image';
import { sameContent } from '../image/diff';
import { Pacer } from '../image/pause';
import { piecesOf } from '../image/rewrite';
import { digestOf, lookup } from '../image/stack';
import { parentOf } from './selection';

/** Something that a layer and a new base have both changed, each in its own way. */
export interface IConflict {
  readonly path: string;

  /** What the layer does with it; that is what holds. */
  readonly layer: 'written' | 'removed';

  /** What the new base has done with it; `differs` when that cannot be told without the old base. */
  readonly base: 'added' | 'changed' | 'removed' | 'differs';
}

/** How a layer is put on another base. */
export interface IRebaseOptions {
  /** Make it one gzip member that can be read at random, otherwise a plain tar; false by default. */
  compress?: boolean;

  /** How much to compress, 0 to 9; 6 by default. */
  level?: number;

  /** Aborting stops it, and its reason is thrown. */
  signal?: AbortSignal;
}

/** A layer on its new base. */
export interface IRebased extends IImageSummary {
  /** SHA-256 of the new base. */
  readonly base: string;

  /** By path. */
  readonly conflicts: readonly IConflict[];
}

type Tree = ImageReader | Stack;

/**
 * Put the changes that a layer holds on a newer base: write a layer on that one.
 *
 * What only the layer has changed, and what only the new base has changed, is as each has it. What both have is as
 * the layer has it, and named as a conflict. That a directory has another time, or a file of the new base nothing
 * but another time, is no conflict.
 *
 * @param oldBase - What the layer was made on; null when it is nowhere to be had any more: then all is named in
 * which the layer differs from the new base.
 *
 * @throws ImageError when the layer is not one of the old base.
 */
export async function rebase(
  sink: Sink,
  layer: ImageReader,
  oldBase: Tree | null,
  newBase: Tree,
  options: IRebaseOptions = {}
): Promise<IRebased> {
  const { compress = false, level, signal } = options;
  await checkBase(layer, oldBase);
  const merge = new Merge(layer, oldBase, newBase, new Pacer(signal));
  const entries = await merge.entries();
  const whiteouts = await merge.whiteouts();
  const base = await digestOf(newBase);
  const written = { base, whiteouts, compress, level, signal };
  const summary = await writeImage(sink, entries, written);
  return { ...summary, base, conflicts: merge.conflicts() };
}

class Merge {
  private readonly found = new Map<string, IConflict>();

  constructor(
    private readonly layer: ImageReader,
    private readonly oldBase: Tree | null,
    private readonly newBase: Tree,
    private readonly pacer: Pacer
  ) {}

  conflicts(): IConflict[] {
    return sortNames([...this.found.keys()]).map(path => this.found.get(path)!);
  }

  /** What the layer holds beyond the new base. */
  async entries(): Promise<INewEntry[]> {
    const { layer, newBase } = this;
    const kept = new Map<string, INewEntry>();
    const all = [...walk(layer.index.root.children)];
    // Children first: a directory stays for their sake.
    for (const entry of all.reverse()) {
      const { path, mtime } = entry;
      const now = lookup(newBase, path);
      if (entry.kind === 'directory' && now?.kind === 'directory') {
        const own = this.merged(entry, now);
        const differs = own.mode !== now.mode || own.mtime !== now.mtime;
        if (differs || kept.has(path)) {
          kept.set(path, { kind: 'directory', path, ...own });
        }
      } else {
        const isThere = now && (await this.isSame(layer, entry, newBase, now));
        if (isThere && now.mtime === mtime) continue;
        if (!isThere && (now || entry.kind !== 'directory')) {
          await this.note(path, now, 'written');
        }
        kept.set(path, this.newEntry(entry));
      }
      const parent = parentOf(path);
      // To be replaced by itself, when its turn comes.
      if (parent !== '' && !kept.has(parent)) {
        kept.set(parent, { kind: 'directory', path: parent, mode: 0o755, mtime: 0 });
      }
      await this.pacer.rest();
    }
    return [...kept.values()];
  }

  /** What the layer removes of the new base. */
  async whiteouts(): Promise<string[]> {
    const removed: string[] = [];
    for (const path of this.layer.index.whiteouts) {
      const now = lookup(this.newBase, path);
      if (!now) continue;
      removed.push(path);
      const below = now.kind === 'directory' ? walk(now.children) : [];
      for (const entry of [now, ...below]) {
        const isReplaced = this.layer.index.lookup(entry.path) !== undefined;
        if (entry.kind !== 'directory' && !isReplaced) {
          await this.note(entry.path, entry, 'removed');
        }
        await this.pacer.rest();
      }
    }
    return removed;
  }

  /** The attributes of a directory, from whoever has changed them. */
  private merged(entry: IEntry, now: IEntry): { mode: number; mtime: number } {
    const before = this.oldBase && lookup(this.oldBase, entry.path);
    const isChanged =
      !before || before.mode !== entry.mode || before.mtime !== entry.mtime;
    const { mode, mtime } = isChanged ? entry : now;
    return { mode, mtime };
  }

  /** Note a conflict, if the new base has changed what is at a path. */
  private async note(
    path: string,
    now: IEntry | undefined,
    layer: IConflict['layer']
  ): Promise<void> {
    const base = await this.changeOf(path, now);
    if (base) this.found.set(path, { path, layer, base });
  }

  private async changeOf(
    path: string,
    now: IEntry | undefined
  ): Promise<IConflict['base'] | null> {
    const { oldBase, newBase } = this;
    if (!oldBase) return now ? 'differs' : null;
    const before = lookup(oldBase, path);
    if (!before || !now) return before ? 'removed' : now ? 'added' : null;
    return (await this.isSame(oldBase, before, newBase, now)) ? null : 'changed';
  }

  /** Whether two entries are the same, but for their time. */
  private async isSame(one: Tree, a: IEntry, other: Tree, b: IEntry): Promise<boolean> {
    if (a.kind !== b.kind || a.mode !== b.mode) return false;
    if (a.kind === 'link' && b.kind === 'link') return a.target === b.target;
    if (a.kind !== 'file' || b.kind !== 'file') return true;
    return (
      a.end - a.start === b.end - b.start &&
      (await sameContent(imageOf(one, a), a, imageOf(other, b), b))
    );
  }

  private newEntry(entry: IEntry): INewEntry {
    const { path, mode, mtime } = entry;
    if (entry.kind === 'directory') return { kind: 'directory', path, mode, mtime };
    if (entry.kind === 'link') return entry;
    const { start, end } = entry;
    const content = () => piecesOf(this.layer, start, end);
    return { kind: 'file', path, mode, mtime, size: end - start, content };
  }
}

async function checkBase(layer: ImageReader, oldBase: Tree | null): Promise<void> {
  const expected = layer.index.base;
  if (expected === null) {
    throw new ImageError(
      layer.name,
      'it is not a layer, it has no base: expected one to put on another base',
      'Thaw it alone.'
    );
  }
  const found = oldBase && (await digestOf(oldBase));
  if (found !== null && found !== expected) {
    throw new ImageError(
      layer.name,
      `it is a layer of the image with SHA-256 ${expected}, but the old base has ${found}`,
      'Give the image that it was made on, or none.'
    );
  }
}
