interface IWaiter {
  filled: number;
  resolve(there: boolean): void;
  reject(error: unknown): void;
}

/** A range of a source whose bytes are arriving, or have arrived. */
export class Loading {
  readonly bytes: Uint8Array;
  private readonly waiters = new Set<IWaiter>();
  private count = 0;
  private failure: { error: unknown } | undefined;
  private over = false;

  constructor(
    readonly start: number,
    length: number
  ) {
    this.bytes = new Uint8Array(length);
  }

  get end(): number {
    return this.start + this.bytes.length;
  }

  /** How many bytes are there. */
  get filled(): number {
    return this.count;
  }

  get complete(): boolean {
    return this.count === this.bytes.length;
  }

  covers(start: number, end: number): boolean {
    return start >= this.start && end <= this.end && !this.failure && !this.over;
  }

  /** Whether the bytes `[start, end)` of the source are there. */
  holds(start: number, end: number): boolean {
    return this.covers(start, end) && end - this.start <= this.count;
  }

  /** Bytes of the source, which must be there. */
  view(start: number, end: number): Uint8Array {
    return this.bytes.subarray(start - this.start, end - this.start);
  }

  push(piece: Uint8Array): void {
    this.bytes.set(piece, this.count);
    this.count += piece.length;
    for (const waiter of this.waiters) {
      if (waiter.filled <= this.count) {
        this.waiters.delete(waiter);
        waiter.resolve(true);
      }
    }
  }

  fail(error: unknown): void {
    this.failure = { error };
    for (const waiter of this.waiters) waiter.reject(error);
    this.waiters.clear();
  }

  /** The rest of the bytes will be had elsewhere. */
  supersede(): void {
    this.over = true;
    for (const waiter of this.waiters) waiter.resolve(false);
    this.waiters.clear();
  }

  /**
   * Wait until the bytes of the source before `end` are there.
   *
   * @returns Whether they are; otherwise look elsewhere.
   */
  async until(end: number): Promise<boolean> {
    if (this.failure) throw this.failure.error;
    const filled = end - this.start;
    if (filled <= this.count) return true;
    if (this.over) return false;
    return new Promise<boolean>((resolve, reject) =>
      this.waiters.add({ filled, resolve, reject })
    );
  }
}
