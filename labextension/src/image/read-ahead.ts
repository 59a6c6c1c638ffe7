/** The most chunks that one read brings. */
const WIDEST = 16;

/**
 * Reads chunks as they lie in the file, the more at once the longer they are read in order.
 *
 * A worker that reads over HTTP stands still for each request: a package whose files follow each
 * other should cost a few requests, and one file here and there no bytes but its own.
 */
export class ReadAhead {
  private first = 0;
  private end = -1;
  private width = 1;
  private run: Uint8Array = new Uint8Array(0);

  /**
   * @param count - Number of chunks.
   * @param offset - Where a chunk begins in the file, and where the last one ends.
   */
  constructor(
    private readonly count: number,
    private readonly offset: (chunk: number) => number
  ) {}

  /** A chunk, read now or brought along by a read before. */
  get(chunk: number, read: (offset: number, length: number) => Uint8Array): Uint8Array {
    const { offset } = this;
    if (chunk < this.first || chunk >= this.end) {
      const width = chunk === this.end ? Math.min(2 * this.width, WIDEST) : 1;
      const end = Math.min(chunk + width, this.count);
      this.run = read(offset(chunk), offset(end) - offset(chunk));
      this.first = chunk;
      this.end = end;
      this.width = width;
    }
    const start = offset(this.first);
    return this.run.subarray(offset(chunk) - start, offset(chunk + 1) - start);
  }
}
