import { SourceError } from './base';
import type { IAnswer } from './http-answer';
import { judge } from './http-answer';
import { isOffline } from './offline';

/** How often a request is repeated; there is no way to wait in between. */
const RETRIES = 2;

/** What a synchronous request brought. */
export interface ISyncAnswer {
  bytes: Uint8Array;

  /** Set when the bytes are the whole file, not the range. */
  whole?: { reason: string };
}

/** Whether this thread may wait for a request: workers may, pages may not. */
export function canWait(): boolean {
  return typeof XMLHttpRequest !== 'undefined' && typeof document === 'undefined';
}

/** Fetch the bytes `[start, end)`, or else the whole file, blocking this worker. */
export function fetchSync(
  url: string,
  start: number,
  end: number,
  size: number
): ISyncAnswer {
  let fault = '';
  for (let attempt = 0; attempt <= RETRIES; attempt++) {
    const xhr = send(url, `bytes=${start}-${end - 1}`);
    if (typeof xhr === 'string') {
      fault = xhr;
      if (isOffline()) break;
      continue;
    }
    const verdict = judge(url, answerOf(xhr), start, end, size);
    if (verdict === 'range') {
      const bytes = new Uint8Array(xhr.response as ArrayBuffer);
      if (bytes.length === end - start) return { bytes };
      fault = `expected ${end - start} bytes, found ${bytes.length}`;
    } else if (verdict === 'whole') {
      return wholeOf(url, xhr, size, 'the host does not send ranges');
    } else if (verdict === 'encoded') {
      fault = 'the host sends ranges with a Content-Encoding';
      break;
    } else {
      fault = `the host answered ${xhr.status}`;
    }
  }
  // A range that comes encoded looks like a broken line: a plain request tells.
  const xhr = send(url);
  if (typeof xhr !== 'string' && xhr.status === 200) {
    return wholeOf(url, xhr, size, `ranges fail (${fault.replace(/\.$/, '')})`);
  }
  throw new SourceError(
    isOffline()
      ? `${url}: cannot be fetched, the browser is offline and has not kept it (${fault}). Connect to the network, ` +
          'then try again.'
      : `${url}: cannot be fetched (${fault}). Check the network connection, then try again.`
  );
}

function wholeOf(
  url: string,
  xhr: XMLHttpRequest,
  size: number,
  reason: string
): ISyncAnswer {
  const bytes = new Uint8Array(xhr.response as ArrayBuffer);
  if (bytes.length !== size) {
    throw new SourceError(
      `${url}: expected ${size} bytes, found ${bytes.length}. The site was rebuilt: reload the page.`
    );
  }
  return { bytes, whole: { reason } };
}

/** The answer, or why there is none. */
function send(url: string, range?: string): XMLHttpRequest | string {
  const xhr = new XMLHttpRequest();
  xhr.open('GET', url, false);
  xhr.responseType = 'arraybuffer';
  if (range) xhr.setRequestHeader('Range', range);
  try {
    xhr.send();
  } catch (error) {
    return (error as Error).message;
  }
  return xhr.response ? xhr : `the host answered ${xhr.status} without a body`;
}

function answerOf(xhr: XMLHttpRequest): IAnswer {
  return {
    status: xhr.status,
    statusText: xhr.statusText,
    header: name => xhr.getResponseHeader(name)
  };
}
