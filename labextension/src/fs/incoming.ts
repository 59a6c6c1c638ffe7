import { sameBytes } from '../image/bytes';

/**
 * The contents of a file as they come, piece by piece. Memory for them is asked for only once they are known to
 * differ from what is there already.
 */
export class Incoming {
  private bytes: Uint8Array | null = null;
  private filled = 0;

  /**
   * @param size - How many bytes will come.
   * @param live - What may be there already: as many bytes, or null.
   */
  constructor(
    private readonly size: number,
    private readonly live: Uint8Array | null
  ) {}

  /** @param isOwn - Whether the piece is given away; otherwise it stays the caller's. */
  take(piece: Uint8Array, isOwn: boolean): void {
    const { live, size, filled } = this;
    const end = filled + piece.length;
    this.filled = end;
    if (!this.bytes) {
      if (live && sameBytes(piece, live.subarray(filled, end))) return;
      if (piece.length === size) {
        this.bytes = isOwn ? piece : copyOf(piece);
        return;
      }
      this.bytes = new Uint8Array(size);
      if (live) this.bytes.set(live.subarray(0, filled));
    }
    this.bytes.set(piece, filled);
  }

  /** Whether the contents are those that are there already. */
  get isSame(): boolean {
    return this.live !== null && !this.bytes;
  }

  /** All bytes, once they have come. */
  whole(): Uint8Array {
    return this.bytes ?? new Uint8Array(0);
  }
}

/** A copy in a buffer of its own, also where the bytes are a `Buffer` of Node's, which shares one. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}
