/** Where the bytes of an image go. What it is given is its own from then on. */
export type Sink =
  WritableStream<Uint8Array> | ((bytes: Uint8Array) => void | Promise<void>);

/** A sink that is written to. */
export interface IOpenSink {
  write(bytes: Uint8Array): void | Promise<void>;

  /** All was written. */
  close(): Promise<void>;

  /** Nothing more will come, and what came is not an image. */
  abort(reason: unknown): Promise<void>;
}

/** Open a sink; a callback hears of no end, it is known when the writer returns. */
export function openSink(sink: Sink): IOpenSink {
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
