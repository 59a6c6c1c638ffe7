import type { IEmscriptenFS, IFSMount, IFSNode } from '../emscripten';
import type {
  Content,
  IDirectoryEntry,
  IEntry,
  IFileEntry,
  ImageReader,
  INewEntry
} from '../image';
import type { Pacer } from '../image/pause';
import { piecesOf } from '../image/rewrite';
import { frozenMountOf, frozenRoot } from './frozen';
import type { FrozenMount } from './mount';
import type { IFrozenNode } from './node';
import { lowerChildren, namesOf } from './node';
import { attributesOf, childOf, kindOf, namesIn, readWhole, viewOf } from './nodes';

/** Something that is in a live filesystem. */
export interface ILiveEntry {
  readonly kind: 'file' | 'directory' | 'link';

  /** Where it is, seen from the root of the tree, such as `/lib/os.py`; `/` is the root itself. */
  readonly path: string;

  /** The 12 permission bits; `0o777` of a link. */
  readonly mode: number;

  /** Whole seconds since the epoch. */
  readonly mtime: number;

  /** Bytes of a file; 0 of anything else. */
  readonly size: number;

  /** Of a link. */
  readonly target: string;

  /** Null while it is as the image that is mounted here has it, and nobody has looked at it. */
  readonly node: IFSNode | null;

  /** Of what lies on the mount of an image: that mount, and what the image holds. */
  readonly mount: FrozenMount | null;
  readonly lower: IEntry | null;
}

/** Something that is in a live filesystem and does not become part of an image. */
export interface ISkipped {
  readonly path: string;

  /** Completes the sentence "`path` …". */
  readonly why: string;
}

/** What of a filesystem is looked at. */
export interface ILiveTreeOptions {
  /** Absolute path of a directory, which is followed if it is a link; `/` by default. */
  root?: string;

  /** Whether to look into mounts that are not of images, such as the contents drive. */
  includeMounts?: boolean;

  /** Paths, seen from the root, that are as if they were not there. */
  without?: RegExp;
}

const SYSTEM = /^\/(dev|proc|sys)$/;
const BELOW_SYSTEM = /^\/(dev|proc|sys)\//;

/**
 * A live filesystem, seen from one of its directories.
 *
 * The mounts of images are part of it, and are read from their images without making a node for each name.
 */
export class LiveTree {
  readonly root: ILiveEntry;

  /** What was met and left out. */
  readonly skipped: ISkipped[] = [];

  private readonly skippedPaths = new Set<string>();
  private readonly place: string;
  private readonly mounts = new Map<string, IFSMount>();
  private readonly includeMounts: boolean;
  readonly without: RegExp | undefined;

  /** @throws Error when the root is no directory. */
  constructor(
    readonly FS: IEmscriptenFS,
    { root = '/', includeMounts = false, without }: ILiveTreeOptions = {}
  ) {
    this.includeMounts = includeMounts;
    this.without = without;
    const { node } = FS.lookupPath(root, { follow: true });
    if (kindOf(node.mode) !== 'directory') {
      throw new Error(`${root} is no directory: expected one to begin with`);
    }
    const place = FS.getPath(node);
    this.place = place === '/' ? '' : place;
    this.note(FS.lookupPath('/').node.mount);
    this.root = this.fromNode(node, '/')!;
  }

  /** Where an entry is in the filesystem. */
  placeOf(path: string): string {
    return path === '/' ? this.place || '/' : this.place + path;
  }

  /** What is at a path. */
  lookup(path: string): ILiveEntry | null {
    let entry: ILiveEntry | null = this.root;
    for (let at = 1; entry && at > 0 && at < path.length;) {
      const slash = path.indexOf('/', at);
      const end = slash < 0 ? path.length : slash;
      entry =
        entry.kind === 'directory' ? this.child(entry, path.slice(at, end)) : null;
      at = end + 1;
    }
    return entry;
  }

  /** What has a name in a directory. */
  child(directory: ILiveEntry, name: string): ILiveEntry | null {
    const { node, mount, lower } = directory;
    const path = below(directory.path, name);
    const changed = !mount
      ? childOf(this.FS, node!, name)
      : (node as IFrozenNode | null)?.upper.get(name);
    if (changed) return this.fromNode(changed, path);
    if (lower?.kind !== 'directory') return null;
    if (node && (node as IFrozenNode).whiteouts.has(name)) return null;
    const stored = lower.children.get(name);
    return stored ? this.fromLower(stored, path, mount!) : null;
  }

  /** What is in a directory, unsorted. */
  *children(directory: ILiveEntry): Generator<ILiveEntry> {
    const { node, mount, lower } = directory;
    if (!node) {
      yield* this.pristine(directory, (lower as IDirectoryEntry).children);
    } else if (mount) {
      yield* this.frozenChildren(directory, namesOf(node as IFrozenNode));
    } else {
      for (const name of namesIn(this.FS, node)) {
        const path = below(directory.path, name);
        if (this.without?.test(path)) continue;
        const child = childOf(this.FS, node, name);
        const entry = child && this.fromNode(child, path);
        if (entry) yield entry;
      }
    }
  }

  /** Some of what is in a directory that is on the mount of an image and has a node. */
  *frozenChildren(
    { node, mount, path: parent }: ILiveEntry,
    names: Iterable<string>
  ): Generator<ILiveEntry> {
    const { upper } = node as IFrozenNode;
    const stored = lowerChildren(node as IFrozenNode);
    for (const name of names) {
      const path = below(parent, name);
      if (this.without?.test(path)) continue;
      const child = upper.get(name);
      const entry = child
        ? this.fromNode(child, path)
        : this.fromLower(stored.get(name)!, path, mount!);
      if (entry) yield entry;
    }
  }

  /** Everything below a directory, parents first. */
  async below(directory: ILiveEntry, pacer: Pacer): Promise<ILiveEntry[]> {
    const found: ILiveEntry[] = [];
    const waiting = [directory];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      for (const child of this.children(next)) {
        found.push(child);
        if (child.kind === 'directory') waiting.push(child);
      }
      if (pacer.tired) await pacer.rest();
    }
    return found;
  }

  /** Whether something is mounted below a directory. */
  hasMountsBelow(path: string): boolean {
    const prefix = this.placeOf(path).replace(/\/*$/, '/');
    return [...this.mounts.keys()].some(one => one.startsWith(prefix));
  }

  /** The images that are mounted anywhere in the filesystem. */
  images(): ImageReader[] {
    return [...this.mounts.values()].flatMap(mount => [
      ...(frozenRoot(mount)?.owner.stack.images ?? [])
    ]);
  }

  /** Whether something is mounted on a directory. */
  isMountPoint(path: string): boolean {
    return this.mounts.has(this.placeOf(path));
  }

  /** How many names a directory has, those included that are left out. */
  nameCount({ node, mount, lower }: ILiveEntry): number {
    if (node) {
      return mount
        ? namesOf(node as IFrozenNode).length
        : namesIn(this.FS, node).length;
    }
    return lower?.kind === 'directory' ? lower.children.size : 0;
  }

  /** Whether a path was met and left out. */
  wasSkipped(path: string): boolean {
    return this.skippedPaths.has(path);
  }

  /** The bytes of a file. */
  content(entry: ILiveEntry): Content {
    const stored = this.stored(entry);
    if (stored) return piecesOf(stored.image, stored.file.start, stored.file.end);
    return readWhole(this.FS, entry.node!);
  }

  /** The bytes of a file as they lie in memory; null where they do not. */
  view({ node }: ILiveEntry): Uint8Array | null {
    return node && viewOf(this.FS, node);
  }

  /** Where the bytes of a file lie that are still those of an image. */
  stored({
    node,
    mount,
    lower
  }: ILiveEntry): { image: ImageReader; file: IFileEntry } | null {
    if (!mount || lower?.kind !== 'file') return null;
    if (node && (node as IFrozenNode).contents !== null) return null;
    return { image: mount.stack.imageOf(lower), file: lower };
  }

  /** What is to be written of an entry. */
  newEntry(entry: ILiveEntry): INewEntry {
    const { kind, path, mode, mtime, size, target } = entry;
    if (kind === 'directory') return { kind, path, mode, mtime };
    if (kind === 'link') return { kind, path, mode, mtime, target };
    return { kind, path, mode, mtime, size, content: () => this.content(entry) };
  }

  /** The other mounts of the filesystem, where they are. */
  private note({ mounts }: IFSMount): void {
    for (const mount of mounts) {
      this.mounts.set(mount.mountpoint, mount);
      this.note(mount);
    }
  }

  private *pristine(
    { path: parent, mount }: ILiveEntry,
    children: ReadonlyMap<string, IEntry>
  ): Generator<ILiveEntry> {
    for (const [name, lower] of children) {
      const path = below(parent, name);
      if (this.without?.test(path)) continue;
      const entry = this.fromLower(lower, path, mount!);
      if (entry) yield entry;
    }
  }

  private fromLower(
    lower: IEntry,
    path: string,
    mount: FrozenMount
  ): ILiveEntry | null {
    if (this.isSkipped(path)) return null;
    const there = this.mounts.get(this.place + path);
    if (there) return this.fromMount(there, path);
    const { kind, mode, mtime } = lower;
    return {
      kind,
      path,
      mode,
      mtime,
      size: kind === 'file' ? lower.end - lower.start : 0,
      target: kind === 'link' ? lower.target : '',
      node: null,
      mount,
      lower
    };
  }

  private fromNode(node: IFSNode, path: string): ILiveEntry | null {
    if (this.isSkipped(path)) return null;
    if (node.mounted) return this.fromMount(node.mounted, path);
    const kind = kindOf(node.mode);
    if (kind !== 'file' && kind !== 'directory' && kind !== 'link') {
      return this.skip(path, `is a ${kind}`);
    }
    const attributes = attributesOf(this.FS, node);
    const mount = frozenMountOf(node);
    return {
      kind,
      path,
      mode: kind === 'link' ? 0o777 : attributes.mode & 0o7777,
      mtime: Math.max(0, Math.floor(attributes.mtime / 1000)),
      size: kind === 'file' ? attributes.size : 0,
      target: kind === 'link' ? node.node_ops.readlink!(node) : '',
      node,
      mount,
      lower: mount && (node as IFrozenNode).lower
    };
  }

  private fromMount(mount: IFSMount, path: string): ILiveEntry | null {
    const frozen = frozenRoot(mount);
    if (frozen || this.includeMounts) return this.fromNode(mount.root, path);
    const { filesystems } = this.FS;
    const type = Object.keys(filesystems).find(
      name => filesystems[name] === mount.type
    );
    return this.skip(path, `is a mount of ${type ?? 'another filesystem'}`);
  }

  private isSkipped(path: string): boolean {
    if (path === '/') return false;
    if (BELOW_SYSTEM.test(path)) {
      this.skip(path, 'lies under /dev, /proc or /sys');
      return true;
    }
    if (path === '/.vfs-index.json') {
      this.skip(path, 'is the index of another image');
      return true;
    }
    if (SYSTEM.test(this.place + path)) {
      this.skip(path, 'belongs to the running system');
      return true;
    }
    return false;
  }

  private skip(path: string, why: string): null {
    if (!this.skippedPaths.has(path)) this.skipped.push({ path, why });
    this.skippedPaths.add(path);
    return null;
  }
}

function below(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}
