import { type ISignal, Signal } from '@lumino/signaling';

import type { IAmount } from '../actions';
import { DangerousError, isCancel, LinkError } from './error';
import type { IDangerousRow, ILink, IWork } from './types';

/** What becomes of a job: the first two go on, the others are the end of it. */
export type JobState = 'waiting' | 'running' | 'done' | 'cancelled' | 'failed';

/** Where a job is done: by the page, or by the kernel, which waits while a cell runs. */
export type Where = 'page' | 'kernel';

/** What takes a while and can be cancelled. */
export class Job {
  /** Emitted when anything of it changes. */
  readonly changed: ISignal<this, void>;

  /** Aborted by Cancel. */
  readonly signal: AbortSignal;

  constructor(
    readonly id: number,
    /** What is done, such as `Freezing course.blob`. */
    readonly title: string,
    readonly where: Where
  ) {
    this.changed = this._changed;
    this.signal = this._controller.signal;
  }

  get state(): JobState {
    return this._state;
  }

  /** How far it is; null before that is known. */
  get amount(): IAmount | null {
    return this._amount;
  }

  /** What it waits for, how it ended, or what went wrong. */
  get text(): string {
    return this._text;
  }

  /** What else is known of what went wrong: a traceback. */
  get details(): string {
    return this._details;
  }

  /** Files that Python runs by itself, when they are why it failed. */
  get dangerous(): readonly IDangerousRow[] {
    return this._dangerous;
  }

  /** Seconds that it takes until its end at the pace so far; null when that cannot be said yet. */
  get timeLeft(): number | null {
    if (this._state !== 'running' || !this._amount || this._began === null) return null;
    const { bytes, totalBytes } = this._amount;
    const elapsed = (Date.now() - this._began) / 1000;
    if (bytes <= 0 || totalBytes <= 0 || elapsed < LEAST) return null;
    return (elapsed * Math.max(0, totalBytes - bytes)) / bytes;
  }

  get isOver(): boolean {
    return this._state !== 'waiting' && this._state !== 'running';
  }

  cancel(): void {
    if (!this.isOver) this._controller.abort();
  }

  /** Tell what becomes of it. */
  set(state: JobState, text = '', error?: unknown): void {
    if (this._state === state && this._text === text) return;
    this._state = state;
    this._text = text;
    if (error instanceof LinkError) this._details = error.details;
    else if (error instanceof Error) this._details = error.stack ?? '';
    if (error instanceof LinkError || error instanceof DangerousError) {
      this._dangerous = error.dangerous;
    }
    this._changed.emit();
  }

  /** Tell how far it is. */
  progress(amount: IAmount): void {
    if (this.isOver) return;
    this._began ??= Date.now();
    this._amount = amount;
    if (this._state === 'waiting') this.set('running');
    else this._changed.emit();
  }

  private readonly _controller = new AbortController();
  private readonly _changed = new Signal<this, void>(this);
  private _state: JobState = 'running';
  private _amount: IAmount | null = null;
  private _text = '';
  private _details = '';
  private _dangerous: readonly IDangerousRow[] = [];
  private _began: number | null = null;
}

/** For so long nothing is said of the time that is left, in seconds. */
const LEAST = 1;

/** Said of what the kernel is to do while it does something else. */
export const WAITS = 'Waits until the running cell has ended';

/** So many jobs that have ended are remembered. */
const KEPT = 20;

/** What is under way, and how it ended. */
export class Jobs {
  /** Emitted when a job was added or removed. */
  readonly changed: ISignal<this, void>;

  constructor(private readonly link: ILink | null = null) {
    this.changed = this._changed;
  }

  /** The oldest first. */
  get list(): readonly Job[] {
    return this._list;
  }

  /**
   * Do something as a job.
   *
   * @param title - What is done, for people.
   * @param where - A job of the kernel's waits while a cell runs, and says so.
   * @param work - Is given what it has to heed; what it answers is answered.
   * @param end - What is said when it is done.
   *
   * @throws what `work` throws; the job says it too.
   */
  async run<T>(
    title: string,
    where: Where,
    work: (how: Required<IWork>, job: Job) => Promise<T>,
    end: (value: T) => string = () => ''
  ): Promise<T> {
    const job = new Job(this._next++, title, where);
    this._add(job);
    const follow = () => {
      if (where !== 'kernel' || job.isOver || job.amount) return;
      if (this.link?.state === 'busy') job.set('waiting', WAITS);
      else job.set('running');
    };
    this.link?.changed.connect(follow);
    follow();
    try {
      const onProgress = (amount: IAmount) => job.progress(amount);
      const value = await work({ signal: job.signal, onProgress }, job);
      job.set('done', end(value));
      return value;
    } catch (error) {
      if (job.signal.aborted || isCancel(error)) job.set('cancelled', 'Cancelled');
      else job.set('failed', messageOf(error), error);
      throw error;
    } finally {
      this.link?.changed.disconnect(follow);
    }
  }

  /** Take a job that has ended off the list. */
  dismiss(job: Job): void {
    const at = this._list.indexOf(job);
    if (at < 0 || !job.isOver) return;
    this._list.splice(at, 1);
    this._changed.emit();
  }

  private _add(job: Job): void {
    this._list.push(job);
    const over = this._list.filter(({ isOver }) => isOver);
    if (over.length > KEPT) this._list.splice(this._list.indexOf(over[0]), 1);
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _list: Job[] = [];
  private _next = 1;
}

/** What an error says to people. */
export function messageOf(error: unknown): string {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : String(error);
}
