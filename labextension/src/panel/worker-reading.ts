import type { IReading } from './reading';
import type { IWork } from './types';
import {
  type FromWorker,
  type Method,
  receivedError,
  type ToWorker
} from './worker-protocol';

const METHODS: Record<Method, true> = {
  facts: true,
  outline: true,
  read: true,
  file: true,
  compare: true,
  dangerous: true,
  digest: true,
  scan: true,
  fetch: true,
  verify: true,
  keep: true
};

interface IPending extends Required<Pick<IWork, 'onProgress'>> {
  accept(value: unknown): void;
  refuse(error: unknown): void;
}

/** Reads images in a worker, which starts when something is first read. */
export class WorkerReading {
  /** What the worker does, as if it were done here. */
  readonly reading: IReading;

  constructor(private readonly createWorker: () => Worker) {
    const methods = (Object.keys(METHODS) as Method[]).map(method => [
      method,
      (...args: unknown[]) => this.call(method, args.slice(0, -1), args.at(-1) as IWork)
    ]);
    this.reading = Object.fromEntries(methods) as IReading;
  }

  /** End the worker, and with it all that it does. */
  dispose(): void {
    this.worker?.terminate();
    this.fail(new DOMException('The panel was closed.', 'AbortError'));
  }

  private async call(
    method: Method,
    args: unknown[],
    { signal, onProgress = () => undefined }: IWork
  ): Promise<unknown> {
    signal?.throwIfAborted();
    const id = this.next++;
    const post = (message: ToWorker) =>
      (this.worker ??= this.start()).postMessage(message);
    const cancel = () => {
      post({ id, cancel: true });
      this.pending.get(id)?.refuse(signal!.reason);
    };
    signal?.addEventListener('abort', cancel);
    try {
      return await new Promise((accept, refuse) => {
        this.pending.set(id, { accept, refuse, onProgress });
        post({ id, method, args });
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.pending.delete(id);
    }
  }

  private start(): Worker {
    const worker = this.createWorker();
    let heard = false;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      heard = true;
      this.receive(data);
    };
    worker.onerror = ({ message }) => {
      // Later errors are exceptions that nobody caught, in a worker that goes on.
      if (heard) return;
      this.worker = null;
      this.fail(
        new Error(
          `The worker that reads images could not be started (${message || 'no reason given'}). Reload the page; if that ` +
            'does not help, the site forbids workers, or a file of it is missing.'
        )
      );
    };
    return worker;
  }

  private receive(message: FromWorker): void {
    const pending = this.pending.get(message.id);
    switch (message.kind) {
      case 'value':
        pending?.accept(message.value);
        break;
      case 'error':
        pending?.refuse(receivedError(message.error));
        break;
      case 'amount':
        pending?.onProgress(message.amount);
        break;
    }
  }

  private fail(error: Error): void {
    for (const { refuse } of [...this.pending.values()]) refuse(error);
  }

  private readonly pending = new Map<number, IPending>();
  private worker: Worker | null = null;
  private next = 1;
}
