import type { Job } from '../jobs';
import { button, el, fill, setAttribute, setText } from './dom';
import { bytes, counted } from './text';

/** A job: what is done, a bar, how far it is, Cancel; and how it has ended. */
export class JobView {
  readonly node: HTMLElement;

  constructor(
    readonly job: Job,
    onDismiss: (job: Job) => void
  ) {
    this._cancel = button(
      'Cancel',
      () => {
        this._cancel.disabled = true;
        job.cancel();
      },
      { 'aria-label': `Cancel: ${job.title}` }
    );
    this._dismiss = button('Dismiss', () => onDismiss(job), {
      'aria-label': `Dismiss: ${job.title}`
    });
    this._bar.setAttribute('aria-label', job.title);
    this.node = el(
      'div',
      { class: 'jp-FrozenPanel-job', role: 'group', 'aria-label': job.title },
      el(
        'div',
        { class: 'jp-FrozenPanel-jobText' },
        this._status,
        this._cancel,
        this._dismiss
      ),
      this._bar,
      this._amount,
      this._dangerous,
      this._details
    );
    job.changed.connect(this._draw, this);
    this._draw();
  }

  dispose(): void {
    this.job.changed.disconnect(this._draw, this);
    this.node.remove();
  }

  private _draw(): void {
    const { job } = this;
    const { state, text, amount } = job;
    this.node.dataset.state = state;
    setText(this._status, spoken(job));
    this._cancel.hidden = job.isOver;
    this._dismiss.hidden = !job.isOver;
    this._bar.hidden = this._amount.hidden = state !== 'running';
    const total = amount?.totalBytes ?? 0;
    setAttribute(
      this._bar,
      'value',
      total > 0 ? Math.min(amount!.bytes / total, 1) : null
    );
    setText(this._amount, shownAmount(job));
    fill(
      this._dangerous,
      ...job.dangerous.map(({ path, why }) =>
        el('li', {}, el('code', {}, path), ` ${why}`)
      )
    );
    this._dangerous.hidden = job.dangerous.length === 0;
    this._details.hidden = state !== 'failed' || !job.details || job.details === text;
    fill(
      this._details,
      el('summary', {}, 'Details'),
      el('pre', { tabindex: '0', 'aria-label': 'Details' }, job.details)
    );
  }

  private readonly _status = el('span', { role: 'status' });
  private readonly _bar = el('progress', { max: '1' });
  private readonly _amount = el('div', { class: 'jp-FrozenPanel-amount' });
  private readonly _dangerous = el('ul', { class: 'jp-FrozenPanel-dangerous' });
  private readonly _details = el('details', {});
  private readonly _cancel: HTMLButtonElement;
  private readonly _dismiss: HTMLButtonElement;
}

/** What is read aloud: no numbers, as they change all the time. */
function spoken({ title, state, text }: Job): string {
  if (state === 'running') return `${title} …`;
  return text ? `${title}: ${text}` : `${title}: done`;
}

function shownAmount({ amount, timeLeft }: Job): string {
  if (!amount) return '';
  const { bytes: done, totalBytes, files, totalFiles } = amount;
  return [
    totalBytes > 0 ? `${bytes(done)} of ${bytes(totalBytes)}` : bytes(done),
    totalFiles > 0 ? `${files} of ${counted(totalFiles, 'file')}` : '',
    timeLeft === null ? '' : `${duration(timeLeft)} left`
  ]
    .filter(part => part)
    .join(', ');
}

/** Seconds as people say them. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.ceil(whole / 60)} min`;
}
