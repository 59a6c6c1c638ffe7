import type { Checker } from './checker';
import type { IFileEntry } from './entries';
import { BLOCK } from './tar';

/** A file as the JSON of the index has it. */
interface IStoredFile {
  readonly filename: string;
  readonly start: number;
  readonly end: number;
}

const MOST_MODE = 0o7777;
const MOST_MTIME = Number.MAX_SAFE_INTEGER;

/**
 * The regular files of an index, checked, each made an entry when somebody looks at it.
 *
 * Mounting costs what is done here for each file, so it is no more than must be.
 */
export class StoredFiles {
  private readonly entries: (IFileEntry | undefined)[];
  private complete = false;

  private constructor(
    /** In archive order. */
    readonly paths: readonly string[],
    private readonly files: readonly IStoredFile[],
    private readonly modes: readonly number[],
    private readonly mtimes: readonly number[]
  ) {
    this.entries = new Array<undefined>(files.length);
  }

  static parse(
    check: Checker,
    files: unknown,
    modes: unknown,
    mtimes: unknown,
    end: number
  ): StoredFiles {
    const list = check.array(files, 'files') as IStoredFile[];
    const modeOf = check.array(modes, 'modes', list.length) as number[];
    const mtimeOf = check.array(mtimes, 'mtimes', list.length) as number[];
    const paths: string[] = [];
    let position = 0;
    // Where files lie, once there is a hard link: few images have one, and only they pay for it.
    let ranges: Map<number, number> | undefined;
    for (let i = 0; i < list.length; i++) {
      const file = list[i];
      const mode = modeOf[i];
      const mtime = mtimeOf[i];
      // Without calls, which are what a loop costs that no compiler has seen yet.
      if (
        typeof file === 'object' &&
        file !== null &&
        typeof file.filename === 'string' &&
        typeof file.start === 'number' &&
        typeof file.end === 'number' &&
        file.start >= position + BLOCK &&
        file.start % BLOCK === 0 &&
        file.end >= file.start &&
        file.end <= end &&
        file.end % 1 === 0 &&
        typeof mode === 'number' &&
        mode >= 0 &&
        mode <= MOST_MODE &&
        mode % 1 === 0 &&
        typeof mtime === 'number' &&
        mtime >= 0 &&
        mtime <= MOST_MTIME &&
        mtime % 1 === 0
      ) {
        position = file.end + ((BLOCK - (file.end % BLOCK)) % BLOCK);
        ranges?.set(file.start, file.end);
      } else {
        ranges ??= new Map(list.slice(0, i).map(one => [one.start, one.end]));
        checkLink(check, file, ranges, end);
        check.mode(mode);
        check.mtime(mtime);
      }
      paths.push(file.filename);
    }
    return new StoredFiles(paths, list, modeOf, mtimeOf);
  }

  at(i: number): IFileEntry {
    const known = this.entries[i];
    if (known) return known;
    const { filename: path, start, end } = this.files[i];
    const [mode, mtime] = [this.modes[i], this.mtimes[i]];
    return (this.entries[i] = { kind: 'file', path, mode, mtime, start, end });
  }

  all(): readonly IFileEntry[] {
    if (!this.complete) {
      for (let i = 0; i < this.files.length; i++) this.at(i);
      this.complete = true;
    }
    return this.entries as IFileEntry[];
  }
}

/** Refuse a file that is not what a file should be, unless its range is that of one before it. */
function checkLink(
  check: Checker,
  value: unknown,
  ranges: ReadonlyMap<number, number>,
  end: number
): void {
  const file = check.record(value, 'a file');
  const path = JSON.stringify(check.string(file.filename));
  const stop = check.integer(file.end, 0, end, `the end of ${path}`);
  const start = check.integer(file.start, BLOCK, stop, `the start of ${path}`);
  check.that(start % BLOCK === 0, `${path} starts within a block, at ${start}`);
  check.that(
    ranges.get(start) === stop,
    `${path} starts at ${start}, within another entry`
  );
}
