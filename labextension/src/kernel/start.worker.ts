/**
 * What a kernel's worker does first. It is small, and so begins to fetch and to compile what a start needs while the
 * program of the kernel is still on its way.
 */
import { beginStart } from '../runtime/begin';
import type { IStartRequest } from './messages';

/** What the page has said meanwhile. */
const held: MessageEvent<unknown>[] = [];

addEventListener('message', hold);

function hold(event: MessageEvent<Partial<IStartRequest> | null>): void {
  event.stopImmediatePropagation();
  held.push(event);
  const request = event.data?._frozenStart;
  if (request) void begin(request);
}

async function begin(request: IStartRequest['_frozenStart']): Promise<void> {
  const { environment, compiled, decoderUrl, kept, kernelUrl } = request;
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
  removeEventListener('message', hold);
  for (const { data } of held) dispatchEvent(new MessageEvent('message', { data }));
}
