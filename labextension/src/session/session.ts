import type { IPersistence, KernelAction } from '../actions';
import type { IEmscriptenFS } from '../emscripten';
import { openStore, type Store } from '../store';

/** The kernel in which images are frozen and thawed. */
export interface IKernel {
  /** The absolute URL of the root of the site, with a slash at its end: stored images are kept apart by it. */
  site: string;

  /** The name of its kernelspec. */
  kernelspec: string;

  /** URL of the `environment.json` that it started from; null in a kernel without a frozen environment. */
  environment: string | null;
}

/** A kernel and what its magics share: the store, and whether the browser has been asked to keep it. */
export class Session {
  /**
   * @param FS - its live filesystem
   * @param kernel - where it runs
   */
  constructor(
    readonly FS: IEmscriptenFS,
    readonly kernel: IKernel
  ) {}

  /** The store of the site, opened once. */
  store(): Promise<Store> {
    this._store ??= openStore({ site: this.kernel.site }).catch(error => {
      this._store = null; // another tab may let go of it meanwhile
      throw error;
    });
    return this._store;
  }

  /** Have the browser asked to keep what is stored, once; null when no page could. */
  async persist(action: KernelAction): Promise<IPersistence | null> {
    this._persistence ??= await action.persist();
    return this._persistence;
  }

  private _store: Promise<Store> | null = null;
  private _persistence: IPersistence | null = null;
}
