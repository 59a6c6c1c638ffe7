/**
 * The page of the tests in a browser: it does what it is told, itself or in workers.
 */
import type { Calls } from './calls';
import { calls, onEvent } from './calls';

const events: string[] = [];
const workers = new Map<string, Worker>();
const answers = new Map<number, (result: unknown) => void>();
let number = 0;

onEvent(event => void events.push(event));

function workerOf(name: string): Worker {
  let worker = workers.get(name);
  if (!worker) {
    worker = new Worker('/worker.js', { type: 'module' });
    worker.onmessage = ({ data: { id, event, result } }) => {
      if (event) events.push(event as string);
      else answers.get(id as number)!(result);
    };
    workers.set(name, worker);
  }
  return worker;
}

Object.assign(globalThis, {
  call: (name: keyof Calls, argument: never) => calls[name](argument),

  callWorker: (worker: string, name: string, argument: unknown) =>
    new Promise(resolve => {
      answers.set(++number, resolve);
      workerOf(worker).postMessage([number, name, argument]);
    }),

  endWorker: (name: string) => {
    workers.get(name)?.terminate();
    workers.delete(name);
  },

  /** Wait for the next event; one that was meanwhile counts. */
  nextEvent: async () => {
    while (events.length === 0) await new Promise(resolve => setTimeout(resolve, 1));
    return events.shift();
  }
});
