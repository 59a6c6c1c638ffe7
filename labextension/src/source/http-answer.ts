import { SourceError } from './base';

/** The parts of an answer that `fetch` and `XMLHttpRequest` both have. */
export interface IAnswer {
  readonly status: number;
  readonly statusText: string;
  header(name: string): string | null;
}

/** What to do with an answer to a request for a range. */
export type Verdict =
  /** Its body is the range. */
  | 'range'
  /** Its body is the whole file. */
  | 'whole'
  /** The range came encoded, which cannot be undone: the file must be fetched whole. */
  | 'encoded'
  /** The host is busy: ask again later. */
  | 'later';

/**
 * Judge an answer to a request for the bytes `[start, end)` of a file of `size` bytes.
 *
 * @param size - `null` when it is not known yet.
 * @throws SourceError when asking again would not help.
 */
export function judge(
  url: string,
  answer: IAnswer,
  start: number,
  end: number,
  size: number | null
): Verdict {
  const { status } = answer;
  if (status === 206) {
    // A page on another origin may not see this header: then it cannot be checked.
    const range = answer.header('content-range');
    if (range !== null) checkContentRange(url, range, start, end, size);
    return isEncoded(answer) ? 'encoded' : 'range';
  }
  if (status === 200) {
    const length = plainLength(answer);
    if (length !== null && size !== null && length !== size) {
      throw rebuilt(url, size, length);
    }
    return 'whole';
  }
  if (status === 416) {
    throw new SourceError(
      `${url}: expected bytes ${start}-${end - 1} of ${size ?? 'the file'}, but the host says that they are not there. ` +
        'The site was rebuilt: reload the page.'
    );
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return 'later';
  }
  throw new SourceError(
    `${url}: expected the file, the host answered ${status} ${answer.statusText}`.trim() +
      (status === 404 || status === 410
        ? '. The file is not on the site: reload the page, or deploy the site again with its frozen/ folder.'
        : '. Ask who runs the site.')
  );
}

/** Whether the body was encoded for the way, so that its length is not the header's. */
export function isEncoded(answer: IAnswer): boolean {
  const encoding = answer.header('content-encoding');
  return encoding !== null && encoding !== '' && encoding !== 'identity';
}

/** Content-Length, where it is the length of the file. */
export function plainLength(answer: IAnswer): number | null {
  const length = answer.header('content-length');
  return length === null || isEncoded(answer) ? null : Number(length);
}

/** Size of the file as a Content-Range has it. */
export function totalOf(range: string | null): number | null {
  const total = /^bytes \d+-\d+\/(\d+)$/.exec(range ?? '');
  return total ? Number(total[1]) : null;
}

/** The error for a file of another size than its manifest says. */
export function rebuilt(url: string, expected: number, found: number): SourceError {
  return new SourceError(
    `${url}: expected ${expected} bytes, found ${found}. The site was rebuilt: reload the page.`
  );
}

function checkContentRange(
  url: string,
  range: string,
  start: number,
  end: number,
  size: number | null
): void {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range);
  const total = totalOf(range);
  if (total !== null && size !== null && total !== size) {
    throw rebuilt(url, size, total);
  }
  if (!match || Number(match[1]) !== start || Number(match[2]) !== end - 1) {
    throw new SourceError(
      `${url}: expected bytes ${start}-${end - 1}, the host sent "${range}". ` +
        'A proxy or service worker in between is at fault: reload the page without its cache.'
    );
  }
}
