/** The worker that decodes cannot be had; nothing is said about the snapshot. */
export class NoDecoderError extends Error {
  override name = 'NoDecoderError';
}

/** A worker that starts, in which `serveDecoder` will run. */
export interface IDecoderWorker {
  worker: Worker;
  /** Resolved with the reason when it does not start. */
  failure: Promise<string>;
}

/**
 * Start one.
 *
 * @throws NoDecoderError when a Content-Security-Policy forbids it.
 */
export function startDecoderWorker(start: () => Worker): IDecoderWorker {
  let worker: Worker;
  try {
    worker = start();
  } catch (error) {
    throw new NoDecoderError(String(error));
  }
  const failure = new Promise<string>(resolve =>
    worker.addEventListener('error', ({ message }) =>
      resolve(message || 'the browser does not start its worker')
    )
  );
  return { worker, failure };
}
