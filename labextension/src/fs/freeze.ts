import type { IEmscriptenFS } from '../emscripten';
import type { IImageSummary, ImageReader, INewEntry, Sink, Stack } from '../image';
import { writeImage } from '../image';
import { Pacer } from '../image/pause';
import { digestOf } from '../image/stack';
import type { ILayer } from './layer';
import { layerOf } from './layer';
import type { ISkipped } from './live-tree';
import { LiveTree } from './live-tree';
import type { ISelectOptions } from './selection';
import { Selection } from './selection';

/** How far a freeze or a thaw is. */
export interface IFreezeProgress {
  /** Count of regular files that are done, and of all of them. */
  files: number;
  totalFiles: number;

  /** Uncompressed bytes that are done, and all of them. */
  bytes: number;
  totalBytes: number;

  /** The last file that was begun, seen from the root. */
  path: string;
}

/** What of a filesystem is frozen, and how. */
export interface IFreezeOptions extends ISelectOptions {
  /** Absolute path of the directory that becomes the root of the image; `/` by default. */
  root?: string;

  /** Whether to look into mounts that are not of images, such as the contents drive; false by default. */
  includeMounts?: boolean;

  /** Make a layer on this image: it holds only what differs. */
  base?: ImageReader | Stack;

  /** Make it one gzip member that can be read at random, otherwise a plain tar; false by default. */
  compress?: boolean;

  /** How much to compress, 0 to 9; 6 by default. */
  level?: number;

  /** Aborting stops it, and its reason is thrown. */
  signal?: AbortSignal;

  onProgress?: (progress: IFreezeProgress) => void;
}

/** What was frozen. */
export interface IFrozen extends IImageSummary {
  /** SHA-256 of the base, when it is a layer. */
  base: string | null;

  /** Uncompressed bytes of the contents of its files. */
  contentSize: number;

  /** What was met and left out, besides what the globs leave out. */
  skipped: readonly ISkipped[];
}

/** What was frozen, when nobody asked for the digest. */
export type IUndigestedFrozen = Omit<IFrozen, 'sha256'> & Partial<IFrozen>;

/**
 * Write what lies in a live filesystem as an image, or as a layer on one.
 *
 * Devices, `/dev`, `/proc`, `/sys` and, unless asked for, mounts of other filesystems are left out. The mounts of
 * images are part of it. Contents are streamed: beside what the sink keeps, memory grows with the number of
 * entries, not with their sizes. Nothing may write to the filesystem meanwhile.
 *
 * ```ts
 * const sink = new BytesSink();
 * const { files, sha256 } = await freeze(FS, sink, { root: '/home', exclude: ['*.tmp'] });
 * ```
 *
 * @throws ImageError when the format cannot hold the tree, or a file changes meanwhile.
 */
export async function freeze(
  FS: IEmscriptenFS,
  sink: Sink,
  options?: IFreezeOptions
): Promise<IFrozen>;
/** The same; `sha256: false` leaves the digest out, which takes longer than all the rest. */
export async function freeze(
  FS: IEmscriptenFS,
  sink: Sink,
  options: IFreezeOptions & { sha256?: boolean }
): Promise<IUndigestedFrozen>;
export async function freeze(
  FS: IEmscriptenFS,
  sink: Sink,
  options: IFreezeOptions & { sha256?: boolean } = {}
): Promise<IUndigestedFrozen> {
  const { base, compress = false, level, sha256, signal, onProgress } = options;
  signal?.throwIfAborted();
  const pacer = new Pacer(signal);
  const selection = new Selection(options);
  const tree = new LiveTree(FS, { ...options, without: selection.without });
  const { entries, whiteouts } = base
    ? await layerOf(tree, base, selection, pacer)
    : await allOf(tree, selection, pacer);
  const digest = base ? await digestOf(base) : null;
  const progress = new Progress(entries, onProgress);
  const summary = await writeImage(sink, progress.watch(entries), {
    base: digest,
    whiteouts,
    compress,
    level,
    sha256,
    signal,
    onProgress: () => progress.tell()
  });
  const { skipped } = tree;
  return { ...summary, base: digest, contentSize: progress.total, skipped };
}

async function allOf(
  tree: LiveTree,
  selection: Selection,
  pacer: Pacer
): Promise<ILayer> {
  const found = await tree.below(tree.root, pacer);
  selection.check(tree.placeOf('/'), found);
  const entries = selection.of(found).map(entry => tree.newEntry(entry));
  return { entries, whiteouts: [] };
}

/** Counts what is asked for. */
class Progress {
  readonly total: number;
  private readonly files: number;
  private done = { files: 0, bytes: 0, path: '' };

  constructor(
    entries: readonly INewEntry[],
    private readonly listener?: (progress: IFreezeProgress) => void
  ) {
    const sizes = entries.flatMap(one => (one.kind === 'file' ? [one.size ?? 0] : []));
    this.files = sizes.length;
    this.total = sizes.reduce((sum, size) => sum + size, 0);
  }

  /** The same entries, whose contents are counted when they are asked for. */
  watch(entries: readonly INewEntry[]): readonly INewEntry[] {
    if (!this.listener) return entries;
    return entries.map(entry => {
      if (entry.kind !== 'file') return entry;
      const content = () => {
        this.done.files += 1;
        this.done.bytes += entry.size ?? 0;
        this.done.path = entry.path;
        return entry.content!();
      };
      return { ...entry, content };
    });
  }

  tell(): void {
    this.listener?.({
      ...this.done,
      totalFiles: this.files,
      totalBytes: this.total
    });
  }
}
