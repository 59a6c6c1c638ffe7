import { type ISignal, Signal } from '@lumino/signaling';

import { download } from '../actions/tasks';
import { bytesOf } from './reading';
import { type IOutlineColumns, Outline } from './outline';
import type {
  IChangeRow,
  IImageRow,
  IImages,
  ILink,
  ILinkEvent,
  IRange,
  IRoom,
  IWork,
  Verb
} from './types';

/** How much of a file is asked for at once, in bytes. */
const PIECE = 2 ** 20;

/** The images that a native kernel sees as files: all is asked of it. */
export class DiskImages implements IImages {
  readonly changed: ISignal<this, void>;

  readonly can: ReadonlySet<Verb> = new Set([
    'add',
    'extract',
    'pack',
    'remove',
    'rename',
    'verify'
  ]);

  constructor(private readonly link: ILink) {
    this.changed = this._changed;
    link.changed.connect(this._onLink, this);
    link.events.connect(this._onEvent, this);
  }

  /** The folder whose images are listed; empty for the kernel's current one. */
  get folder(): string {
    return this._folder;
  }

  set folder(folder: string) {
    if (folder === this._folder) return;
    this._folder = folder;
    this._changed.emit();
  }

  async list(): Promise<IImageRow[]> {
    if (this.link.kernel === null) return [];
    const rows = await this.link.request<IImageRow[]>('list', { folder: this._folder });
    const listed = new Set(rows.map(({ key }) => key));
    return [
      ...rows,
      ...[...this._added.values()].filter(({ key }) => !listed.has(key))
    ];
  }

  async add(source: File | string, work: IWork = {}): Promise<IImageRow> {
    if (typeof source !== 'string') {
      throw new Error(
        `${source.name}: this kernel reads files of the computer that it runs on. Upload it in the file browser, then ` +
          'add its path.'
      );
    }
    const rows = await this.link.request<IImageRow[]>('list', { folder: source }, work);
    const row = rows.find(one => pathOf(one).endsWith(`/${baseName(source)}`));
    if (!row || rows.length !== 1) {
      throw new Error(
        `${source} is no image: expected the path of one. The images of a folder are listed when you choose it as folder.`
      );
    }
    this._added.set(row.key, row);
    this._changed.emit();
    return row;
  }

  forget(image: IImageRow): void {
    if (this._added.delete(image.key)) this._changed.emit();
  }

  file(): null {
    return null;
  }

  async outline(image: IImageRow, signal?: AbortSignal): Promise<Outline> {
    const { value, buffers } = await this.link.ask<{ missing?: string | null }>(
      'outline',
      { path: pathOf(image) },
      { signal }
    );
    return Outline.decode(columnsOf(buffers, value.missing ?? null));
  }

  async read(
    image: IImageRow,
    path: string,
    { start, end }: IRange,
    signal?: AbortSignal
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { buffers } = await this.link.ask(
      'read',
      { path: pathOf(image), file: path, start, end },
      { signal }
    );
    return copyOf(buffers[0]);
  }

  async saveFile(
    image: IImageRow,
    path: string,
    { signal, onProgress }: IWork = {}
  ): Promise<void> {
    const outline = await this.outline(image, signal);
    const size = outline.size(outline.find(path));
    const pieces: BlobPart[] = [];
    for (let start = 0; start < size; start += PIECE) {
      const range = { start, end: Math.min(start + PIECE, size) };
      pieces.push(await this.read(image, path, range, signal));
      onProgress?.(bytesOf(range.end, size));
    }
    download(new Blob(pieces), path.slice(path.lastIndexOf('/') + 1));
  }

  compare(older: IImageRow, newer: IImageRow, work: IWork = {}): Promise<IChangeRow[]> {
    const paths = { older: pathOf(older), newer: pathOf(newer) };
    return this.link.request('compare', paths, work);
  }

  async rename(image: IImageRow, name: string): Promise<IImageRow> {
    const row = await this.link.request<IImageRow>('rename', {
      path: pathOf(image),
      name
    });
    if (this._added.delete(image.key)) this._added.set(row.key, row);
    this._changed.emit();
    return row;
  }

  setNote(): Promise<void> {
    return Promise.reject(browserOnly('Notes'));
  }

  async dependents(image: IImageRow): Promise<string[]> {
    const rows = await this.list();
    return rows
      .filter(({ base }) => base !== null && base === image.sha256)
      .map(({ name }) => `${name} is a layer on it.`);
  }

  async remove(image: IImageRow): Promise<void> {
    await this.link.request('remove', { path: pathOf(image) });
    this._added.delete(image.key);
    this._changed.emit();
  }

  export(): Promise<void> {
    return Promise.reject(browserOnly('Exporting'));
  }

  keep(): Promise<IImageRow> {
    return Promise.reject(browserOnly('Keeping images in the browser'));
  }

  async verify(image: IImageRow, work: IWork = {}): Promise<void> {
    await this.link.request('verify', { path: pathOf(image) }, work);
  }

  setAutoload(): Promise<void> {
    return Promise.reject(browserOnly('Thawing an image at each start'));
  }

  room(): Promise<IRoom> {
    return Promise.reject(browserOnly("The browser's room"));
  }

  cleanUp(): Promise<number> {
    return Promise.reject(browserOnly("The browser's room"));
  }

  private _onLink(): void {
    const { kernel } = this.link;
    if (kernel === this._kernel) return;
    this._kernel = kernel;
    this._changed.emit();
  }

  private _onEvent(_: ILink, { what }: ILinkEvent): void {
    if (what !== 'mounts') this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _added = new Map<string, IImageRow>();
  private _folder = '';
  private _kernel: ILink['kernel'] = null;
}

/** The path of an image of a native kernel. */
export function pathOf({ key }: IImageRow): string {
  return key.slice('disk:'.length);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function browserOnly(what: string): Error {
  return new Error(
    `${what} needs a kernel in a browser (JupyterLite): this kernel has files instead.`
  );
}

/** The columns as a kernel sends them, see `IOutlineColumns`; numbers are little endian, as in every browser. */
function columnsOf(
  buffers: readonly DataView[],
  missing: string | null
): IOutlineColumns {
  const [names, parent, kind, size, mode, mtime, targets] = buffers;
  const decoder = new TextDecoder();
  return {
    names: decoder.decode(names),
    parent: new Uint32Array(copyOf(parent).buffer),
    kind: copyOf(kind),
    size: new Float64Array(copyOf(size).buffer),
    mode: new Uint16Array(copyOf(mode).buffer),
    mtime: new Float64Array(copyOf(mtime).buffer),
    targets: decoder.decode(targets),
    missing
  };
}

/** In a buffer of its own, which begins where numbers may. */
function copyOf(view: DataView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
}
