import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import type {
  IReceived,
  ITransport,
  KernelToPage,
  PageToKernel
} from '../../panel/types';

/** What kernels answer to; `jupyter_frozenfs/panel/comm.py` has the same. */
const TARGET = 'jupyter_frozenfs.panel';

/** Has a kernel answer to it, if the package is there. */
const REGISTER =
  'import jupyter_frozenfs.panel.comm as _frozenfs\n_frozenfs.register()\ndel _frozenfs';

/** A comm of JupyterLab 4.4 or later, which may go over a subshell of its own. */
interface ISubshellComm extends Kernel.IComm {
  readonly subshellStarted?: Promise<void>;
}

/** Carries the panel's messages over a comm of its own, to one kernel after the other. */
export class CommTransport implements ITransport, IDisposable {
  readonly changed: ISignal<this, void>;
  readonly restarted: ISignal<this, void>;
  readonly received: ISignal<this, IReceived>;

  constructor() {
    this.changed = this._changed;
    this.restarted = this._restarted;
    this.received = this._received;
  }

  get status(): ITransport['status'] {
    return this._status;
  }

  get busy(): boolean {
    return this._kernel?.status === 'busy';
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** The kernel that is asked from now on; null for none. */
  get kernel(): Kernel.IKernelConnection | null {
    return this._kernel;
  }

  set kernel(kernel: Kernel.IKernelConnection | null) {
    if (kernel === this._kernel || this._disposed) return;
    this._kernel?.statusChanged.disconnect(this._onStatus, this);
    this._kernel?.disposed.disconnect(this._onDisposed, this);
    this._close();
    this._kernel = kernel;
    kernel?.statusChanged.connect(this._onStatus, this);
    kernel?.disposed.connect(this._onDisposed, this);
    this._status = 'none';
    this._restarted.emit();
    this.connect();
    this._changed.emit();
  }

  connect(): void {
    const kernel = this._kernel;
    if (!kernel || this._status === 'open' || this._status === 'connecting') return;
    this._set('connecting');
    void this._open(kernel, false);
  }

  send(message: PageToKernel): void {
    // What comes of it is told by a message of its own.
    this._comm?.send({ ...message } as never);
  }

  dispose(): void {
    if (this._disposed) return;
    this.kernel = null;
    this._disposed = true;
    Signal.clearData(this);
  }

  /**
   * Open the comm; a kernel that does not answer to it closes it at once, and is asked to.
   *
   * @param isAsked - Whether it has been asked already.
   */
  private async _open(
    kernel: Kernel.IKernelConnection,
    isAsked: boolean
  ): Promise<void> {
    const spec = await kernel.spec;
    if (kernel !== this._kernel || this._status !== 'connecting') return;
    if (spec && spec.language.toLowerCase() !== 'python') {
      this._set('none');
      return;
    }
    const comm: ISubshellComm = kernel.createComm(TARGET);
    this._comm = comm;
    comm.onMsg = ({ content, buffers = [] }) => {
      this._answered = true;
      const message = content.data as unknown as KernelToPage;
      this._received.emit({ message, buffers });
    };
    comm.onClose = () => {
      if (this._comm !== comm) return;
      this._comm = null;
      if (isAsked || this._answered) this._set('no-package');
      else {
        this._set('connecting');
        void this._register(kernel);
      }
    };
    this._answered = false;
    // Before the first message: it would wait for the running cell.
    if (kernel.supportsSubshells) await comm.subshellStarted;
    if (this._comm !== comm) return;
    comm.open();
    this._set('open');
  }

  private async _register(kernel: Kernel.IKernelConnection): Promise<void> {
    const { content } = await kernel.requestExecute({
      code: REGISTER,
      silent: true,
      store_history: false,
      allow_stdin: false
    }).done;
    if (kernel !== this._kernel || this._status !== 'connecting') return;
    if (content.status === 'ok') await this._open(kernel, true);
    else this._set('no-package');
  }

  private _close(): void {
    const comm = this._comm;
    this._comm = null;
    if (comm && !comm.isDisposed && this._kernel && !this._kernel.isDisposed) {
      comm.onClose = () => undefined;
      comm.close();
    }
  }

  private _onStatus(
    kernel: Kernel.IKernelConnection,
    status: KernelMessage.Status
  ): void {
    switch (status) {
      case 'restarting':
      case 'autorestarting':
        // Its comms are gone; it is asked anew as soon as it is there.
        this._comm = null;
        this._status = 'connecting';
        this._isRestarting = true;
        this._restarted.emit();
        break;
      case 'dead':
      case 'terminating':
        this._comm = null;
        this._isRestarting = false;
        this._status = 'lost';
        break;
      case 'idle':
      case 'busy':
        if (this._isRestarting) {
          this._isRestarting = false;
          void this._open(kernel, false);
        }
    }
    this._changed.emit();
  }

  private _onDisposed(): void {
    this.kernel = null;
  }

  private _set(status: ITransport['status']): void {
    if (status === this._status) return;
    this._status = status;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _restarted = new Signal<this, void>(this);
  private readonly _received = new Signal<this, IReceived>(this);
  private _kernel: Kernel.IKernelConnection | null = null;
  private _comm: Kernel.IComm | null = null;
  private _status: ITransport['status'] = 'none';
  private _answered = false;
  private _isRestarting = false;
  private _disposed = false;
}
