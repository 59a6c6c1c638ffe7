import type { IStored } from './records';

/**
 * What went wrong.
 *
 * - `exists`: the name is taken, and overwriting was not asked for; or another writer was quicker.
 * - `missing`: there is no image of this name.
 * - `name`: what was given cannot be a name.
 * - `quota`: the browser gives the site no more room.
 * - `blocked`: another tab keeps the database from being opened.
 * - `newer`: the database was written by a newer version of this program.
 * - `unavailable`: the browser does not let the site store anything.
 * - `damaged`: what is stored is not what was put.
 * - `removed`: somebody has removed what was being written.
 * - `failed`: the browser's database has failed in another way.
 */
export type StoreErrorCode =
  | 'exists'
  | 'missing'
  | 'name'
  | 'quota'
  | 'blocked'
  | 'newer'
  | 'unavailable'
  | 'damaged'
  | 'removed'
  | 'failed';

/** What some errors tell besides their message. */
export interface IStoreErrorDetails extends ErrorOptions {
  /** For `quota`: how many bytes there must be room for, at the least. */
  needed?: number;

  /** For `quota`: how many bytes there is room for; those of them that were written have been removed again. */
  free?: number;

  /** For `exists`: the image that was put, which is kept under a name that was free. */
  kept?: IStored;
}

/** A store could not do what it was asked for. The message says what to do. */
export class StoreError extends Error {
  override name = 'StoreError';
  readonly needed?: number;
  readonly free?: number;
  readonly kept?: IStored;

  constructor(
    readonly code: StoreErrorCode,
    message: string,
    details: IStoreErrorDetails = {}
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.needed = details.needed;
    this.free = details.free;
    this.kept = details.kept;
  }
}
