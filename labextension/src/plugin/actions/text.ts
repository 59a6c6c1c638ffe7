import type { IActionModel, IAmount } from '../../actions/messages';

/** Seconds of work before a guess of what is left is worth showing. */
const SOON = 2;

/** What is shown of an action that goes on. */
export interface IShownAmount {
  /** Between 0 and 1; null when it cannot be known. */
  fraction: number | null;
  /** E.g. `12.0 of 61.3 MB, 1,204 of 9,113 files, 3 s left`. */
  text: string;
}

/**
 * Say how far an action is.
 *
 * @param amount - what is done
 * @param seconds - how long that took
 */
export function shownAmount(amount: IAmount, seconds: number): IShownAmount {
  const { bytes, totalBytes, files, totalFiles } = amount;
  if (!totalBytes && !totalFiles) return { fraction: null, text: '' };
  const fraction = Math.min(totalBytes ? bytes / totalBytes : files / totalFiles, 1);
  const parts = [`${megabytes(bytes)} of ${megabytes(totalBytes)} MB`];
  if (totalFiles) parts.push(`${count(files)} of ${count(totalFiles)} files`);
  if (seconds >= SOON && fraction > 0 && fraction < 1) {
    parts.push(`${duration((seconds * (1 - fraction)) / fraction)} left`);
  }
  return { fraction, text: parts.join(', ') };
}

/** What is read aloud of an action: it changes seldom, so it holds no numbers. */
export function spoken({ title, state, text }: IActionModel): string {
  if (state === 'running') return `${title} …`;
  return text ? `${title}: ${text}` : title;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function count(files: number): string {
  return files.toLocaleString('en');
}

/** Seconds as people say them. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.ceil(whole / 60)} min`;
}
