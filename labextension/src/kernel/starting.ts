import { PageConfig } from '@jupyterlab/coreutils';

import type { ICompiled } from '../runtime/start';
import { policyFailure, workerFailure } from './failure';
import type { FrozenKernel } from './kernel';
import type {
  FrozenMessage,
  IFrozenMessageHandler,
  IGoOn,
  IStartRequest
} from './messages';
import { dispatch } from './messages';
import { KEPT, PRACTISED } from './notes';
import { forbiddenBy } from './policy';
import { type IEngine, practiceTerm } from './practice-term';
import { programs } from './programs';

/** An address with `?no-autoload` starts kernels as they were built; noted now, because JupyterLab rewrites it. */
export const MAY_AUTOLOAD = !new URLSearchParams(globalThis.location?.search).has(
  'no-autoload'
);

/** JupyterLite's service worker is to keep what it sees, so that a visit needs no network. */
const KEPT_BY_SERVICE_WORKER =
  PageConfig.getOption('enableServiceWorkerCache') === 'true';

/** A worker in which an environment starts. What it says is kept until its kernel listens. */
export class StartingWorker {
  /**
   * @param compiled - what another worker of the same environment has compiled
   * @param onCompiled - is told what this one has
   * @param prepare - do not start before `goOn`, but have what a start needs
   */
  constructor(
    environment: FrozenKernel.IEnvironment,
    compiled: ICompiled | undefined,
    onCompiled: (compiled: ICompiled) => void,
    prepare = false
  ) {
    const {
      start: url,
      coincident,
      comlink,
      decoder
    } = programs(KEPT_BY_SERVICE_WORKER);
    const kernelUrl = crossOriginIsolated ? coincident : comlink;
    const { url: manifest, runtimeUrl = manifest, linkedUrls } = environment;
    const runtime = linkedUrls?.[0] ?? runtimeUrl;
    const now = practiceTerm(navigator as IEngine, Date.now());
    const practised = PRACTISED.get(runtime);
    fetchAhead(environment.url);
    this.worker = createModuleWorker(url);
    let heard = false;
    this.worker.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      heard = true;
      dispatch(data, {
        compiled: onCompiled,
        kept: sha256 => KEPT.set(environment.url, sha256),
        practised: () => PRACTISED.set(runtime, now!)
      });
      this._receive(data);
    });
    this.worker.addEventListener('error', ({ message }) => {
      // Later errors are exceptions that nobody caught in a worker that runs: they are not the end of it.
      if (heard) return;
      const { displayName } = environment;
      const failure = forbiddenBy(url.href)
        ? policyFailure(url.href, forbiddenBy(url.href)!, displayName)
        : workerFailure(url.href, message, displayName);
      this._receive({ _frozenFailure: failure } satisfies FrozenMessage);
    });
    this.worker.postMessage({
      _frozenStart: {
        environment,
        kernelUrl: kernelUrl.href,
        decoderUrl: decoder.href,
        compiled,
        kept: KEPT.get(environment.url),
        // Where nothing can be noted it would be done each time.
        practise: now !== null && practised !== undefined && practised !== now,
        autoload: MAY_AUTOLOAD,
        prepare
      }
    } satisfies IStartRequest);
  }

  readonly worker: Worker;

  /** Whether the start has failed already. */
  get failed(): boolean {
    return this._failed;
  }

  /** Start, if it only prepares that. */
  goOn(): void {
    this.worker.postMessage({ _frozenGoOn: true } satisfies IGoOn);
  }

  /** Hear what the worker has said so far, and from now on what it says. */
  listen(handler: Partial<IFrozenMessageHandler>): void {
    this._handler = handler;
    for (const data of this._kept.splice(0)) dispatch(data, handler);
  }

  private _receive(data: unknown): void {
    dispatch(data, { failure: () => (this._failed = true) });
    if (this._handler) dispatch(data, this._handler);
    else this._kept.push(data);
  }

  private _failed = false;
  private _handler: Partial<IFrozenMessageHandler> | null = null;
  private readonly _kept: unknown[] = [];
}

/**
 * Have a file in the browser's cache when a worker asks for it, which has to be fetched itself first. What is wrong with
 * it is found by the worker.
 */
function fetchAhead(url: string): void {
  fetch(url)
    .then(response => response.arrayBuffer())
    .catch(() => undefined);
}

/** The indirection keeps webpack from building the workers again, see `webpack.config.cjs`. */
function createModuleWorker(url: URL): Worker {
  return new Worker(url, { type: 'module' });
}
