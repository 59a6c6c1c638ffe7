/** So many bytes are made a Blob at a time: what a Blob holds need not stay in memory. */
const PART = 4 * 2 ** 20;

/** A Blob that grows. */
export class Blobs {
  private readonly parts: Blob[] = [];
  private waiting: Uint8Array<ArrayBuffer>[] = [];
  private size = 0;

  add(bytes: Uint8Array<ArrayBuffer>): void {
    this.waiting.push(bytes);
    this.size += bytes.length;
    if (this.size >= PART) this.settle();
  }

  /** All that was added. */
  all(): Blob {
    this.settle();
    return new Blob(this.parts);
  }

  private settle(): void {
    this.parts.push(new Blob(this.waiting));
    this.waiting = [];
    this.size = 0;
  }
}
