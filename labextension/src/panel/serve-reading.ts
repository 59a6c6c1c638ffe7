import type { IAmount } from '../actions';
import { buffersOf } from './columns';
import { Reading } from './own-reading';
import type { IOutlineColumns } from './outline';
import type { IWork } from './types';
import { type FromWorker, postedError, type ToWorker } from './worker-protocol';

/** Amounts are told no more often than this, in milliseconds. */
const INTERVAL = 50;

/** The worker's side of the connection. */
export interface IWorkerPort {
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

/** Do what the page at the other end asks for. */
export function serveReading(port: IWorkerPort): void {
  const reading = new Reading();
  const running = new Map<number, AbortController>();
  const post = (message: FromWorker, transfer: Transferable[] = []) =>
    port.postMessage(message, transfer);

  const serve = async ({
    id,
    method,
    args
  }: Extract<ToWorker, { args: unknown[] }>) => {
    const controller = new AbortController();
    running.set(id, controller);
    const work: IWork = { signal: controller.signal, onProgress: paced(id, post) };
    try {
      const call = reading[method] as (...all: unknown[]) => Promise<unknown>;
      const value = await call.call(reading, ...args, work);
      post({ id, kind: 'value', value }, transferable(value));
    } catch (error) {
      post({ id, kind: 'error', error: postedError(error) });
    } finally {
      running.delete(id);
    }
  };

  port.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    if ('cancel' in data) running.get(data.id)?.abort();
    else void serve(data);
  };
}

function paced(
  id: number,
  post: (message: FromWorker) => void
): (amount: IAmount) => void {
  let told = 0;
  return amount => {
    const now = Date.now();
    if (now - told < INTERVAL && amount.bytes < amount.totalBytes) return;
    told = now;
    post({ id, kind: 'amount', amount });
  };
}

/** What of a value goes to the page without a copy. */
function transferable(value: unknown): Transferable[] {
  if (value instanceof Uint8Array) return [value.buffer];
  const { parent } = (value ?? {}) as Partial<IOutlineColumns>;
  return parent instanceof Uint32Array ? buffersOf(value as IOutlineColumns) : [];
}
