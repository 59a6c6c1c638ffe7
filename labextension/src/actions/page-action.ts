import {
  CHANNEL,
  type IActionModel,
  type IAmount,
  type KernelMessage,
  type PageMessage,
  type Task
} from './messages';

/** Whoever draws an action. */
export interface IActionView {
  state(model: IActionModel): void;
  amount(amount: IAmount): void;
  /** No kernel answers: what the output says has ended without telling how. */
  lost(): void;
}

/** What a page can do for a kernel. */
export type DoTask = (task: Task) => Promise<unknown>;

/** How long a kernel may take to answer, in milliseconds; one that works gives way at least every fraction of this. */
const PATIENCE = 10_000;

/** An action of a kernel, as seen from an output on a page. */
export class PageAction {
  /**
   * @param id - the action's
   * @param view - is told what the kernel says
   * @param doTask - does what only a page can
   */
  constructor(
    readonly id: string,
    view: IActionView,
    doTask: DoTask
  ) {
    this._channel.onmessage = ({ data }: MessageEvent<KernelMessage>) => {
      if (data?.id !== id) return;
      clearTimeout(this._timer);
      switch (data.kind) {
        case 'state':
          view.state(data.model);
          break;
        case 'progress':
          view.amount(data.amount);
          break;
        case 'ask':
          this._tell({ id, kind: 'offer', page: this._page });
          break;
        case 'do':
          if (data.page === this._page) void this._do(data.task, doTask);
          break;
      }
    };
    this._timer = setTimeout(() => view.lost(), PATIENCE);
    this._tell({ id, kind: 'hello' });
  }

  cancel(): void {
    this._tell({ id: this.id, kind: 'cancel' });
  }

  file(file: File): void {
    this._tell({ id: this.id, kind: 'file', file });
  }

  dispose(): void {
    clearTimeout(this._timer);
    this._channel.close();
  }

  private async _do(task: Task, doTask: DoTask): Promise<void> {
    const { id, _page: page } = this;
    try {
      this._tell({ id, kind: 'answer', page, value: await doTask(task) });
    } catch (error) {
      this._tell({ id, kind: 'answer', page, error: String(error) });
    }
  }

  private _tell(message: PageMessage): void {
    this._channel.postMessage(message);
  }

  private readonly _channel = new BroadcastChannel(CHANNEL);
  private readonly _page = crypto.getRandomValues(new Uint32Array(2)).join('-');
  private readonly _timer: ReturnType<typeof setTimeout>;
}
