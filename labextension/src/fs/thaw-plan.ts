import type { IEmscriptenFS } from '../emscripten';
import type { IDirectoryEntry, IEntry, IFileEntry, ImageReader, Stack } from '../image';
import { ImageError, imageOf, imagesOf, rootOf, sortNames, walk } from '../image';
import { Pacer } from '../image/pause';
import { lookup } from '../image/stack';
import { isSameContent, isSameImage } from './compare';
import type { IDangerous } from './dangerous';
import { dangerous } from './dangerous';
import type { ILiveEntry } from './live-tree';
import { LiveTree } from './live-tree';
import type { ISelectOptions } from './selection';
import { Selection } from './selection';

/** What of an image is thawed, and how. */
export interface IThawPlanOptions extends ISelectOptions {
  /** Absolute path of the directory that becomes what the root of the image is; `/` by default. It is made. */
  root?: string;

  /** Whether what the image does not have goes; false by default. */
  clean?: boolean;

  /** Whether what was changed later than the image's stays; false by default. */
  keepNewer?: boolean;

  /** Aborting stops it, and its reason is thrown. */
  signal?: AbortSignal;
}

/** What a thaw does; paths are sorted and seen from the root. */
export interface IThawPlan {
  /** What was not there. */
  readonly created: readonly string[];

  /** What was otherwise: contents, mode, time, target or kind. */
  readonly changed: readonly string[];

  /** What goes. */
  readonly removed: readonly string[];

  /** What differs and stays, as it is newer. */
  readonly kept: readonly string[];

  /** Uncompressed bytes of the files that are written. */
  readonly bytes: number;

  /** Files that are created or changed, and that Python runs by itself. */
  readonly dangerous: readonly IDangerous[];
}

/** What is to be done with an entry of an image. */
export interface IStep {
  readonly entry: IEntry;

  /** What is there now. */
  readonly live: ILiveEntry | null;

  /**
   * `create` what is not there, `replace` what is there, set its `attributes`, or have it as it is unless its
   * contents `may-differ`.
   */
  action: 'create' | 'replace' | 'attributes' | 'may-differ';
}

/** The most bytes of files for each byte of contents: names of one file make more of them. */
const MOST_NAMES = 16;
const FEW_BYTES = 2 ** 20;

/**
 * What thawing an image would do.
 *
 * @throws Error when it cannot be done; see `thaw`.
 */
export async function planThaw(
  FS: IEmscriptenFS,
  image: ImageReader | Stack,
  options: IThawPlanOptions = {}
): Promise<IThawPlan> {
  const draft = new Draft(FS, image, options);
  const pacer = new Pacer(options.signal);
  await pacer.rest();
  for (const step of draft.steps) {
    if (step.action !== 'may-differ') continue;
    const { live, entry } = step;
    const file = entry as IFileEntry;
    const same = await isSameContent(draft.tree!, live!, imageOf(image, file), file);
    draft.decide(step, same);
    await pacer.rest();
  }
  return draft.summary();
}

/** A plan that is being made. */
export class Draft {
  /** What is there now; null when the root is yet to be made. */
  readonly tree: LiveTree | null;

  /** Parents first. */
  steps: IStep[] = [];

  /** What goes, with all that is below it. */
  readonly removals: ILiveEntry[] = [];

  private readonly same = new Set<IStep>();
  private readonly kept: string[] = [];
  private readonly removed: string[] = [];
  private readonly selection: Selection;
  private readonly chosen: Set<string> | null;

  constructor(
    FS: IEmscriptenFS,
    readonly image: ImageReader | Stack,
    private readonly options: IThawPlanOptions
  ) {
    checkBase(image);
    checkSize(image);
    const { root = '/', include = [] } = options;
    this.selection = new Selection(options);
    const { without } = this.selection;
    const exists = FS.analyzePath(root).exists;
    this.tree = exists ? new LiveTree(FS, { root, without }) : null;
    if (include.length > 0) {
      const all = [...walk(rootOf(image).children)].filter(
        ({ path }) => !without?.test(path)
      );
      this.selection.check(imagesOf(image).at(-1)!.name, all);
      this.chosen = new Set(this.selection.of(all).map(({ path }) => path));
    } else {
      this.chosen = null;
    }
    this.visit(rootOf(image), this.tree && this.tree.root);
  }

  /** What the image holds at a path. */
  entryAt(path: string): IEntry | undefined {
    return lookup(this.image, path);
  }

  /** Say of a file whose contents may differ whether they do. */
  decide(step: IStep, same: boolean): void {
    const { live, entry } = step;
    step.action = same ? 'attributes' : 'replace';
    if (same && live!.mode === entry.mode && live!.mtime === entry.mtime) {
      this.same.add(step);
    }
  }

  /** What is to be done, once everything is decided. */
  decided(): IStep[] {
    return this.steps.filter(step => !this.same.has(step));
  }

  summary(): IThawPlan {
    const [created, changed, written]: string[][] = [[], [], []];
    let bytes = 0;
    for (const step of this.decided()) {
      const { entry, action } = step;
      (action === 'create' ? created : changed).push(entry.path);
      if (entry.kind !== 'directory' && action !== 'attributes') {
        written.push(entry.path);
      }
      bytes += sizeOf(step);
    }
    return {
      created: sortNames(created),
      changed: sortNames(changed),
      removed: sortNames([...this.removed]),
      kept: sortNames([...this.kept]),
      bytes,
      dangerous: dangerous(written).sort((a, b) => (a.path < b.path ? -1 : 1))
    };
  }

  private visit(stored: IDirectoryEntry, live: ILiveEntry | null): void {
    const waiting: [IDirectoryEntry, ILiveEntry | null][] = [[stored, live]];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [directory, there] = next;
      for (const [name, entry] of directory.children) {
        if (!this.isChosen(entry.path)) continue;
        const found = there && this.tree!.child(there, name);
        if (there && !found && this.tree!.wasSkipped(entry.path)) {
          this.checkUntouched(entry);
          continue;
        }
        const step = this.stepFor(entry, found);
        if (step === 'keep') {
          this.keep(entry);
          continue;
        }
        if (step) {
          this.checkWritable(there, step);
          this.steps.push(step);
        }
        if (entry.kind === 'directory') {
          waiting.push([entry, found?.kind === 'directory' ? found : null]);
        }
      }
      if (this.options.clean && there) this.cleanDirectory(directory, there);
    }
  }

  private isChosen(path: string): boolean {
    if (this.selection.without?.test(path)) return false;
    return this.chosen?.has(path) ?? true;
  }

  private stepFor(entry: IEntry, live: ILiveEntry | null): IStep | 'keep' | null {
    if (!live) return { entry, live, action: 'create' };
    const isNewer = this.options.keepNewer === true && live.mtime > entry.mtime;
    const attributes =
      live.mode === entry.mode && live.mtime === entry.mtime
        ? null
        : ({ entry, live, action: 'attributes' } as const);
    if (live.kind !== entry.kind) {
      if (isNewer) return 'keep';
      if (live.kind === 'directory') this.replaceDirectory(entry, live);
      return { entry, live, action: 'replace' };
    }
    if (entry.kind === 'directory') return isNewer ? null : attributes;
    if (entry.kind === 'link') {
      const same = live.target === entry.target;
      if (isNewer) return same ? null : 'keep';
      return same ? attributes : { entry, live, action: 'replace' };
    }
    if (isNewer) return 'keep';
    if (live.size !== entry.end - entry.start) {
      return { entry, live, action: 'replace' };
    }
    return this.isStored(live, entry)
      ? attributes
      : { entry, live, action: 'may-differ' };
  }

  /** Whether a live file is still the one that the image holds. */
  private isStored(live: ILiveEntry, entry: IFileEntry): boolean {
    const stored = this.tree!.stored(live);
    return (
      stored !== null &&
      stored.file.start === entry.start &&
      isSameImage(stored.image, imageOf(this.image, entry))
    );
  }

  private keep(entry: IEntry): void {
    this.kept.push(entry.path);
    if (entry.kind === 'directory') {
      for (const { path } of walk(entry.children)) this.kept.push(path);
    }
  }

  /** A directory makes room for something else, if that loses nothing or was asked for. */
  private replaceDirectory(entry: IEntry, live: ILiveEntry): void {
    const tree = this.tree!;
    const place = tree.placeOf(entry.path);
    const below = tree.nameCount(live);
    if (below > 0 && (!this.options.clean || !this.isWhole(live))) {
      throw new Error(
        `${place} is a directory with ${below} entries, and a ${entry.kind} in ${this.name}. ` +
          'Nothing was changed: move the directory away, exclude the path, or have everything removed that the ' +
          'image does not have (clean).'
      );
    }
    this.removed.push(...this.pathsBelow(live));
  }

  /** Remove from a directory what the image does not have. */
  private cleanDirectory(stored: IDirectoryEntry, live: ILiveEntry): void {
    for (const child of this.tree!.children(live)) {
      if (!stored.children.has(child.path.slice(child.path.lastIndexOf('/') + 1))) {
        this.remove(child);
      }
    }
  }

  /** Remove something, or as much of it as may go; says whether it goes as a whole. */
  private remove(live: ILiveEntry): boolean {
    const tree = this.tree!;
    const { path, kind } = live;
    if (kind === 'directory' && !this.isWhole(live)) {
      let gone = 0;
      const before = tree.nameCount(live);
      const first = this.removals.length;
      for (const child of tree.children(live)) if (this.remove(child)) gone += 1;
      if (gone < before || !this.selection.has(path) || tree.isMountPoint(path)) {
        return false;
      }
      // All of it goes after all: once, and not piece by piece.
      this.removals.length = first;
      this.removals.push(live);
      this.removed.push(path);
      return true;
    }
    if (!this.selection.has(path)) return false;
    this.checkWritable(live, { entry: null, live });
    this.removals.push(live);
    this.removed.push(path, ...this.pathsBelow(live));
    return true;
  }

  /** Whether all of a directory may go. */
  private isWhole({ path }: ILiveEntry): boolean {
    const tree = this.tree!;
    return (
      this.selection.isAll && !tree.hasMountsBelow(path) && !tree.isMountPoint(path)
    );
  }

  private pathsBelow(live: ILiveEntry): string[] {
    if (live.kind !== 'directory') return [];
    const found: string[] = [];
    const waiting = [live];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      for (const child of this.tree!.children(next)) {
        found.push(child.path);
        if (child.kind === 'directory') waiting.push(child);
      }
    }
    return found;
  }

  /** Refuse to write where something else than files of this filesystem is. */
  private checkUntouched(entry: IEntry): void {
    const tree = this.tree!;
    const inside =
      entry.kind === 'directory'
        ? [...walk(entry.children)].find(({ path }) => this.isChosen(path))
        : entry;
    if (!inside) return;
    const { why } = tree.skipped.find(({ path }) => path === entry.path)!;
    throw new Error(
      `${tree.placeOf(entry.path)} ${why}, and ${this.name} has ${inside.path}, which would be written over it. ` +
        'Nothing was changed: exclude the path, or thaw to another root.'
    );
  }

  private checkWritable(
    directory: ILiveEntry | null,
    { entry, live }: { entry: IEntry | null; live: ILiveEntry | null }
  ): void {
    const mount = live?.mount ?? directory?.mount;
    if (mount && !mount.writable) {
      const path = (entry ?? live!).path;
      throw new Error(
        `${this.tree!.placeOf(path)} lies on an image that is mounted read-only. ` +
          'Nothing was changed: exclude the path, or mount the image so that it can be written to.'
      );
    }
  }

  private get name(): string {
    return imagesOf(this.image).at(-1)!.name;
  }
}

function sizeOf({ entry, action }: IStep): number {
  const written = entry.kind === 'file' && action !== 'attributes';
  return written ? entry.end - entry.start : 0;
}

function checkBase(tree: ImageReader | Stack): void {
  const [image] = imagesOf(tree);
  if (image.index.base !== null) {
    throw new ImageError(
      image.name,
      `it is a layer, which holds only what changed relative to the image with SHA-256 ${image.index.base}`,
      'Thaw it together with this image.'
    );
  }
}

/** Refuse an image whose names make much more of its bytes than there are. */
function checkSize(tree: ImageReader | Stack): void {
  for (const { index, name } of imagesOf(tree)) {
    const stored = new Map<number, number>();
    let total = 0;
    for (const { start, end } of index.files) {
      stored.set(start, end - start);
      total += end - start;
    }
    const once = [...stored.values()].reduce((sum, size) => sum + size, 0);
    if (total > MOST_NAMES * once + FEW_BYTES) {
      throw new ImageError(
        name,
        `its files would have ${total} bytes, but it holds only ${once}, under many names`,
        'Mount it instead, or thaw a part of it.'
      );
    }
  }
}
