import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { messageOf, Jobs } from './jobs';
import { mountsOf } from './mounted';
import type { Outline } from './outline';
import type { IImageRow, IImages, ILink, IMountRow, IRoom } from './types';

/** The parts of the panel of which one is shown. */
export type Tab = 'inside' | 'changes' | 'freeze' | 'room';

/** What is synchronised with the traits of the same names of the Python widget. */
export interface IShared {
  /** Key of the image that is looked at. */
  selected: string | null;
  tab: Tab;
  /** Absolute path of the entry that is looked at, inside of the image. */
  path: string;
  /** What is searched for. */
  query: string;
  /** On a native kernel: the folder whose images are listed. */
  folder: string;
}

/** What is known of the inside of the selected image. */
export type Inside =
  | { state: 'none' }
  | { state: 'loading'; image: IImageRow }
  | { state: 'ready'; image: IImageRow; outline: Outline }
  | { state: 'failed'; image: IImageRow; text: string };

/** What the panel shows, and what its views share. */
export class PanelModel implements IDisposable {
  readonly images: IImages;
  readonly link: ILink;
  readonly jobs: Jobs;

  /** Emitted when `rows`, or why there are none, change. */
  readonly rowsChanged: ISignal<this, void>;

  /** Emitted when `mounts` change. */
  readonly mountsChanged: ISignal<this, void>;

  /** Emitted when `room` changes. */
  readonly roomChanged: ISignal<this, void>;

  /** Emitted with what of `shared` has changed. */
  readonly sharedChanged: ISignal<this, Partial<IShared>>;

  /** Emitted when `inside` changes. */
  readonly insideChanged: ISignal<this, void>;

  constructor({ images, link, shared = {} }: PanelModel.IOptions) {
    this.images = images;
    this.link = link;
    this.jobs = new Jobs(link);
    this._shared = { ...BEGINNING, ...shared };
    this.rowsChanged = this._rowsChanged;
    this.mountsChanged = this._mountsChanged;
    this.roomChanged = this._roomChanged;
    this.sharedChanged = this._sharedChanged;
    this.insideChanged = this._insideChanged;
    if (images.folder !== undefined) images.folder = this._shared.folder;
    images.changed.connect(this._onImages, this);
    link.changed.connect(this._onLink, this);
    link.events.connect(this._onEvent, this);
    link.connect();
    void this.refresh();
  }

  /** All images, in the order in which they are shown; empty until they are known. */
  get rows(): readonly IImageRow[] {
    return this._rows;
  }

  /** Whether `rows` are known. */
  get isListed(): boolean {
    return this._listed;
  }

  /** Why the images, or some of them, cannot be listed; null when they can. */
  get problem(): string | null {
    return this._problem ?? this.images.problem ?? null;
  }

  /** What is mounted in the kernel; null until it has told. */
  get mounts(): readonly IMountRow[] | null {
    return this._mounts;
  }

  /** What takes room, as it was when somebody last looked; null before that. */
  get room(): IRoom | null {
    return this._room;
  }

  get shared(): Readonly<IShared> {
    return this._shared;
  }

  /** Key of the selected image. */
  get selected(): string | null {
    return this._shared.selected;
  }

  get tab(): Tab {
    return this._shared.tab;
  }

  get path(): string {
    return this._shared.path;
  }

  get query(): string {
    return this._shared.query;
  }

  /** The inside of the selected image. */
  get inside(): Inside {
    return this._inside;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  /** The image of a key, when it is listed. */
  row(key: string | null): IImageRow | undefined {
    return this._rows.find(row => row.key === key);
  }

  /** Where an image is mounted. */
  mountsOf(image: IImageRow): readonly IMountRow[] {
    return mountsOf(image, this._mounts ?? []);
  }

  /** Change what is shared: what is the same stays. */
  share(change: Partial<IShared>): void {
    const real = Object.fromEntries(
      Object.entries(change).filter(
        ([key, value]) =>
          value !== undefined && this._shared[key as keyof IShared] !== value
      )
    ) as Partial<IShared>;
    if (Object.keys(real).length === 0) return;
    this._shared = { ...this._shared, ...real };
    if (real.folder !== undefined && this.images.folder !== undefined) {
      this.images.folder = real.folder;
    }
    this._sharedChanged.emit(real);
    if ('selected' in real) this._open();
  }

  /** Look at an image, from its root on. */
  select(key: string | null): void {
    if (key !== this._shared.selected) {
      this.share({ selected: key, path: '/', query: '' });
    }
  }

  /** Ask again which images there are; until the newest answer is there, also where somebody has asked in between. */
  async refresh(): Promise<void> {
    let asking = (this._asking = this._ask());
    await asking;
    while (asking !== this._asking) await (asking = this._asking);
  }

  /** Look inside the selected image again, after that has failed. */
  reopen(): void {
    this._inside = { state: 'none' };
    this._open();
  }

  dispose(): void {
    if (this._disposed) return;
    this._disposed = true;
    this._opening?.abort();
    for (const job of this.jobs.list) job.cancel();
    Signal.clearData(this);
  }

  /** Find out what takes room, which is work. */
  async measureRoom(): Promise<IRoom> {
    this._room = await this.images.room();
    if (!this._disposed) this._roomChanged.emit();
    return this._room;
  }

  private async _ask(): Promise<void> {
    const asked = ++this._asked;
    try {
      const rows = await this.images.list();
      if (asked !== this._asked || this._disposed) return;
      this._rows = rows;
      this._problem = null;
    } catch (error) {
      if (asked !== this._asked || this._disposed) return;
      this._problem = messageOf(error);
    }
    this._listed = true;
    this._rowsChanged.emit();
    this._open();
  }

  /** Open what is selected, unless it is open, or is just being opened. */
  private _open(): void {
    const image = this.row(this._shared.selected);
    const { _inside: inside } = this;
    if (image && inside.state !== 'none' && isSame(inside.image, image)) {
      this._inside = { ...inside, image };
      return;
    }
    this._opening?.abort();
    if (!image) {
      if (inside.state === 'none') return;
      this._inside = { state: 'none' };
      this._insideChanged.emit();
      return;
    }
    const opening = (this._opening = new AbortController());
    const tell = (told: Inside) => {
      if (opening.signal.aborted) return;
      this._inside = told;
      this._insideChanged.emit();
    };
    tell({ state: 'loading', image });
    this.images.outline(image, opening.signal).then(
      outline => tell({ state: 'ready', image, outline }),
      (error: unknown) => tell({ state: 'failed', image, text: messageOf(error) })
    );
  }

  private async _askMounts(): Promise<void> {
    if (this.link.kernel === null || this.link.kernel.native) return;
    try {
      const mounts = await this.link.request<IMountRow[]>('mounts', {});
      if (!this._disposed) this._setMounts(mounts);
    } catch {
      // The link says what is the matter with the kernel.
    }
  }

  private _setMounts(mounts: readonly IMountRow[] | null): void {
    this._mounts = mounts;
    this._mountsChanged.emit();
  }

  private _onImages(): void {
    void this.refresh();
  }

  private _onLink(): void {
    const { kernel } = this.link;
    if (kernel === this._kernel) return;
    this._kernel = kernel;
    if (this._mounts) this._setMounts(null);
    if (kernel) void this._askMounts();
  }

  private _onEvent(_: ILink, { what, value }: { what: string; value: unknown }): void {
    if (what === 'mounts') this._setMounts(value as IMountRow[]);
  }

  private readonly _rowsChanged = new Signal<this, void>(this);
  private readonly _mountsChanged = new Signal<this, void>(this);
  private readonly _roomChanged = new Signal<this, void>(this);
  private readonly _sharedChanged = new Signal<this, Partial<IShared>>(this);
  private readonly _insideChanged = new Signal<this, void>(this);
  private _shared: IShared;
  private _rows: readonly IImageRow[] = [];
  private _listed = false;
  private _problem: string | null = null;
  private _mounts: readonly IMountRow[] | null = null;
  private _room: IRoom | null = null;
  private _kernel: ILink['kernel'] = null;
  private _inside: Inside = { state: 'none' };
  private _opening: AbortController | null = null;
  private _asked = 0;
  private _asking: Promise<void> = Promise.resolve();
  private _disposed = false;
}

const BEGINNING: IShared = {
  selected: null,
  tab: 'inside',
  path: '/',
  query: '',
  folder: ''
};

/** Whether two rows are of one image with the same bytes. */
function isSame(a: IImageRow, b: IImageRow): boolean {
  return (
    a.key === b.key &&
    a.size === b.size &&
    a.created === b.created &&
    a.baseName === b.baseName &&
    (a.sha256 === b.sha256 || a.sha256 === null || b.sha256 === null)
  );
}

export namespace PanelModel {
  /** What a panel is made of. */
  export interface IOptions {
    images: IImages;
    link: ILink;
    /** What was shown when the panel was saved. */
    shared?: Partial<IShared>;
  }
}
