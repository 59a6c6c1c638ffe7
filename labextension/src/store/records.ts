import type { IImageSummary } from '../image';

/** What is told of an image when it is put. */
export interface IImageRecord {
  /** Whether it was frozen in this browser, or came from elsewhere. */
  origin: 'frozen' | 'imported';

  /** What a person wants to remember of it. */
  note?: string;

  /** The SHA-256 of the image that it is a layer of, in hexadecimal digits. */
  base?: string | null;

  /** Name of the kernelspec that it was frozen in. */
  kernelspec?: string | null;

  /** The directory that was frozen. */
  root?: string | null;
}

/** What a store needs to know of the bytes that a writer has written. */
export type IWritten = Pick<
  IImageSummary,
  'size' | 'sha256' | 'uncompressedSize' | 'files'
>;

/** An image in a store, without its bytes. */
export interface IStored extends Required<IImageRecord>, IWritten {
  /** Its name, of which a site has no other. */
  name: string;

  /** URL of the root of the site that it belongs to; it ends in a slash. */
  site: string;

  /** When it was put, in ISO 8601 with milliseconds, in UTC. */
  created: string;
}

/** An image to be thawed whenever a kernel of one kernelspec starts in this browser. */
export interface IAutoload {
  /** URL of the root of the site. */
  site: string;

  /** Name of the kernelspec. */
  kernelspec: string;

  /** Name of the image. */
  name: string;

  /** SHA-256 of the image that had the name when this was set. */
  sha256: string;

  /** When this was set, in ISO 8601. */
  set: string;

  /** Why it could not be thawed, in which case it is not tried again; null when it could, or was not tried. */
  failed: string | null;
}

/** Bytes that no image names. */
export interface IDebris {
  /** The key of the bytes. */
  id: string;

  /** The name that they were meant for, and its site; null when that is not known. */
  name: string | null;

  /** See `name`. */
  site: string | null;

  /** When the first of them was written, in ISO 8601; null when that is not known. */
  started: string | null;

  /** How many there are. */
  size: number;
}
