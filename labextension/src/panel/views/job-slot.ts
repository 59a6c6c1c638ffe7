import { Signal } from '@lumino/signaling';

import type { Job, Where } from '../jobs';
import type { PanelModel } from '../model';
import type { IWork } from '../types';
import { el } from './dom';
import { JobView } from './job-view';

/** The jobs of which one panel shows each where it was begun. */
export class Places {
  /** Emitted when a job has got a place, or has lost it. */
  readonly changed = new Signal<this, void>(this);

  has(job: Job): boolean {
    return this._jobs.has(job);
  }

  add(job: Job): void {
    this._jobs.add(job);
    this.changed.emit();
  }

  remove(job: Job): void {
    this._jobs.delete(job);
    this.changed.emit();
  }

  private readonly _jobs = new Set<Job>();
}

/** A place for the last job that was begun there. */
export class JobSlot {
  readonly node = el('div', { class: 'jp-FrozenPanel-slot' });

  constructor(
    private readonly _model: PanelModel,
    private readonly _places: Places
  ) {}

  /**
   * Do something, and show here how far it is.
   *
   * @param title - What is done, for people.
   * @param where - Who does it.
   * @param work - Does it.
   * @param end - What is said when it is done.
   *
   * @returns What it answers; undefined when it was cancelled or has failed, which is told here.
   */
  async run<T>(
    title: string,
    where: Where,
    work: (how: Required<IWork>, job: Job) => Promise<T>,
    end?: (value: T) => string
  ): Promise<T | undefined> {
    try {
      return await this._model.jobs.run(
        title,
        where,
        (how, job) => {
          this._show(job);
          return work(how, job);
        },
        end
      );
    } catch {
      // The job tells it.
      return undefined;
    }
  }

  /** Empty the place. What is under way goes on, and is shown at the end of the panel. */
  clear(): void {
    this._show(null);
  }

  private _show(job: Job | null): void {
    const before = this._view;
    this._view = null;
    if (before) {
      before.dispose();
      if (before.job.isOver) this._model.jobs.dismiss(before.job);
      this._places.remove(before.job);
    }
    if (!job) return;
    this._places.add(job);
    this._view = new JobView(job, () => this.clear());
    this.node.append(this._view.node);
  }

  private _view: JobView | null = null;
}
