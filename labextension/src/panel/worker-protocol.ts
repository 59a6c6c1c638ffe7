import type { IAmount } from '../actions';
import { StoreError, type StoreErrorCode } from '../store';
import type { IReading } from './reading';

/** What a worker can be asked for. */
export type Method = keyof IReading;

/** From the page to its worker. */
export type ToWorker =
  | { id: number; method: Method; args: unknown[] }
  /** Nobody waits for it any more. */
  | { id: number; cancel: true };

/** From the worker to its page. */
export type FromWorker =
  | { id: number; kind: 'value'; value: unknown }
  | { id: number; kind: 'error'; error: IPostedError }
  | { id: number; kind: 'amount'; amount: IAmount };

/** An error on its way: of one that is posted as it is, browsers keep less. */
export interface IPostedError {
  name: string;
  message: string;
  stack: string;
  /** Of a `StoreError`. */
  code?: StoreErrorCode;
}

export function postedError(error: unknown): IPostedError {
  const { name, message, stack } = error as Error;
  const code = error instanceof StoreError ? error.code : undefined;
  return {
    name: name ?? 'Error',
    message: message ?? String(error),
    stack: stack ?? '',
    code
  };
}

export function receivedError({ name, message, stack, code }: IPostedError): Error {
  const error = code ? new StoreError(code, message) : new Error(message);
  error.name = name;
  error.stack = stack;
  return error;
}
