/**
 * Chunks in memory: those in use until a start is over (pinned), and the most recently used others
 * within a budget of bytes.
 */
export class ChunkCache {
  private readonly pinned = new Map<number, Uint8Array>();
  private readonly recent = new Map<number, Uint8Array>();
  private total = 0;

  /** @param budget - Bytes of chunks to keep, besides those that are pinned. */
  constructor(private readonly budget: number) {}

  get(chunk: number): Uint8Array | undefined {
    const pinned = this.pinned.get(chunk);
    if (pinned) return pinned;
    const bytes = this.recent.get(chunk);
    if (bytes) {
      // A Map keeps the order of insertion: the first key is the one unused for longest.
      this.recent.delete(chunk);
      this.recent.set(chunk, bytes);
    }
    return bytes;
  }

  has(chunk: number): boolean {
    return this.pinned.has(chunk) || this.recent.has(chunk);
  }

  add(chunk: number, bytes: Uint8Array): void {
    if (this.has(chunk)) return;
    this.recent.set(chunk, bytes);
    this.total += bytes.length;
    this.trim();
  }

  /** Keep a chunk until `release`. */
  pin(chunk: number, bytes: Uint8Array): void {
    const known = this.recent.get(chunk);
    if (known && this.recent.delete(chunk)) {
      this.total -= known.length;
    }
    this.pinned.set(chunk, bytes);
  }

  isPinned(chunk: number): boolean {
    return this.pinned.has(chunk);
  }

  /** From now on the pinned chunks are like all others. */
  release(): void {
    const chunks = [...this.pinned];
    this.pinned.clear();
    chunks.forEach(([chunk, bytes]) => this.add(chunk, bytes));
  }

  private trim(): void {
    for (const [chunk, bytes] of this.recent) {
      // The newest stays even when it is larger than the budget: it is about to be read.
      if (this.total <= this.budget || this.recent.size === 1) return;
      this.recent.delete(chunk);
      this.total -= bytes.length;
    }
  }
}
