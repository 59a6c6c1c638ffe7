import type { IDirectoryEntry, IEntry, ILinkEntry } from './entries';
import { ImageError } from './error';
import { INDEX_PATH, isVirtual } from './paths';
import type { StoredFiles } from './stored-files';

/** A directory, whose children are made entries and sorted by name when somebody looks. */
class Directory implements IDirectoryEntry {
  readonly kind = 'directory';

  /** Its files: the numbers of the first and after the last one of each run of them. */
  readonly runs: number[] = [];

  /** What else it holds. */
  readonly others: (IDirectoryEntry | ILinkEntry)[] = [];

  private byName: Map<string, IEntry> | undefined;

  constructor(
    readonly path: string,
    readonly mode: number,
    readonly mtime: number,
    private readonly tree: Tree
  ) {}

  get children(): ReadonlyMap<string, IEntry> {
    return (this.byName ??= this.tree.childrenOf(this));
  }
}

/**
 * The tree of an image.
 *
 * Only the last segment of a path is looked at: what is before it must be a directory that was
 * added before and so was checked. No path escapes, and adding stays cheap: it is what mounting costs. Paths
 * hold no NUL and no half characters; that was checked in all of them at once.
 */
export class Tree {
  readonly root: IDirectoryEntry;
  private readonly directories = new Map<string, Directory>();

  /** Those in which two children may have one name: what is not in order could be there twice. */
  private readonly mixed = new Set<Directory>();

  constructor(
    private readonly image: string,
    private readonly files: StoredFiles
  ) {
    const root = new Directory('/', 0o755, 0, this);
    this.root = root;
    this.directories.set('', root);
  }

  addDirectory(path: string, mode: number, mtime: number): void {
    if (this.directories.has(path)) throw this.twice(path);
    const entry = new Directory(path, mode, mtime, this);
    this.parentOf(path).others.push(entry);
    this.directories.set(path, entry);
  }

  /** Add all files, once all directories are there. */
  addFiles(): void {
    const { paths } = this.files;
    let first = 0;
    while (first < paths.length) {
      const parent = this.parentOf(paths[first]);
      const end = this.runEnd(paths, first, parent);
      const { runs } = parent;
      if (runs.length > 0 && paths[first] <= paths[runs[runs.length - 1] - 1]) {
        this.mixed.add(parent);
      }
      runs.push(first, end);
      first = end;
    }
    for (const directory of this.directories.values()) {
      if (directory !== this.root && this.hasFile(directory.path)) {
        throw this.twice(directory.path);
      }
    }
  }

  addLink(entry: ILinkEntry): void {
    const parent = this.parentOf(entry.path);
    parent.others.push(entry);
    this.mixed.add(parent);
  }

  /** Everything was added: refuse names that are there twice. */
  settle(): void {
    for (const { children } of this.mixed) void children;
    this.mixed.clear();
  }

  /** The entry at an absolute path. */
  lookup(path: string): IEntry | undefined {
    if (path === '/') return this.root;
    const slash = path.lastIndexOf('/');
    return slash < 0
      ? undefined
      : this.directories.get(path.slice(0, slash))?.children.get(path.slice(slash + 1));
  }

  /** What a directory holds, by name. */
  childrenOf({ path, runs, others }: Directory): Map<string, IEntry> {
    const start = path === '/' ? 1 : path.length + 1;
    const children = new Map<string, IEntry>();
    const add = (entry: IEntry) => {
      const { size } = children;
      if (children.set(entry.path.slice(start), entry).size === size) {
        throw this.twice(entry.path);
      }
    };
    others.forEach(add);
    for (let run = 0; run < runs.length; run += 2) {
      for (let i = runs[run]; i < runs[run + 1]; i++) add(this.files.at(i));
    }
    return children;
  }

  /** After the last of the files that follow one and lie in the same directory, in order. */
  private runEnd(paths: readonly string[], first: number, parent: Directory): number {
    const prefix = parent === this.root ? '' : parent.path;
    const slash = prefix.length;
    let last = paths[first];
    let end = first + 1;
    for (; end < paths.length; end++) {
      const path = paths[end];
      if (path.lastIndexOf('/') !== slash || !path.startsWith(prefix)) break;
      // Short names may be none, and the root has one that is not to be used.
      if (slash === 0 || path.length - slash < 4) this.checkName(path, slash);
      if (path <= last) this.mixed.add(parent);
      last = path;
    }
    return end;
  }

  /** Whether a file has a path, in a directory whose files are in order. */
  private hasFile(path: string): boolean {
    const parent = this.directories.get(path.slice(0, path.lastIndexOf('/')))!;
    const { paths } = this.files;
    for (let run = 0; run < parent.runs.length; run += 2) {
      let [low, high] = [parent.runs[run], parent.runs[run + 1]];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (paths[middle] < path) low = middle + 1;
        else high = middle;
      }
      if (low < parent.runs[run + 1] && paths[low] === path) return true;
    }
    return false;
  }

  /** The directory that a new path lies in, whose name is checked. */
  private parentOf(path: string): Directory {
    const slash = path.lastIndexOf('/');
    this.checkName(path, slash);
    const parent = this.directories.get(path.slice(0, slash));
    if (!parent) {
      throw new ImageError(
        this.image,
        `${JSON.stringify(path)} is below ${JSON.stringify(path.slice(0, slash))}, which is no directory of the image`
      );
    }
    return parent;
  }

  private checkName(path: string, slash: number): void {
    const name = path.slice(slash + 1);
    if (
      slash < 0 ||
      name === '' ||
      name === '.' ||
      name === '..' ||
      path === INDEX_PATH ||
      isVirtual(path)
    ) {
      throw new ImageError(
        this.image,
        `the path ${JSON.stringify(path)} is not allowed in an image`
      );
    }
  }

  private twice(path: string): ImageError {
    return new ImageError(this.image, `${JSON.stringify(path)} is there twice`);
  }
}
