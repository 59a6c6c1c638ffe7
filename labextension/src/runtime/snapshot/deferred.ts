/** A promise that is settled from outside. */
export interface IDeferred<T> {
  promise: Promise<T>;
  resolve(value: T | PromiseLike<T>): void;
  reject(reason: unknown): void;
}

/** As `Promise.withResolvers`, which Safari has since 17.4 only, and Firefox since 121. */
export function deferred<T>(): IDeferred<T> {
  const settle = {} as Omit<IDeferred<T>, 'promise'>;
  const promise = new Promise<T>((resolve, reject) =>
    Object.assign(settle, { resolve, reject })
  );
  return { promise, ...settle };
}
