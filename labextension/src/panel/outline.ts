import { compareNames } from '../image/names';

/** What an entry is; its number is its kind in the columns. */
export const KINDS = ['file', 'directory', 'link'] as const;

/** The entries of an image as columns, which travel between threads without a copy: the root first, parents before children. */
export interface IOutlineColumns {
  /** Joined by NUL, which no name holds; the root's is empty. */
  names: string;
  /** Where each name begins, and where the next one would; it is looked for where it is left out. */
  starts?: Uint32Array;
  /** The number of the directory that an entry lies in; the root's own for the root. */
  parent: Uint32Array;
  /** Index in `KINDS`. */
  kind: Uint8Array;
  /** In bytes; 0 for what is no file. */
  size: Float64Array;
  /** Permission bits. */
  mode: Uint16Array;
  /** Seconds since the epoch. */
  mtime: Float64Array;
  /** Where links point to, in the order of the entries, joined by NUL. */
  targets: string;
  /** For a layer shown without what it lies on: SHA-256 of what is missing. */
  missing: string | null;
}

/** What a search has found. */
export interface IFound {
  /** In the order of the outline, no more than were asked for. */
  entries: number[];
  /** How many there are. */
  total: number;
}

/** Marks an entry that is not there. */
export const NONE = -1;

/**
 * All entries of an image, by number; 0 is the root.
 *
 * Nothing is made of an entry until somebody asks for it, so that an image with 100,000 of them is shown at once.
 */
export class Outline {
  /** How many entries there are, with the root. */
  readonly count: number;

  /** For a layer shown without what it lies on: SHA-256 of what is missing. */
  readonly missing: string | null;

  private readonly starts: Uint32Array;
  private readonly folders = new Map<number, Uint32Array>();
  private siblings: { first: Uint32Array; of: Uint32Array } | undefined;
  private folded: { names: string; starts: Uint32Array } | undefined;
  private links: { entries: number[]; targets: string[] } | undefined;

  private constructor(private readonly columns: IOutlineColumns) {
    this.count = columns.parent.length;
    this.missing = columns.missing;
    this.starts = columns.starts ?? startsOf(columns.names, this.count);
  }

  /**
   * @throws RangeError when the columns do not fit together: a parent has to come before its children.
   */
  static decode(columns: IOutlineColumns): Outline {
    const { starts, parent, kind, size, mode, mtime } = columns;
    const count = parent.length;
    if (
      count === 0 ||
      [kind, size, mode, mtime].some(one => one.length !== count) ||
      (starts && starts.length !== count + 1)
    ) {
      throw new RangeError('The columns of an outline differ in length.');
    }
    for (let entry = 1; entry < count; entry++) {
      if (parent[entry] >= entry || kind[parent[entry]] !== 1) {
        throw new RangeError(
          `Entry ${entry} of an outline comes before its directory.`
        );
      }
    }
    return new Outline(columns);
  }

  /** What a directory holds: directories first, each by name. Made when it is asked for. */
  children(entry: number): Uint32Array {
    let children = this.folders.get(entry);
    if (!children) {
      children = this.folders.size === 0 ? this.lookFor(entry) : this.grouped(entry);
      // A writer of columns that is kind has them in order already.
      if (!this.isSorted(children)) children.sort((a, b) => this.compare(a, b));
      this.folders.set(entry, children);
    }
    return children;
  }

  name(entry: number): string {
    return this.columns.names.slice(this.starts[entry], this.starts[entry + 1] - 1);
  }

  /** The absolute path. */
  path(entry: number): string {
    const names: string[] = [];
    for (let at = entry; at !== 0; at = this.parent(at)) names.unshift(this.name(at));
    return `/${names.join('/')}`;
  }

  kind(entry: number): (typeof KINDS)[number] {
    return KINDS[this.columns.kind[entry]];
  }

  /** In bytes; 0 for what is no file. */
  size(entry: number): number {
    return this.columns.size[entry];
  }

  /** Permission bits. */
  mode(entry: number): number {
    return this.columns.mode[entry];
  }

  /** Seconds since the epoch. */
  mtime(entry: number): number {
    return this.columns.mtime[entry];
  }

  /** Where a link points to; empty for what is none. */
  target(entry: number): string {
    this.links ??= this.findLinks();
    const { entries, targets } = this.links;
    const at = lowerBound(entries.length, i => entries[i] < entry);
    return entries[at] === entry ? targets[at] : '';
  }

  /** The directory that an entry lies in; the root for the root. */
  parent(entry: number): number {
    return this.columns.parent[entry];
  }

  /** The entry at an absolute path, or -1. */
  find(path: string): number {
    let entry = 0;
    for (const name of path.split('/').filter(Boolean)) {
      entry = this.kind(entry) === 'directory' ? this.child(entry, name) : NONE;
      if (entry === NONE) return NONE;
    }
    return entry;
  }

  /**
   * Find entries whose name holds a text, or whose path does when the text has a slash. Case does not matter.
   *
   * @param limit - No more entries than this are answered; all are counted.
   */
  search(query: string, limit: number): IFound {
    const text = fold(query);
    if (text === '' || text.includes('\0')) return { entries: [], total: 0 };
    this.folded ??= this.fold();
    return text.includes('/')
      ? this.searchPaths(text, limit)
      : this.searchNames(text, limit);
  }

  /** One scan of one string: a loop over names would call a function for each. */
  private searchNames(text: string, limit: number): IFound {
    const { names, starts } = this.folded!;
    const entries: number[] = [];
    let total = 0;
    let entry = 0;
    for (let at = names.indexOf(text); at >= 0;) {
      entry = this.entryAt(starts, at, entry);
      if (total++ < limit) entries.push(entry);
      at = names.indexOf(text, starts[entry + 1]);
    }
    return { entries, total };
  }

  /** A path holds the text where its last directories hold it, or where the path of its directory does. */
  private searchPaths(text: string, limit: number): IFound {
    const { names, starts } = this.folded!;
    const parts = text.split('/');
    const last = parts.pop()!;
    const start = parts.shift()!;
    const { parent } = this.columns;
    const holds = new Uint8Array(this.count);
    const nameOf = (entry: number) => names.slice(starts[entry], starts[entry + 1] - 1);
    /** Whether the path of a directory ends in the text without its last part. */
    const endsSo = (directory: number): boolean => {
      let at = directory;
      for (let i = parts.length - 1; i >= 0; i--) {
        if (at === 0 || nameOf(at) !== parts[i]) return false;
        at = parent[at];
      }
      return at === 0 ? start === '' : nameOf(at).endsWith(start);
    };
    const ends = new Map<number, boolean>();
    const entries: number[] = [];
    let total = 0;
    for (let entry = 1; entry < this.count; entry++) {
      const directory = parent[entry];
      if (!holds[directory]) {
        if (!names.startsWith(last, starts[entry])) continue;
        let fits = ends.get(directory);
        if (fits === undefined) ends.set(directory, (fits = endsSo(directory)));
        if (!fits) continue;
      }
      holds[entry] = 1;
      if (total++ < limit) entries.push(entry);
    }
    return { entries, total };
  }

  /** The entry whose name holds a position, which is not before that of a known one. */
  private entryAt(starts: Uint32Array, position: number, from: number): number {
    let step = 1;
    while (from + step < this.count && starts[from + step] <= position) step *= 2;
    let low = from + (step >> 1);
    let high = Math.min(from + step, this.count);
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= position) low = middle;
      else high = middle;
    }
    return low;
  }

  private child(directory: number, name: string): number {
    const children = this.children(directory);
    for (const rank of [0, 1]) {
      const at = lowerBound(children.length, i => {
        const own = this.rank(children[i]);
        return own !== rank
          ? own < rank
          : compareNames(this.name(children[i]), name) < 0;
      });
      if (
        at < children.length &&
        this.rank(children[at]) === rank &&
        this.name(children[at]) === name
      ) {
        return children[at];
      }
    }
    return NONE;
  }

  private isSorted(entries: Uint32Array): boolean {
    for (let i = 1; i < entries.length; i++) {
      if (this.compare(entries[i - 1], entries[i]) > 0) return false;
    }
    return true;
  }

  private compare(a: number, b: number): number {
    return this.rank(a) - this.rank(b) || compareNames(this.name(a), this.name(b));
  }

  private rank(entry: number): number {
    return this.columns.kind[entry] === 1 ? 0 : 1;
  }

  /** The children of one directory, without those of all others: what is shown first needs no more. */
  private lookFor(directory: number): Uint32Array {
    const { parent } = this.columns;
    const children: number[] = [];
    for (let at = parent.indexOf(directory, 1); at > 0;) {
      children.push(at);
      at = parent.indexOf(directory, at + 1);
    }
    return Uint32Array.from(children);
  }

  private grouped(directory: number): Uint32Array {
    const { first, of } = (this.siblings ??= this.group());
    return of.subarray(first[directory], first[directory + 1]);
  }

  /** The children of all directories in one column, each run in the order of the entries. */
  private group(): { first: Uint32Array; of: Uint32Array } {
    const { parent } = this.columns;
    const first = new Uint32Array(this.count + 1);
    for (let entry = 1; entry < this.count; entry++) first[parent[entry] + 1]++;
    for (let entry = 0; entry < this.count; entry++) first[entry + 1] += first[entry];
    const next = first.slice();
    const of = new Uint32Array(this.count - 1);
    for (let entry = 1; entry < this.count; entry++) of[next[parent[entry]]++] = entry;
    return { first, of };
  }

  private fold(): { names: string; starts: Uint32Array } {
    const names = fold(this.columns.names);
    return { names, starts: startsOf(names, this.count) };
  }

  private findLinks(): { entries: number[]; targets: string[] } {
    const entries: number[] = [];
    this.columns.kind.forEach((kind, entry) => kind === 2 && entries.push(entry));
    return { entries, targets: this.columns.targets.split('\0') };
  }
}

/** A text in which neither case nor the way in which accents are written makes a difference. */
function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** Where each name begins; one more than there are, past the end and its separator. */
export function startsOf(names: string, count: number): Uint32Array {
  const starts = new Uint32Array(count + 1);
  let at = 0;
  for (let entry = 1; entry < count; entry++) {
    at = names.indexOf('\0', at) + 1;
    if (at === 0) {
      throw new RangeError(`An outline of ${count} entries has only ${entry} names.`);
    }
    starts[entry] = at;
  }
  starts[count] = names.length + 1;
  return starts;
}

/** The first number below `count` for which something is not before what is looked for. */
function lowerBound(count: number, isBefore: (i: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
