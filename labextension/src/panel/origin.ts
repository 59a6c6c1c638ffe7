/**
 * Where the bytes of an image come from, in a form that can be posted to a worker.
 *
 * An image that was opened is found again by `key`: another file of the same name has another.
 */
export interface IOrigin {
  key: string;
  /** For messages. */
  name: string;
  /** Of the file, when that is known. */
  sha256: string | null;
  from:
    | { blob: Blob | File }
    | { environment: string }
    | { address: string; size: number | null };
}

/** An image with what it lies on, the lowest first. */
export interface IChain {
  /** The image itself is the last. */
  origins: readonly IOrigin[];
  /** SHA-256 of what is missing below the lowest: then the image is seen alone. */
  missing: string | null;
}

/** What is known of an image once it was opened. */
export interface IFacts {
  files: number;
  /** Of the file, in bytes. */
  size: number;
  base: string | null;
}
