import type { IDangerousRow, IErrorMessage } from './types';

/** An image that was not made here holds what Python runs by itself, and nobody has said that it is trusted. */
export class DangerousError extends Error {
  override name = 'DangerousError';

  constructor(
    message: string,
    readonly dangerous: readonly IDangerousRow[]
  ) {
    super(message);
  }
}

/** A kernel could not do what it was asked for, or there is none. */
export class LinkError extends Error {
  override name = 'LinkError';

  /** Name of the class of the kernel's error. */
  readonly type: string;

  /** The kernel's traceback, or empty. */
  readonly details: string;

  /** What Python would run by itself, when that is the matter. */
  readonly dangerous: readonly IDangerousRow[];

  constructor({ type, message, details, dangerous = [] }: IErrorMessage) {
    super(message);
    this.type = type;
    this.details = details;
    this.dangerous = dangerous;
  }
}

/** Whether something was ended by Cancel. */
export function isCancel(error: unknown): boolean {
  const { name, type } = (error ?? {}) as { name?: string; type?: string };
  return name === 'AbortError' || type === 'CancelledError' || type === 'AbortError';
}
