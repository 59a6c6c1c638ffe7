import type { ILogPayload } from '@jupyterlab/logconsole';

import type { IBegun } from '../runtime/begin';
import type { IProgress } from '../runtime/progress';
import type { ICompiled } from '../runtime/start';
import type { FrozenKernel } from './kernel';

/** What the page asks of a worker before the protocol of the stock kernel begins. */
export interface IStartRequest {
  /** Start an environment; which kernel it is for is said later, by `initialize`. */
  _frozenStart: {
    environment: FrozenKernel.IEnvironment;
    /** The program of the kernel, which the worker loads while it begins. */
    kernelUrl: string;
    /** What it has begun by then; set by the worker itself. */
    begun?: IBegun;
    /** The script of the worker that decodes snapshots. */
    decoderUrl: string;
    /** What another worker of this page has compiled for the same environment. */
    compiled?: ICompiled;
    /** See `IBeginOptions.kept`. */
    kept?: string | null;
    /** Make later starts faster, while nobody asks for anything. */
    practise: boolean;
    /** Thaw what is set to be thawed at a start. */
    autoload: boolean;
    /** Fetch and compile, but do not start before an `IGoOn` comes. */
    prepare: boolean;
  };
}

/** Has a worker start what it has prepared. */
export interface IGoOn {
  _frozenGoOn: true;
}

/**
 * What a kernel's worker tells its page beside the protocol of the stock kernel.
 *
 * Ordinary `postMessage`s: comlink ignores data without an `id`, coincident data without its channel.
 */
export type FrozenMessage =
  | { _frozenProgress: IProgress }
  | { _frozenLog: ILogPayload }
  | { _frozenCompiled: ICompiled }
  /** The snapshot of this SHA-256 need not be decoded at the next start. */
  | { _frozenKept: string }
  /** Later starts are faster now. */
  | { _frozenPractised: true }
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

/** Whoever handles the messages of a worker. */
export interface IFrozenMessageHandler {
  progress(progress: IProgress): void;
  log(payload: ILogPayload): void;
  compiled(compiled: ICompiled): void;
  kept(sha256: string): void;
  practised(): void;
  started(started: IStarted): void;
  failure(failure: IFailure): void;
}

/** Hand a message to its handler; messages of others (comlink, coincident, stock) are left alone. */
export function dispatch(data: unknown, handler: Partial<IFrozenMessageHandler>): void {
  if (typeof data !== 'object' || data === null) return;
  const message = data as Partial<Record<string, unknown>>;
  if ('_frozenProgress' in message) {
    handler.progress?.(message._frozenProgress as IProgress);
  } else if ('_frozenLog' in message) {
    handler.log?.(message._frozenLog as ILogPayload);
  } else if ('_frozenCompiled' in message) {
    handler.compiled?.(message._frozenCompiled as ICompiled);
  } else if ('_frozenKept' in message) {
    handler.kept?.(message._frozenKept as string);
  } else if ('_frozenPractised' in message) {
    handler.practised?.();
  } else if ('_frozenStarted' in message) {
    handler.started?.(message._frozenStarted as IStarted);
  } else if ('_frozenFailure' in message) {
    handler.failure?.(message._frozenFailure as IFailure);
  }
}
