import type { ILogPayload } from '@jupyterlab/logconsole';
import { KernelMessage } from '@jupyterlab/services';
import { PyodideKernel } from '@jupyterlite/pyodide-kernel/lib/kernel';
import type { IPyodideWorkerKernel } from '@jupyterlite/pyodide-kernel/lib/tokens';
import { PromiseDelegate } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import { wrap } from 'comlink';

import type { IProgress } from '../runtime/progress';
import type { IFailure, IStarted } from './messages';
import type { StartingWorker } from './starting';

/**
 * A Python kernel that starts from a frozen environment.
 *
 * All that a started kernel does is the stock kernel's. What differs is the worker, which mounts an image instead of
 * installing packages, and that a start is told: its progress, its end, and why it failed.
 */
export class FrozenKernel extends PyodideKernel {
  constructor(options: FrozenKernel.IOptions) {
    // The stock kernel's own ways to find Pyodide and piplite are not used: both are named by the environment.
    super({
      ...options,
      pyodideUrl: '',
      loadPyodideOptions: { lockFileURL: '', packages: [] }
    } as PyodideKernel.IOptions);
    this._environment = options.environment;
    this._log = options.logger;
    this._send = options.sendMessage;
    // `ready` below takes the place of the stock promise, which does not know of a failed start when
    // coincident carries the messages. Nobody else listens to that one.
    super.ready.catch(() => undefined);
    this._started.promise.catch(() => undefined);
    this._failed.promise.catch(() => undefined);
  }

  /** The environment that the kernel starts from. */
  get environment(): FrozenKernel.IEnvironment {
    return this._environment;
  }

  /**
   * Settled when requests can be handled: fulfilled when the start is over, also when it failed, because every
   * request is then answered with the reason instead of waiting for ever; rejected when the kernel is disposed of.
   */
  override get ready(): Promise<void> {
    return this._started.promise;
  }

  /** What the start is doing. */
  get progress(): ISignal<this, IProgress> {
    return this._progress;
  }

  /** What whoever waits for the kernel should know, such as that a snapshot cannot be used. */
  get warned(): ISignal<this, string> {
    return this._warned;
  }

  /** Emitted when the start fails, or when Python stops. */
  get failed(): ISignal<this, IFailure> {
    return this._failedSignal;
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this._started.reject(new Error(`${this.id} was disposed`));
    super.dispose();
    Signal.clearData(this);
  }

  /**
   * Use a worker of ours, which may have started long ago.
   *
   * Called by the stock constructor: no field is set yet. What the worker has said so far is heard when all are, and
   * whoever has made the kernel has connected to its signals.
   */
  protected override initWorker(options: PyodideKernel.IOptions): Worker {
    const { worker } = options as unknown as FrozenKernel.IOptions;
    queueMicrotask(() =>
      worker.listen({
        progress: progress => this._progress.emit(progress),
        log: payload => this._onLog(payload),
        started: started => this._onStarted(started),
        failure: failure => this._onFailure(failure)
      })
    );
    this._ownWorker = worker.worker;
    return worker.worker;
  }

  /**
   * Connect to the worker.
   *
   * Where the page is isolated the stock kernel sends requests through coincident, whose version 1.2.3 loses an answer
   * that arrives before it has begun to wait for it: the cell then never ends. The worker speaks comlink too, which
   * carries the requests; what has to block the worker (contents drive, `input()`) stays with coincident.
   */
  protected override initRemote(options: PyodideKernel.IOptions): IPyodideWorkerKernel {
    const remote = super.initRemote(options);
    if (!crossOriginIsolated) return remote;
    return wrap(this._ownWorker) as unknown as IPyodideWorkerKernel;
  }

  /** What is true of this kernel; versions are those that run. */
  override async kernelInfoRequest(): Promise<KernelMessage.IInfoReplyMsg['content']> {
    const stock = await super.kernelInfoRequest();
    if (stock.status !== 'ok') return stock;
    const { displayName } = this._environment;
    const { python, pyodide } = this._versions ?? { python: '3', pyodide: '' };
    return {
      ...stock,
      implementation_version: pyodide,
      language_info: { ...stock.language_info, version: python },
      banner: this._versions
        ? `${displayName}: Python ${python} (Pyodide ${pyodide})`
        : displayName
    };
  }

  /**
   * Handle a message, also the one that JupyterLite's base class leaves unanswered: a page asks which comms there are
   * before it restores the widgets of a notebook, and would wait for ever.
   */
  override async handleMessage(msg: KernelMessage.IMessage): Promise<void> {
    await super.handleMessage(msg);
    if (msg.header.msg_type !== 'comm_info_request') return;
    const { content } = msg as KernelMessage.ICommInfoRequestMsg;
    this._send(
      KernelMessage.createMessage<KernelMessage.ICommInfoReplyMsg>({
        msgType: 'comm_info_reply',
        parentHeader: msg.header as KernelMessage.IHeader<'comm_info_request'>,
        channel: 'shell',
        session: msg.header.session,
        content: await this.commInfoRequest(content)
      })
    );
  }

  override async executeRequest(
    content: KernelMessage.IExecuteRequestMsg['content']
  ): Promise<KernelMessage.IExecuteReplyMsg['content']> {
    await this.ready;
    try {
      return await this._unlessFailed(() => super.executeRequest(content));
    } catch (error) {
      const [ename, evalue] =
        error instanceof Error ? [error.name, error.message] : ['Error', String(error)];
      const reason = { ename, evalue, traceback: [`${ename}: ${evalue}`] };
      this.publishExecuteError(reason);
      return { ...reason, status: 'error', execution_count: this.executionCount };
    }
  }

  override async completeRequest(
    content: KernelMessage.ICompleteRequestMsg['content']
  ): Promise<KernelMessage.ICompleteReplyMsg['content']> {
    const { cursor_pos: cursor } = content;
    return this._orElse(() => super.completeRequest(content), {
      status: 'ok',
      matches: [],
      cursor_start: cursor,
      cursor_end: cursor,
      metadata: {}
    });
  }

  override async inspectRequest(
    content: KernelMessage.IInspectRequestMsg['content']
  ): Promise<KernelMessage.IInspectReplyMsg['content']> {
    return this._orElse(() => super.inspectRequest(content), {
      status: 'ok',
      found: false,
      data: {},
      metadata: {}
    });
  }

  override async isCompleteRequest(
    content: KernelMessage.IIsCompleteRequestMsg['content']
  ): Promise<KernelMessage.IIsCompleteReplyMsg['content']> {
    return this._orElse(() => super.isCompleteRequest(content), { status: 'unknown' });
  }

  override async commInfoRequest(
    content: KernelMessage.ICommInfoRequestMsg['content']
  ): Promise<KernelMessage.ICommInfoReplyMsg['content']> {
    return this._orElse(() => super.commInfoRequest(content), {
      status: 'ok',
      comms: {}
    });
  }

  override async commOpen(msg: KernelMessage.ICommOpenMsg): Promise<void> {
    return this._orElse(() => super.commOpen(msg), undefined);
  }

  override async commMsg(msg: KernelMessage.ICommMsgMsg): Promise<void> {
    return this._orElse(() => super.commMsg(msg), undefined);
  }

  override async commClose(msg: KernelMessage.ICommCloseMsg): Promise<void> {
    return this._orElse(() => super.commClose(msg), undefined);
  }

  /** Ask a worker that may be dead or die meanwhile: its failure is the answer then. */
  private async _unlessFailed<T>(ask: () => Promise<T>): Promise<T> {
    return Promise.race([
      this._failed.promise,
      this._failure ? this._failed.promise : ask()
    ]);
  }

  /** The same where an error has no place to be shown: it is logged, and the page gets an empty answer. */
  private async _orElse<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
    await this.ready;
    try {
      return await this._unlessFailed(ask);
    } catch (error) {
      if (!this._failure) this._tell('error', String(error));
      return otherwise;
    }
  }

  private _onStarted(started: IStarted): void {
    this._versions = started;
    this._started.resolve();
  }

  private _onLog(payload: ILogPayload): void {
    this._log?.({ payload, kernelId: this.id });
    if (payload.level === 'warning') this._warned.emit(payload.data as string);
  }

  private _onFailure(failure: IFailure): void {
    // The first failure is the cause, what follows from it would hide it.
    if (this._failure || this.isDisposed) return;
    this._failure = failure;
    const error = new Error(failure.summary);
    error.name = 'KernelError';
    this._failed.reject(error);
    this._started.resolve();
    this._tell('critical', `${failure.summary}\n${failure.details}`);
    this._failedSignal.emit(failure);
  }

  private _tell(level: ILogPayload['level'], data: string): void {
    this._log?.({ payload: { type: 'text', level, data }, kernelId: this.id });
  }

  /** Set while the stock constructor runs: declared only, so that nothing sets it again afterwards. */
  declare private _ownWorker: Worker;
  private readonly _send: FrozenKernel.IOptions['sendMessage'];
  private readonly _environment: FrozenKernel.IEnvironment;
  private readonly _log: PyodideKernel.IOptions['logger'];
  private readonly _started = new PromiseDelegate<void>();
  private readonly _failed = new PromiseDelegate<never>();
  private readonly _progress = new Signal<this, IProgress>(this);
  private readonly _warned = new Signal<this, string>(this);
  private readonly _failedSignal = new Signal<this, IFailure>(this);
  private _versions: IStarted | null = null;
  private _failure: IFailure | null = null;
}

export namespace FrozenKernel {
  /** Which environment a kernel starts from. */
  export interface IEnvironment {
    /** The name of its kernelspec. */
    name: string;
    displayName: string;
    /** The absolute URL of its `environment.json`. */
    url: string;
    /** The absolute URL of its runtime's folder, so that this need not be looked for in there. */
    runtimeUrl?: string;
    /** The absolute URLs of the pieces of its linked runtime, in the same way; none where it has none. */
    linkedUrls?: string[];
  }

  export interface IOptions extends Omit<
    PyodideKernel.IOptions,
    'pyodideUrl' | 'loadPyodideOptions' | 'pipliteWheelUrl'
  > {
    environment: IEnvironment;
    /** The worker in which it starts. */
    worker: StartingWorker;
  }
}
