import { SourceError } from './base';
import type { IAnswer } from './http-answer';
import { isEncoded, judge } from './http-answer';
import { isOffline } from './offline';

/** Waits between attempts, in milliseconds: their number is that of the retries. */
const BACKOFF = [200, 600, 1500, 3000];

/** Why a file has to be fetched whole. */
export interface IWhole {
  reason: string;

  /** An answer whose body is the whole file, when there is one. */
  response?: Response;
}

/** A fault that may pass: a broken connection, a busy host, a body that ended early. */
class PassingFault extends Error {}

/** The line broke, or the browser would not take the answer. */
class BrokenLine extends PassingFault {
  constructor(error: unknown) {
    super(reasonOf(error), { cause: error });
  }
}

/** What the two kinds of download share. */
export interface IDownload {
  url: string;
  size: number | null;
  signal?: AbortSignal;
  onBytes(piece: Uint8Array): void;

  /** Is shown each answer. */
  onAnswer?(answer: IAnswer): void;
}

/**
 * Fetch the bytes `[start, end)` in one request, going on where it broke off.
 *
 * @returns Why the whole file must be fetched instead, when that is so. Some of the range may have
 * been handed out then.
 */
export async function fetchRange(
  download: IDownload,
  start: number,
  end: number
): Promise<IWhole | null> {
  const { url, size, signal } = download;
  let at = start;
  let broken = 0;
  for (let attempt = 0; ; attempt++) {
    try {
      const headers = { Range: `bytes=${at}-${end - 1}` };
      const response = await request(url, { headers, signal });
      const answer = answerOf(response);
      download.onAnswer?.(answer);
      switch (judge(url, answer, at, end, size)) {
        case 'whole':
          return { reason: 'the host does not send ranges', response };
        case 'encoded':
          await response.body?.cancel();
          return { reason: 'the host sends ranges with a Content-Encoding' };
        case 'later':
          throw new PassingFault(`the host answered ${response.status}`);
      }
      await receive(response, end - at, piece => {
        at += piece.length;
        download.onBytes(piece);
      });
      if (at === end) return null;
      throw new PassingFault(
        `expected ${end - start} bytes from ${start}, the answer ended after ${at - start}`
      );
    } catch (error) {
      // Browsers do not tell an encoded range from a broken line. When a range fails twice and a
      // plain request works, it is the range. Without a network, the browser may have kept the whole file.
      const isRange = error instanceof BrokenLine && at === start;
      if (isRange && (++broken > 1 || isOffline())) {
        const response = await works(url, signal);
        if (response) return { reason: `ranges fail (${error.message})`, response };
      }
      await pause(url, error, attempt, signal);
    }
  }
}

/**
 * Fetch a whole file, going on where it broke off.
 *
 * @param response - An answer to begin with.
 * @returns Its size.
 */
export async function fetchWhole(
  download: IDownload,
  response?: Response
): Promise<number> {
  const { url, size, signal } = download;
  let known = 0;
  for (let attempt = 0; ; attempt++) {
    try {
      response ??= await request(url, { signal });
      const answer = answerOf(response);
      if (judge(url, answer, 0, size ?? 0, size) !== 'whole') {
        throw new PassingFault(`the host answered ${response.status}`);
      }
      const length = answer.header('content-length');
      const expected =
        size ?? (length && !isEncoded(answer) ? Number(length) : Infinity);
      let at = 0;
      await receive(response, expected, piece => {
        const fresh = piece.subarray(Math.min(Math.max(known - at, 0), piece.length));
        at += piece.length;
        if (fresh.length > 0) {
          known += fresh.length;
          download.onBytes(fresh);
        }
      });
      if (at === expected || expected === Infinity) return at;
      throw new PassingFault(
        `expected ${expected} bytes, the answer ended after ${at}`
      );
    } catch (error) {
      response = undefined;
      await pause(url, error, attempt, signal);
    }
  }
}

export function answerOf(response: Response): IAnswer {
  return {
    status: response.status,
    statusText: response.statusText,
    header: name => response.headers.get(name)
  };
}

async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    init.signal?.throwIfAborted();
    throw new BrokenLine(error);
  }
}

/** A plain request's answer, when there is a good one. */
async function works(url: string, signal?: AbortSignal): Promise<Response | null> {
  try {
    const response = await request(url, { signal });
    if (response.status === 200) return response;
    await response.body?.cancel();
  } catch {
    signal?.throwIfAborted();
  }
  return null;
}

/** Hand out a body piece by piece; more than `most` bytes are an error. */
async function receive(
  response: Response,
  most: number,
  onBytes: (piece: Uint8Array) => void
): Promise<void> {
  const reader = response.body?.getReader();
  let left = most;
  while (reader) {
    let piece: Uint8Array | undefined;
    try {
      piece = (await reader.read()).value;
    } catch (error) {
      throw error instanceof DOMException && error.name === 'AbortError'
        ? error
        : new BrokenLine(error);
    }
    if (!piece) return;
    if (piece.length > left) {
      await reader.cancel();
      throw new SourceError(
        `${response.url}: expected ${most} bytes, found more. The site was rebuilt: reload the page.`
      );
    }
    left -= piece.length;
    onBytes(piece);
  }
}

/** Wait before the next attempt, or throw what cannot be mended by one. */
async function pause(
  url: string,
  error: unknown,
  attempt: number,
  signal?: AbortSignal
): Promise<void> {
  signal?.throwIfAborted();
  if (!(error instanceof PassingFault)) throw error;
  if (error instanceof BrokenLine && isOffline()) {
    throw new SourceError(
      `${url}: cannot be fetched, the browser is offline and has not kept it (${error.message}). ` +
        'Connect to the network, then try again.',
      { cause: error }
    );
  }
  if (attempt >= BACKOFF.length) {
    throw new SourceError(
      `${url}: cannot be fetched, ${attempt + 1} attempts failed, the last because ${error.message}. ` +
        'Check the network connection, then reload the page.',
      { cause: error }
    );
  }
  await new Promise<void>(resolve => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, BACKOFF[attempt]);
    signal?.addEventListener('abort', done);
  });
  signal?.throwIfAborted();
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error & { cause?: Error };
  return cause?.message ? `${message}: ${cause.message}` : message;
}
