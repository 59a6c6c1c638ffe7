import { NONE, type Outline } from '../outline';

/** The entries of a tree that stand in its rows: all whose directories are open. The root itself has no row. */
export class OpenEntries {
  private readonly open = new Set<number>();
  private entries: number[] = [];
  private levels: number[] = [];
  private places: number[] = [];

  constructor(readonly outline: Outline) {
    this.insert(0, 0, 1);
  }

  /** How many rows there are. */
  get count(): number {
    return this.entries.length;
  }

  /** The entry in a row. */
  entry(row: number): number {
    return this.entries[row];
  }

  /** How deep a row is, from 1. */
  level(row: number): number {
    return this.levels[row];
  }

  /** Which of its siblings a row is, from 1. */
  place(row: number): number {
    return this.places[row];
  }

  /** How many siblings a row is one of. */
  siblings(row: number): number {
    return this.outline.children(this.outline.parent(this.entries[row])).length;
  }

  isDirectory(row: number): boolean {
    return this.outline.kind(this.entries[row]) === 'directory';
  }

  isOpen(row: number): boolean {
    return this.open.has(this.entries[row]);
  }

  /** The row of the directory that a row lies in; -1 for the outermost. */
  parent(row: number): number {
    const level = this.levels[row];
    let above = row - 1;
    while (above >= 0 && this.levels[above] >= level) above--;
    return above;
  }

  /** Show what a directory holds. */
  expand(row: number): void {
    if (!this.isDirectory(row) || this.isOpen(row)) return;
    this.open.add(this.entries[row]);
    this.insert(row + 1, this.entries[row], this.levels[row] + 1);
  }

  /** Show no more what a directory holds; what was open in it is closed. */
  collapse(row: number): void {
    if (!this.isOpen(row)) return;
    const level = this.levels[row];
    let end = row + 1;
    while (end < this.count && this.levels[end] > level) {
      this.open.delete(this.entries[end++]);
    }
    this.open.delete(this.entries[row]);
    for (const column of [this.entries, this.levels, this.places]) {
      column.splice(row + 1, end - row - 1);
    }
  }

  /** Open all directories beside a row, and its own. */
  expandSiblings(row: number): void {
    const level = this.levels[row];
    let first = row;
    while (first > 0 && this.levels[first - 1] >= level) first--;
    let end = row;
    while (end < this.count && this.levels[end] >= level) end++;
    // From the last: the rows before it stay where they are.
    for (let i = end - 1; i >= first; i--) if (this.levels[i] === level) this.expand(i);
  }

  /** The row of an entry, with all directories open that it lies in; -1 for the root. */
  reveal(entry: number): number {
    if (entry === 0 || entry === NONE) return -1;
    const above = this.outline.parent(entry);
    if (above !== 0) this.expand(this.reveal(above));
    return this.entries.indexOf(entry);
  }

  private insert(at: number, directory: number, level: number): void {
    const children = this.outline.children(directory);
    const n = children.length;
    const rest = [this.entries, this.levels, this.places].map(column =>
      column.splice(at)
    );
    for (let i = 0; i < n; i++) {
      this.entries.push(children[i]);
      this.levels.push(level);
      this.places.push(i + 1);
    }
    for (const [i, column] of [this.entries, this.levels, this.places].entries()) {
      // Not one call with all of them: that many arguments are too many.
      for (const value of rest[i]) column.push(value);
    }
  }
}
