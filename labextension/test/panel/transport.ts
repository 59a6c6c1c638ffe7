import { Signal } from '@lumino/signaling';

import type {
  IReceived,
  ITransport,
  KernelToPage,
  PageToKernel
} from '../../src/panel/types';

/** A kernel at the end of a comm, which does what a test says. */
export class TestTransport implements ITransport {
  readonly changed = new Signal<this, void>(this);
  readonly restarted = new Signal<this, void>(this);
  readonly received = new Signal<this, IReceived>(this);

  /** What was sent, in order. */
  readonly sent: PageToKernel[] = [];

  /** Answers a request at once; what it does not answer waits. */
  answer: (verb: string, options: object) => unknown = () => undefined;

  status: ITransport['status'] = 'none';
  busy = false;
  connects = 0;

  connect(): void {
    this.connects++;
  }

  send(message: PageToKernel): void {
    this.sent.push(message);
    if (message.kind !== 'request') return;
    const value = this.answer(message.verb, message.options);
    if (value !== undefined) this.receive({ kind: 'result', id: message.id, value });
  }

  set(state: Partial<Pick<ITransport, 'status' | 'busy'>>): void {
    Object.assign(this, state);
    this.changed.emit();
  }

  receive(message: KernelToPage, buffers: IReceived['buffers'] = []): void {
    this.received.emit({ message, buffers });
  }

  /** The request of a verb that was sent last. */
  last(verb: string): Extract<PageToKernel, { kind: 'request' }> {
    const found = this.sent.findLast(
      one => one.kind === 'request' && one.verb === verb
    );
    if (found?.kind !== 'request') throw new Error(`${verb} was not asked for`);
    return found;
  }

  verbs(): string[] {
    return this.sent.map(one => (one.kind === 'request' ? one.verb : one.kind));
  }
}

export const BROWSER_KERNEL = {
  native: false,
  kernelspec: 'course',
  cwd: '/drive',
  subshells: false,
  environment: null,
  version: '0.1.0',
  contents_drive: '/drive'
};

export const NATIVE_KERNEL = {
  ...BROWSER_KERNEL,
  native: true,
  cwd: '/home/me',
  subshells: true,
  contents_drive: null
};
