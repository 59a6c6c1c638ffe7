import type { Job } from '../jobs';
import { el } from './dom';
import { JobView } from './job-view';
import { type IContext, Part } from './part';

/** Jobs whose place is not shown any more, or that another view of the panel has begun. */
export class OtherJobs extends Part {
  readonly node = el('div', { class: 'jp-FrozenPanel-others' });

  constructor(context: IContext) {
    super(context);
    context.model.jobs.changed.connect(this._draw, this);
    context.places.changed.connect(this._draw, this);
    this._draw();
  }

  override dispose(): void {
    for (const view of this._views.values()) view.dispose();
    super.dispose();
  }

  private _draw(): void {
    // A job that begins is told before its place shows it.
    queueMicrotask(() => this._sync());
  }

  private _sync(): void {
    const { places } = this.context;
    const { jobs } = this.model;
    const shown = new Set(jobs.list.filter(job => !places.has(job)));
    for (const [job, view] of this._views) {
      if (shown.has(job)) continue;
      view.dispose();
      this._views.delete(job);
    }
    for (const job of shown) {
      if (this._views.has(job) || job.isOver) continue;
      const view = new JobView(job, over => jobs.dismiss(over));
      this._views.set(job, view);
      this.node.append(view.node);
    }
  }

  private readonly _views = new Map<Job, JobView>();
}
