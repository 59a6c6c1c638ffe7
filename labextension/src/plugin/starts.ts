import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { FrozenKernel } from '../kernel/kernel';
import type { IFailure } from '../kernel/messages';
import type { IProgress } from '../runtime/progress';

/** A kernel that is starting, or whose start or run has failed. */
export interface IStart {
  /** The kernel's id. */
  readonly id: string;
  /** The environment's display name. */
  readonly title: string;
  /** What the start is doing; null before its worker has said so. */
  readonly progress: IProgress | null;
  /** What whoever waits should know; null when there is nothing. */
  readonly warning: string | null;
  readonly failure: IFailure | null;
}

/** The frozen kernels of this page that are not ready. */
export interface IFrozenStarts {
  /** In the order in which they began. */
  readonly current: readonly IStart[];
  /** Emitted when `current` or something in it has changed. */
  readonly changed: ISignal<IFrozenStarts, void>;
}

export const IFrozenStarts = new Token<IFrozenStarts>(
  'jupyter-frozenfs:IFrozenStarts',
  'The kernels of frozen environments that are starting or have failed.'
);

/** The part of a kernel that is watched. */
type Watched = Pick<
  FrozenKernel,
  'id' | 'environment' | 'progress' | 'warned' | 'failed' | 'disposed'
>;

export class FrozenStarts implements IFrozenStarts {
  get current(): readonly IStart[] {
    return [...this._starts.values()];
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Watch a kernel from its start to its end. */
  watch(kernel: Watched): void {
    const { id, environment } = kernel;
    this._starts.delete(id); // a restart keeps the id
    let start: IStart = {
      id,
      title: environment.displayName,
      progress: null,
      warning: null,
      failure: null
    };
    const put = (change: Partial<IStart>) => {
      start = { ...start, ...change };
      this._starts.set(id, start);
      this._changed.emit();
    };
    const remove = () => {
      if (this._starts.get(id) === start) {
        this._starts.delete(id);
        this._changed.emit();
      }
    };
    kernel.progress.connect((_, progress) => {
      if (progress.step === 'ready') remove();
      else if (!start.failure) put({ progress });
    });
    kernel.warned.connect((_, warning) => {
      // Of a kernel that runs, the log tells.
      if (this._starts.get(id) === start) put({ warning });
    });
    kernel.failed.connect((_, failure) => put({ failure }));
    kernel.disposed.connect(remove);
    put({});
  }

  private readonly _starts = new Map<string, IStart>();
  private readonly _changed = new Signal<this, void>(this);
}
