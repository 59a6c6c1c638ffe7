import type { IDangerous } from '../fs';

/**
 * What went wrong.
 *
 * - `usage`: what was asked for does not go together.
 * - `missing`: there is no such image, file or address.
 * - `base`: a layer does not fit this kernel.
 * - `busy`: something lies there, or is in use.
 * - `dangerous`: an image that was not made here holds what Python runs by itself.
 */
export type SessionErrorCode = 'usage' | 'missing' | 'base' | 'busy' | 'dangerous';

/** Freezing or thawing in a kernel could not be done. The message says what to do. */
export class SessionError extends Error {
  override name = 'SessionError';

  /** For `dangerous`: all that Python runs by itself. */
  readonly dangerous: readonly IDangerous[];

  constructor(
    readonly code: SessionErrorCode,
    message: string,
    options: ErrorOptions & { dangerous?: readonly IDangerous[] } = {}
  ) {
    super(message, options);
    this.dangerous = options.dangerous ?? [];
  }
}
