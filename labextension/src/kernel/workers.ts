import type { ICompiled } from '../runtime/start';
import type { FrozenKernel } from './kernel';
import { StartingWorker } from './starting';

type IEnvironment = FrozenKernel.IEnvironment;

/**
 * The workers of a page.
 *
 * One of them may start before a kernel asks for it, and waits for the first kernel of its environment for as long as
 * the page is open: what it holds in memory is what that kernel will. All workers of an environment share what the
 * first has compiled.
 */
export class FrozenWorkers {
  /** Have what a start needs fetched and compiled, which holds up others less than the start itself. */
  prepare(environment: IEnvironment): void {
    const { url } = environment;
    if (this._asked.has(url) || this._waiting.has(url)) return;
    this._waiting.set(url, this._start(environment, true));
    this._prepared.add(url);
  }

  /** Start a worker that the first kernel of its environment will take; a kernel that is there already needs none. */
  prewarm(environment: IEnvironment): void {
    const { url } = environment;
    if (this._asked.has(url)) return;
    if (this._waiting.has(url)) this._goOn(url);
    else this._waiting.set(url, this._start(environment));
  }

  /** A worker for a new kernel: the one that waits, unless its start has failed, or else a new one. */
  take(environment: IEnvironment): StartingWorker {
    const { url } = environment;
    const waiting = this._waiting.get(url);
    this._goOn(url);
    this._waiting.delete(url);
    this._asked.add(url);
    if (waiting && !waiting.failed) return waiting;
    waiting?.worker.terminate();
    return this._start(environment);
  }

  private _start(environment: IEnvironment, prepare?: boolean): StartingWorker {
    const { url } = environment;
    return new StartingWorker(
      environment,
      this._compiled.get(url),
      compiled => this._compiled.set(url, compiled),
      prepare
    );
  }

  /** Start what is prepared, if anything is. */
  private _goOn(url: string): void {
    if (this._prepared.delete(url)) this._waiting.get(url)!.goOn();
  }

  /** By the URL of the environment. */
  private readonly _compiled = new Map<string, ICompiled>();
  private readonly _waiting = new Map<string, StartingWorker>();
  /** Of those that wait, the ones that have not started. */
  private readonly _prepared = new Set<string>();
  private readonly _asked = new Set<string>();
}
