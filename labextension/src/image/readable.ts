/**
 * What an image is read from.
 *
 * The byte sources of `source/` have this shape; the image knows nothing else of them.
 */
export interface IReadable {
  /** What to call it in messages. */
  readonly name: string;

  /** Size in bytes. */
  readonly size: number;

  read(offset: number, length: number): Promise<Uint8Array>;

  readSync?(offset: number, length: number): Uint8Array;

  /** Whether what `read` gives is a buffer of its own, which nobody else knows. */
  readonly givesOwn?: boolean;

  /** All bytes, when they are in memory: an uncompressed image is then read without a copy. */
  readonly bytes?: Uint8Array;
}
