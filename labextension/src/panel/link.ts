import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { PageAction } from '../actions/page-action';
import { doTask } from '../actions/tasks';
import { LinkError } from './error';
import type {
  IAnswer,
  IErrorMessage,
  IKernelFacts,
  ILink,
  ILinkEvent,
  IReceived,
  ITransport,
  IWork,
  LinkState
} from './types';

/** The verb that a kernel is asked first. */
const GREETING = 'hello';

/** A kernel that answers a message is busy for a moment, which nobody has to see; in milliseconds. */
const MOMENT = 300;

/** A kernel that has heard of Cancel may take so long to undo what it has begun, in milliseconds. */
const PATIENCE = 10_000;

type Work = IWork & { file?: File };

/** A request that has not been answered. */
interface IPending {
  accept(answer: IAnswer<unknown>): void;
  refuse(error: unknown): void;
  work: Work;
  /** How a browser kernel is heard and reached while it handles no message. */
  action: PageAction | null;
  /** Sends the request; null once it is sent. */
  send: (() => void) | null;
}

/**
 * Asks a kernel over whatever carries messages to it.
 *
 * A kernel in a browser handles no message while a cell runs, so what it does for a request is an action of the same id:
 * progress, Cancel and the choice of a file take that way, too.
 */
export class Link implements ILink, IDisposable {
  readonly changed: ISignal<this, void>;
  readonly events: ISignal<this, ILinkEvent>;

  constructor(private readonly transport: ITransport) {
    this.changed = this._changed;
    this.events = this._events;
    transport.changed.connect(this._follow, this);
    transport.restarted.connect(this._restart, this);
    transport.received.connect(this._receive, this);
    this._follow();
  }

  get state(): LinkState {
    return this._state;
  }

  get kernel(): IKernelFacts | null {
    return this._kernel;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  connect(): void {
    this.transport.connect();
    this._follow();
  }

  async request<T>(verb: string, options: object, work: Work = {}): Promise<T> {
    return (await this.ask<T>(verb, options, work)).value;
  }

  async ask<T>(verb: string, options: object, work: Work = {}): Promise<IAnswer<T>> {
    work.signal?.throwIfAborted();
    if (this.transport.status !== 'open') throw absent(this.transport.status);
    const id = newId();
    const cancel = () => this._cancel(id, work.signal!.reason);
    try {
      return (await new Promise<IAnswer<unknown>>((accept, refuse) => {
        const send = () => this.transport.send({ kind: 'request', id, verb, options });
        this._pending.set(id, { accept, refuse, work, action: null, send });
        work.signal?.addEventListener('abort', cancel);
        if (verb === GREETING || !this._mustWait) this._send(id);
      })) as IAnswer<T>;
    } finally {
      work.signal?.removeEventListener('abort', cancel);
      this._pending.get(id)?.action?.dispose();
      this._pending.delete(id);
    }
  }

  dispose(): void {
    if (this._disposed) return;
    this._disposed = true;
    clearTimeout(this._timer);
    this._fail(absent('none'));
    Signal.clearData(this);
  }

  /** Hear of the action by which a browser kernel does what it is asked for. */
  private _listen(id: string, { file, onProgress }: Work): PageAction | null {
    if (this._kernel?.native || (!file && !onProgress)) return null;
    const action: PageAction = new PageAction(
      id,
      {
        state: ({ state, upload }) => {
          if (state === 'waiting' && upload && file) action.file(file);
        },
        amount: amount => onProgress?.(amount),
        // It waits for a cell, or answers by a message.
        lost: () => undefined
      },
      doTask
    );
    return action;
  }

  /** While a cell runs nothing is sent that could not be cancelled any more: the kernel would first do it, then hear of that. */
  private get _mustWait(): boolean {
    return this._state === 'busy' || this.transport.status !== 'open';
  }

  private _send(id: string): void {
    const pending = this._pending.get(id);
    if (!pending?.send) return;
    const { send, work } = pending;
    pending.send = null;
    pending.action = this._listen(id, work);
    send();
  }

  private _cancel(id: string, reason: unknown): void {
    const pending = this._pending.get(id);
    if (!pending) return;
    if (pending.send) {
      pending.refuse(reason);
      return;
    }
    pending.action?.cancel();
    if (this.transport.status === 'open') this.transport.send({ kind: 'cancel', id });
    setTimeout(() => pending.refuse(reason), PATIENCE);
  }

  private _receive(_: ITransport, { message, buffers }: IReceived): void {
    if (message.kind === 'event') {
      this._events.emit({ what: message.what, value: message.value });
      return;
    }
    const pending = this._pending.get(message.id);
    if (!pending) return;
    switch (message.kind) {
      case 'progress':
        pending.work.onProgress?.(message.amount);
        break;
      case 'result':
        pending.accept({ value: message.value, buffers: buffers.map(viewOf) });
        break;
      case 'error':
        pending.refuse(new LinkError(message.error));
        break;
    }
  }

  /** Another kernel, or the same one anew, knows of nothing that was asked for. */
  private _restart(): void {
    this._fail(
      new LinkError({
        type: 'KernelRestarted',
        message: 'The kernel was restarted before it had answered. Do it again.',
        details: ''
      })
    );
    this._kernel = null;
    this._greeting = null;
    this._emit();
    this._follow();
  }

  private _fail(error: LinkError, onlySent = false): void {
    for (const { refuse, send } of [...this._pending.values()]) {
      if (!onlySent || send === null) refuse(error);
    }
  }

  private _follow(): void {
    if (this._disposed) return;
    const { status } = this.transport;
    if (status === 'open') {
      this._greeting ??= this._greet();
    } else {
      // What was sent over a comm that is gone is never answered; what was not can still be.
      this._fail(absent(status), status === 'connecting');
      this._greeting = null;
      if (this._kernel) {
        this._kernel = null;
        this._emit();
      }
    }
    this._settle();
  }

  private async _greet(): Promise<void> {
    try {
      this._kernel = await this.request<IKernelFacts>(GREETING, {});
    } catch {
      // The state of the transport says what is the matter.
      return;
    }
    this._emit();
    this._settle();
  }

  /** Tell the state; that it is busy not before it has been so for a moment. */
  private _settle(): void {
    const state = this._stateNow();
    if (state !== 'busy' || this._state === 'busy') {
      clearTimeout(this._timer);
      this._timer = undefined;
      this._set(state);
      return;
    }
    if (this._state === 'none' || this._state === 'lost') this._set('connecting');
    this._timer ??= setTimeout(() => {
      this._timer = undefined;
      this._set(this._stateNow());
    }, MOMENT);
  }

  private _stateNow(): LinkState {
    const { status, busy } = this.transport;
    if (status !== 'open') return status;
    // On a subshell a kernel answers while a cell runs.
    if (busy && !this._kernel?.subshells) return 'busy';
    return this._kernel ? 'idle' : 'connecting';
  }

  private _set(state: LinkState): void {
    if (state === this._state) return;
    this._state = state;
    this._emit();
  }

  private _emit(): void {
    if (!this._mustWait) for (const id of this._pending.keys()) this._send(id);
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _events = new Signal<this, ILinkEvent>(this);
  private readonly _pending = new Map<string, IPending>();
  private _state: LinkState = 'none';
  private _kernel: IKernelFacts | null = null;
  private _greeting: Promise<void> | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _disposed = false;
}

/** A random id; `crypto.randomUUID` is missing on plain http. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), part =>
    part.toString(16).padStart(8, '0')
  ).join('');
}

function viewOf(buffer: ArrayBuffer | ArrayBufferView): DataView {
  return ArrayBuffer.isView(buffer)
    ? new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new DataView(buffer);
}

/** Why there is nobody to ask. */
function absent(status: ITransport['status']): LinkError {
  const messages: Record<ITransport['status'], [type: string, message: string]> = {
    none: ['NoKernel', 'There is no kernel: open a notebook, then try again.'],
    connecting: [
      'NoKernel',
      'The kernel is still starting: try again when it is ready.'
    ],
    open: ['NoKernel', 'The kernel does not answer: restart it.'],
    'no-package': [
      'NoPackage',
      'jupyter_frozenfs is not installed in this kernel: run `%pip install jupyter_frozenfs` in a cell, then try again.'
    ],
    lost: ['KernelLost', 'The kernel has stopped: restart it, then try again.']
  };
  const [type, message] = messages[status];
  return new LinkError({ type, message, details: '' } satisfies IErrorMessage);
}
