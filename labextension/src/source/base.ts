/**
 * Where the bytes of an image come from.
 *
 * One interface, as narrow as its callers allow; its implementations sit beside this file and
 * pass one test suite.
 */
export interface IByteSource {
  /** What to call the source in messages: a URL, a file name, `memory`. */
  readonly name: string;

  /** Size in bytes. */
  readonly size: number;

  /**
   * Read `length` bytes from `offset`.
   *
   * @throws RangeError when `[offset, offset + length)` is not within `[0, size)`.
   * @throws SourceError when the bytes cannot be had: it names the source and the reason.
   */
  read(offset: number, length: number): Promise<Uint8Array>;

  /** The same at once, where the platform has it. The result may be a view: do not write to it. */
  readSync?(offset: number, length: number): Uint8Array;
}

/** The bytes of a source could not be had. The message says what to do. */
export class SourceError extends Error {
  override name = 'SourceError';
}
