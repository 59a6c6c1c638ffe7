/** Where the bytes of an image go. What it is given is its own from then on. */
export type Sink =
  | WritableStream<Uint8Array>
  | ((bytes: Uint8Array) => void | Promise<void>)
  | BytesSink;

/** A sink that is written to. */
export interface IOpenSink {
  write(bytes: Uint8Array): void | Promise<void>;

  /** All was written. */
  close(): Promise<void>;

  /** Nothing more will come, and what came is not an image. */
  abort(reason: unknown): Promise<void>;

  /** Say how many bytes will come at most, where that is known and of use. */
  reserve?(size: number): void;

  /** Memory, zeroed, for the bytes of the next `write`; it would only be copied from elsewhere. */
  allocate?(length: number): Uint8Array;
}

/** Open a sink; a callback hears of no end, it is known when the writer returns. */
export function openSink(sink: Sink): IOpenSink {
  if (sink instanceof BytesSink) return sink;
  if (typeof sink === 'function') {
    return { write: sink, close: async () => {}, abort: async () => {} };
  }
  const writer = sink.getWriter();
  return {
    // It settles when the bytes are taken: no more are held than the stream asks for.
    write: bytes => writer.write(bytes),
    close: () => writer.close(),
    abort: reason => writer.abort(reason)
  };
}

/**
 * A sink that has all bytes in memory in the end, in one piece.
 *
 * An uncompressed image is put together where it stays: its files are copied once.
 */
export class BytesSink implements IOpenSink {
  private room: Uint8Array = new Uint8Array(0);
  private filled = 0;
  private allocated = 0;

  /** What was written. The buffer that it is a view of may be a little longer. */
  get bytes(): Uint8Array {
    return this.room.subarray(0, this.filled);
  }

  reserve(size: number): void {
    if (size <= this.room.length) return;
    const grown = new Uint8Array(size);
    grown.set(this.bytes);
    this.room = grown;
    this.allocated = this.filled;
  }

  allocate(length: number): Uint8Array {
    const end = this.allocated + length;
    if (end > this.room.length) this.reserve(Math.max(end, 2 * this.room.length));
    return this.room.subarray(this.allocated, (this.allocated += length));
  }

  write(bytes: Uint8Array): void {
    const own =
      bytes.buffer === this.room.buffer &&
      bytes.byteOffset === this.room.byteOffset + this.filled;
    if (!own) {
      this.allocated = this.filled;
      this.allocate(bytes.length).set(bytes);
    }
    this.filled += bytes.length;
  }

  async close(): Promise<void> {}

  async abort(): Promise<void> {
    this.room = new Uint8Array(0);
    this.filled = this.allocated = 0;
  }
}
