import {
  CHANNEL,
  type IActionModel,
  type IAmount,
  type IPersistence,
  type KernelMessage,
  type PageMessage,
  type Task
} from './messages';

/** How long a page may take to say that it shows an action, in milliseconds; its output may have to be drawn first. */
const PATIENCE = 3000;

/** Amounts are told no more often than this, in milliseconds. */
const INTERVAL = 100;

/** An action of a kernel, as seen from the kernel. */
export class KernelAction {
  /**
   * @param id - as in the action's output
   * @param title - what is done, for people
   */
  constructor(id: string, title: string) {
    this._model = { id, title, state: 'running' };
    this._channel.onmessage = ({ data }: MessageEvent<PageMessage>) => {
      if (data?.id === id) this._hear(data);
    };
  }

  /** Aborted when somebody presses Cancel. */
  get signal(): AbortSignal {
    return this._controller.signal;
  }

  /** Stop the action, as Cancel does. */
  cancel(): void {
    this._controller.abort();
    this._refuseFile?.(this._controller.signal.reason);
  }

  /** Tell how far it is. */
  progress({ files, totalFiles, bytes, totalBytes }: IAmount): void {
    this._amount = { files, totalFiles, bytes, totalBytes };
    const now = Date.now();
    if (now - this._told < INTERVAL) return;
    this._told = now;
    this._tell({ id: this._model.id, kind: 'progress', amount: this._amount });
  }

  /** Tell what becomes of it. */
  state(change: Partial<Omit<IActionModel, 'id'>>): void {
    this._model = { ...this._model, ...change };
    this._tell({ id: this._model.id, kind: 'state', model: this._model });
  }

  /**
   * Have a person choose a file.
   *
   * @throws the signal's reason when they press Cancel instead
   */
  async upload(): Promise<File> {
    const chosen = new Promise<File>((resolve, reject) => {
      this._takeFile = resolve;
      this._refuseFile = reject;
    });
    this.signal.throwIfAborted();
    this.state({ state: 'waiting', upload: true, text: 'Choose a file' });
    try {
      return await chosen;
    } finally {
      this._takeFile = this._refuseFile = null;
      this.state({ state: 'running', upload: false, text: '' });
    }
  }

  /** Have a page hand a file to the browser; false when no page shows this action. */
  async download(name: string, blob: Blob): Promise<boolean> {
    return (await this._do({ what: 'download', name, blob })) === true;
  }

  /** Have a page ask the browser to keep what is stored; null when no page shows this action. */
  async persist(): Promise<IPersistence | null> {
    return (await this._do({ what: 'persist' })) as IPersistence | null;
  }

  /** Talk no more. */
  close(): void {
    this._channel.close();
  }

  /** The first page that offers does the task. */
  private async _do(task: Task): Promise<unknown> {
    const { id } = this._model;
    const page = await new Promise<string | null>(resolve => {
      const timer = setTimeout(() => resolve(null), PATIENCE);
      this._offered = page => {
        clearTimeout(timer);
        resolve(page);
      };
      this._tell({ id, kind: 'ask' });
    });
    if (page === null) return null;
    const answer = new Promise<unknown>((resolve, reject) => {
      this._answered = ({ page: from, value, error }) => {
        if (from !== page) return;
        if (error) reject(new Error(error));
        else resolve(value);
      };
    });
    this._tell({ id, kind: 'do', page, task });
    return answer;
  }

  private _hear(message: PageMessage): void {
    switch (message.kind) {
      case 'hello':
        this._tell({ id: this._model.id, kind: 'state', model: this._model });
        if (this._amount) {
          this._tell({ id: this._model.id, kind: 'progress', amount: this._amount });
        }
        // It was drawn after the question had been asked.
        if (this._offered) this._tell({ id: this._model.id, kind: 'ask' });
        break;
      case 'cancel':
        this.cancel();
        break;
      case 'file':
        this._takeFile?.(message.file);
        break;
      case 'offer':
        this._offered?.(message.page);
        this._offered = null;
        break;
      case 'answer':
        this._answered?.(message);
        break;
    }
  }

  private _tell(message: KernelMessage): void {
    this._channel.postMessage(message);
  }

  private readonly _channel = new BroadcastChannel(CHANNEL);
  private readonly _controller = new AbortController();
  private _model: IActionModel;
  private _amount: IAmount | null = null;
  private _told = 0;
  private _takeFile: ((file: File) => void) | null = null;
  private _refuseFile: ((reason: unknown) => void) | null = null;
  private _offered: ((page: string) => void) | null = null;
  private _answered:
    ((answer: Extract<PageMessage, { kind: 'answer' }>) => void) | null = null;
}
