import { ImageError } from './error';
import { pathFault, textFault } from './paths';

/** The bytes of a file: all at once, or piece by piece for what should not be in memory at once. */
export type Content =
  Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array> | Promise<Uint8Array>;

/** A regular file that is to be written. */
export interface INewFile {
  readonly kind: 'file';

  /** Absolute path in the image, such as `/lib/python3.14/os.py`. */
  readonly path: string;

  /** The 12 permission bits. */
  readonly mode: number;

  /** Whole seconds since the epoch. */
  readonly mtime: number;

  /** Size in bytes; the content has exactly so many. */
  readonly size?: number;

  /** The path of another file of the tree which is the same file (a hard link). */
  readonly target?: string;

  /** Gives the bytes; it is called when they are written. */
  readonly content?: () => Content;
}

/** A directory that is to be written. */
export interface INewDirectory {
  readonly kind: 'directory';
  readonly path: string;
  readonly mode: number;
  readonly mtime: number;
}

/** A symbolic link that is to be written. */
export interface INewLink {
  readonly kind: 'link';
  readonly path: string;

  /** Always `0o777`. */
  readonly mode: number;
  readonly mtime: number;

  /** What it points to. */
  readonly target: string;
}

/** An entry of a tree that is to be written as an image. */
export type INewEntry = INewFile | INewDirectory | INewLink;

/**
 * Refuse an entry that the format cannot hold.
 *
 * @throws ImageError naming the entry and what is wrong with it.
 */
export function checkEntry(entry: INewEntry): void {
  const fault =
    pathFault(entry.path) ??
    numberFault(entry) ??
    (entry.kind === 'link' ? linkFault(entry) : null) ??
    (entry.kind === 'file' ? fileFault(entry) : null);
  if (fault !== null) throw refusal(entry.path, fault);
}

/** The error for an entry that cannot be stored. */
export function refusal(path: string, fault: string): ImageError {
  return new ImageError(
    JSON.stringify(path),
    `it cannot be stored in an image: it ${fault}`,
    'Leave it out, or change it.'
  );
}

function numberFault({ mode, mtime }: INewEntry): string | null {
  if (!Number.isInteger(mode) || mode < 0 || mode > 0o7777) {
    return `has mode ${mode}, expected 0 to 4095 (12 permission bits)`;
  }
  if (!Number.isSafeInteger(mtime) || mtime < 0) {
    return `has mtime ${mtime}, expected 0 to 2**53-1 seconds`;
  }
  return null;
}

function linkFault({ target, mode }: INewLink): string | null {
  const fault = target === '' ? 'is empty' : textFault(target);
  if (fault !== null) {
    return `is a link whose target ${JSON.stringify(target)} ${fault}`;
  }
  return mode === 0o777
    ? null
    : `is a link of mode 0o${mode.toString(8)}, expected 0o777`;
}

function fileFault({ size = 0, target, content }: INewFile): string | null {
  if (!Number.isSafeInteger(size) || size < 0) return `has size ${size}`;
  return content || target ? null : 'is a file without content';
}
