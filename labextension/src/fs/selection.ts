import { compileGlobs } from './globs';

/** Which part of a tree is meant. */
export interface ISelectOptions {
  /** Globs of what to take, with the directories that it lies in; everything by default. */
  include?: readonly string[];

  /** Globs of what to leave out of that, with all below it; nothing by default. */
  exclude?: readonly string[];
}

/** What `include` and `exclude` select. */
export class Selection {
  /** Matches what is left out. */
  readonly without: RegExp | undefined;

  private readonly patterns: { glob: string; expression: RegExp }[] | undefined;
  private readonly expression: RegExp | undefined;

  constructor({ include = [], exclude = [] }: ISelectOptions) {
    this.without = exclude.length > 0 ? compileGlobs(exclude) : undefined;
    if (include.length === 0) return;
    this.expression = compileGlobs(include);
    this.patterns = include.map(glob => ({ glob, expression: compileGlobs([glob]) }));
  }

  /** Whether a path itself is selected. */
  has(path: string): boolean {
    if (this.without?.test(path)) return false;
    return this.expression?.test(path) ?? true;
  }

  /** Whether everything is selected. */
  get isAll(): boolean {
    return !this.without && !this.expression;
  }

  /** What of a tree without the left out is selected, with the directories that it lies in. */
  of<T extends { path: string }>(entries: readonly T[]): T[] {
    const { expression } = this;
    if (!expression) return [...entries];
    const chosen = new Set<string>();
    for (const { path } of entries) {
      if (!expression.test(path)) continue;
      for (let one = path; one !== '' && !chosen.has(one); one = parentOf(one)) {
        chosen.add(one);
      }
    }
    return entries.filter(({ path }) => chosen.has(path));
  }

  /**
   * Refuse globs that select nothing: they are misspelt.
   *
   * @param name - Of the tree.
   */
  check(name: string, entries: readonly { path: string }[]): void {
    for (const { glob, expression } of this.patterns ?? []) {
      if (!entries.some(({ path }) => expression.test(path))) {
        throw new Error(
          `${name}: nothing in it is selected by ${JSON.stringify(glob)}. Correct the glob, or leave it out.`
        );
      }
    }
  }
}

/** The directory that a path lies in; empty for what lies in the root. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
