/** How long after a key the next one goes on with the same word, in milliseconds. */
const TOGETHER = 800;

/** Finds names by their first letters, as they are typed. */
export class TypeAhead {
  private typed = '';
  private last = -Infinity;

  /**
   * Take a key.
   *
   * @param key - a letter
   * @param from - the row that has the focus
   * @param count - how many rows there are
   * @param name - of a row
   *
   * @returns The next row whose name begins so, around the end; -1 if there is none.
   */
  find(
    key: string,
    from: number,
    count: number,
    name: (row: number) => string
  ): number {
    const now = performance.now();
    this.typed = now - this.last < TOGETHER ? this.typed + key : key;
    this.last = now;
    const letters = [...this.typed.toLowerCase()];
    // One letter again and again steps through all that begin with it.
    const isOne = letters.every(letter => letter === letters[0]);
    const text = isOne ? letters[0] : letters.join('');
    const first = isOne ? from + 1 : from;
    for (let i = 0; i < count; i++) {
      const row = (first + i) % count;
      if (name(row).toLowerCase().startsWith(text)) return row;
    }
    return -1;
  }
}
