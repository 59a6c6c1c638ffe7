/**
 * What a kernel's worker does first. It is small, and so begins to fetch and to compile what a start needs while the
 * program of the kernel is still on its way.
 */
import { beginStart } from '../runtime/begin';
import { deferred } from '../runtime/snapshot/deferred';
import type { IGoOn, IStartRequest } from './messages';

/** What the page has said meanwhile. */
const held: MessageEvent<unknown>[] = [];

/** Settled when the start may go on. */
const goOn = deferred<void>();

addEventListener('message', hold);

function hold(event: MessageEvent<Partial<IStartRequest & IGoOn> | null>): void {
  event.stopImmediatePropagation();
  if (event.data?._frozenGoOn) return goOn.resolve();
  held.push(event);
  const request = event.data?._frozenStart;
  if (request) void begin(request);
}

async function begin(request: IStartRequest['_frozenStart']): Promise<void> {
  const { environment, compiled, decoderUrl, kept, kernelUrl, prepare } = request;
  if (!prepare) goOn.resolve();
  request.begun = beginStart({
    ...environment,
    compiled,
    kept,
    startDecoder: () => new Worker(decoderUrl, { type: 'module' })
  });
  try {
    await import(kernelUrl);
  } catch (error) {
    reportError(error); // the page is told that the worker does not start
    return;
  }
  await goOn.promise;
  removeEventListener('message', hold);
  for (const { data } of held) dispatchEvent(new MessageEvent('message', { data }));
}
