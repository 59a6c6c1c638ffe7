import type { IProgress } from '../runtime/progress';

/**
 * What a kernel's worker tells its page beside the protocol of the stock kernel.
 *
 * Ordinary `postMessage`s: comlink ignores data without an `id`, coincident data without its channel.
 */
export type FrozenMessage =
  | { _frozenProgress: IProgress }
  | { _frozenWarning: string }
  | { _frozenStarted: IStarted }
  | { _frozenFailure: IFailure };

/** What has started. */
export interface IStarted {
  /** The version of Python, e.g. `3.14.2`. */
  python: string;
  /** The version of Pyodide, e.g. `314.0.7`. */
  pyodide: string;
}

/** Why a kernel does not start, or has stopped. */
export interface IFailure {
  /** For the person at the notebook: what happened and what to do, short enough for a notification. */
  headline: string;
  /** The same with what the error says: the file, what was expected, what was found. */
  summary: string;
  /** For whoever looks after the site: the error with its stack. */
  details: string;
}

/** What is said to whoever handles a message of a worker. */
export interface IFrozenMessageHandler {
  progress(progress: IProgress): void;
  warning(text: string): void;
  started(started: IStarted): void;
  failure(failure: IFailure): void;
}

/** Hand a message to its handler; messages of others (comlink, coincident, stock) are left alone. */
export function dispatch(data: unknown, handler: IFrozenMessageHandler): void {
  if (typeof data !== 'object' || data === null) return;
  if ('_frozenProgress' in data) handler.progress(data._frozenProgress as IProgress);
  else if ('_frozenWarning' in data) handler.warning(data._frozenWarning as string);
  else if ('_frozenStarted' in data) handler.started(data._frozenStarted as IStarted);
  else if ('_frozenFailure' in data) handler.failure(data._frozenFailure as IFailure);
}
