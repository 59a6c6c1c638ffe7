import { fetchManifest } from '../runtime/manifest';
import { answered, SourceError } from '../source';
import type { IOrigin } from './origin';

/** How much of a file of this computer is in memory at once, in bytes. */
const PIECE = 4 * 2 ** 20;

/** The file of an image, piece by piece. */
export interface IFilePieces {
  /** In bytes; 0 when the host does not say. */
  size: number;
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/**
 * All of the file of an image, from its first byte to its last; what is elsewhere comes by plain requests, which browsers keep
 * and every host answers.
 */
export async function filePieces(
  { from }: IOrigin,
  signal?: AbortSignal
): Promise<IFilePieces> {
  if ('blob' in from) return { size: from.blob.size, pieces: slices(from.blob) };
  if ('address' in from) {
    const response = await get(from.address, signal);
    const size = Number(response.headers.get('content-length') ?? 0);
    return { size, pieces: bodyOf(response) };
  }
  const { environment } = from;
  const { parts, size } = (await fetchManifest(environment)).image;
  const urls = parts.map(({ file }) => new URL(file, environment).href);
  return { size, pieces: inOrder(urls, signal) };
}

async function* slices(blob: Blob): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < blob.size; at += PIECE) {
    yield new Uint8Array(await answered(blob.slice(at, at + PIECE).arrayBuffer()));
  }
}

async function* inOrder(
  urls: readonly string[],
  signal?: AbortSignal
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const url of urls) yield* bodyOf(await get(url, signal));
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body!.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Who asked may have stopped in the middle.
    await reader.cancel().catch(() => undefined);
  }
}

async function get(url: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw new SourceError(
      `${url} did not answer (${String(error)}). Check the network and the address, then try again.`,
      { cause: error }
    );
  }
  if (response.ok) return response;
  throw new SourceError(
    `${url} answered ${response.status} ${response.statusText}. The site may have been rebuilt: reload the page.`
  );
}
