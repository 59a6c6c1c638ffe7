import type { IStart } from './starts';

/** What is shown of the kernels that start: one line, the particulars, and how far the first of them is. */
export interface IShown {
  /** A step of a start, without numbers: read aloud, so it changes seldom. */
  step: string;
  /** The bytes of this step, e.g. `8.2 of 16.1 MB`; empty when it moves none. */
  amount: string;
  /** Between 0 and 1; null when it cannot be known. */
  fraction: number | null;
  /** More than fits into a line. */
  tooltip: string;
  failed: boolean;
}

/** Choose what to show: a failure stays until its kernel is gone, so a start goes before it. */
export function shown(starts: readonly IStart[]): IShown | null {
  const start = starts.findLast(({ failure }) => !failure) ?? starts.at(-1);
  if (!start) return null;
  const { title, progress, warning, failure } = start;
  if (failure) {
    return {
      step: failure.headline,
      amount: '',
      fraction: null,
      tooltip: failure.summary,
      failed: true
    };
  }
  const others = starts.length - 1;
  const step =
    `${title}: ${progress?.label ?? 'Starting'}` +
    (others > 0 ? ` (and ${others} more)` : '') +
    (warning ? `. ${warning}` : '');
  const { done, total } = progress ?? {};
  const known = done !== undefined && total !== undefined && total > 0;
  const amount = known ? `${megabytes(done)} of ${megabytes(total)} MB` : '';
  return {
    step,
    amount,
    fraction: known ? Math.min(done / total, 1) : null,
    tooltip: `The kernel is starting. ${step} ${amount}`.trim(),
    failed: false
  };
}

/** Bytes as megabytes of a million, with the same number of decimals throughout so that the text does not jump. */
function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
