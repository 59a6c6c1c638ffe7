/** A regular file of an image. */
export interface IFileEntry {
  readonly kind: 'file';
  readonly path: string;

  /** Permission bits. */
  readonly mode: number;

  /** Seconds since the epoch. */
  readonly mtime: number;

  /** Where its bytes begin and end in the uncompressed archive. */
  readonly start: number;
  readonly end: number;
}

/** A directory of an image. */
export interface IDirectoryEntry {
  readonly kind: 'directory';
  readonly path: string;
  readonly mode: number;
  readonly mtime: number;

  /** By name. A Map, because a file may be called `__proto__`. */
  readonly children: ReadonlyMap<string, IEntry>;
}

/** A symbolic link of an image. */
export interface ILinkEntry {
  readonly kind: 'link';
  readonly path: string;
  readonly mode: number;
  readonly mtime: number;
  readonly target: string;
}

/** What an image holds at a path. */
export type IEntry = IFileEntry | IDirectoryEntry | ILinkEntry;
