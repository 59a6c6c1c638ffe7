import type { WidgetModel } from '@jupyter-widgets/base';
import type { Kernel } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';

import type {
  IReceived,
  ITransport,
  KernelToPage,
  PageToKernel
} from '../../panel/types';

/** A manager of widgets that knows its kernel, as JupyterLab's does. */
interface IWithKernel {
  kernel?: Kernel.IKernelConnection | null;
}

/** Carries the panel's messages as a widget's custom messages. */
export class WidgetTransport implements ITransport {
  readonly changed: ISignal<this, void>;
  readonly restarted: ISignal<this, void>;
  readonly received: ISignal<this, IReceived>;

  constructor(private readonly _model: WidgetModel) {
    this.changed = this._changed;
    this.restarted = this._restarted;
    this.received = this._received;
    this._wasLive = _model.comm_live;
    this._kernel = (_model.widget_manager as IWithKernel).kernel ?? null;
    this._kernel?.statusChanged.connect(() => this._changed.emit(), this);
    _model.on('comm_live_update', () => {
      if (_model.comm_live) this._restarted.emit();
      this._wasLive ||= _model.comm_live;
      this._changed.emit();
    });
    _model.on(
      'msg:custom',
      (message: KernelToPage, buffers: readonly DataView[] = []) =>
        this._received.emit({ message, buffers })
    );
  }

  get status(): ITransport['status'] {
    if (this._model.comm_live) return 'open';
    return this._wasLive ? 'lost' : 'none';
  }

  get busy(): boolean {
    return this._kernel?.status === 'busy';
  }

  /** A widget has a kernel or has none: nothing brings one back but running its cell. */
  connect(): void {
    this._changed.emit();
  }

  send(message: PageToKernel): void {
    this._model.send({ ...message } as never);
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _restarted = new Signal<this, void>(this);
  private readonly _received = new Signal<this, IReceived>(this);
  private readonly _kernel: Kernel.IKernelConnection | null;
  private _wasLive: boolean;
}
