import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';

import { download } from '../actions/tasks';
import { warningOf } from '../fs/dangerous';
import type { IStored } from '../store';
import { AddedImages } from './added-images';
import { chainOf, type IOrigins } from './chains';
import { DangerousError } from './error';
import { messageOf } from './jobs';
import type { IChain, IOrigin } from './origin';
import { Outline } from './outline';
import type { IReading } from './reading';
import { cleanUp, roomOf } from './room';
import { type ISiteEnvironment, SiteImages } from './site-images';
import { StoredImages } from './stored-images';
import type {
  IChangeRow,
  IImageRow,
  IImages,
  IRange,
  IRoom,
  IWork,
  Verb
} from './types';
import { WorkerReading } from './worker-reading';

/** The images that a page can have: of its site, of the browser's store, files of the computer, addresses. */
export class PageImages implements IImages, IDisposable {
  readonly changed: ISignal<this, void>;

  readonly can: ReadonlySet<Verb> = new Set([
    'rename',
    'note',
    'remove',
    'export',
    'verify',
    'autoload',
    'import',
    'room',
    'add'
  ]);

  constructor(private readonly options: PageImages.IOptions) {
    this.changed = this._changed;
    this._worker = options.reading ? null : new WorkerReading(createWorker);
    this._reading = options.reading ?? this._worker!.reading;
    const onChanged = () => this._emit();
    this._site = new SiteImages(options.environments, onChanged);
    const { site, databaseName } = options;
    this._stored = new StoredImages({ site, databaseName }, onChanged);
    this._added = new AddedImages(this._reading, onChanged);
  }

  get problem(): string | null {
    return this._problem;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  async list(): Promise<IImageRow[]> {
    const [site, stored] = await Promise.all([this._site.list(), this._listStored()]);
    const rows = [...site, ...stored, ...this._added.list()].map(row => ({
      ...row,
      ...this._found.get(row.sha256 ?? row.key)
    }));
    const names = new Map(rows.map(({ sha256, name }) => [sha256, name]));
    const listed = rows.map(row => ({
      ...row,
      baseName: row.base === null ? null : (names.get(row.base) ?? null)
    }));
    this._rows = listed;
    return listed;
  }

  async add(source: File | string, work: IWork = {}): Promise<IImageRow> {
    return this._added.add(source, work);
  }

  forget(image: IImageRow): void {
    this._added.forget(image.key);
  }

  file(image: IImageRow): File | null {
    const from = this._added.origin(image.key)?.from;
    return from && 'blob' in from ? (from.blob as File) : null;
  }

  async outline(image: IImageRow, signal?: AbortSignal): Promise<Outline> {
    const chain = await this._chain(image);
    const [columns] = await Promise.all([
      this._reading.outline(chain, { signal }),
      this._learn(image, chain, signal)
    ]);
    return Outline.decode(columns);
  }

  async read(
    image: IImageRow,
    path: string,
    range: IRange,
    signal?: AbortSignal
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this._reading.read(await this._chain(image), path, range, { signal });
  }

  async saveFile(image: IImageRow, path: string, work: IWork = {}): Promise<void> {
    const blob = await this._reading.file(await this._chain(image), path, work);
    download(blob, path.slice(path.lastIndexOf('/') + 1));
  }

  async compare(
    older: IImageRow,
    newer: IImageRow,
    work: IWork = {}
  ): Promise<IChangeRow[]> {
    const [before, after] = await Promise.all([this._chain(older), this._chain(newer)]);
    return this._reading.compare(before, after, work);
  }

  async rename(image: IImageRow, name: string): Promise<IImageRow> {
    const store = await this._stored.open();
    return this._row(await store.rename(image.name, name));
  }

  async setNote(image: IImageRow, note: string): Promise<void> {
    const store = await this._stored.open();
    await store.setNote(image.name, note);
  }

  async dependents(image: IImageRow): Promise<string[]> {
    const rows = await this.list();
    const twins = rows.filter(row => row.sha256 === image.sha256);
    const layers =
      image.sha256 === null || twins.length > 1
        ? []
        : rows.filter(({ base }) => base === image.sha256);
    return [
      ...layers.map(({ name }) => `${name} is a layer on it.`),
      ...image.autoload.map(
        kernelspec => `${this._kernelName(kernelspec)} thaws it at each start.`
      )
    ];
  }

  async remove(image: IImageRow): Promise<void> {
    const store = await this._stored.open();
    await store.delete(image.name);
  }

  async export(image: IImageRow, work: IWork = {}): Promise<void> {
    if (image.place === 'store') {
      await this.verify(image, work);
      const { blob } = await (await this._stored.open()).get(image.name);
      download(blob, fileName(image));
    } else {
      const origin = await this._origin(image);
      const blob = await this._reading.fetch(origin, work);
      await this._check({ ...origin, key: `${origin.key}:file`, from: { blob } }, work);
      download(blob, fileName(image));
    }
  }

  async keep(
    image: IImageRow,
    name: string,
    work: IWork & { force?: boolean } = {}
  ): Promise<IImageRow> {
    const { force = false, ...how } = work;
    const origin = await this._origin(image);
    const own = await this._ownRecord(image, how);
    const stored = await this._reading.keep(
      this._stored.place,
      {
        origin,
        name,
        note: image.note || own?.note || '',
        root: own?.root ?? null,
        frozenHere: own !== null,
        force
      },
      how
    );
    return this._row(stored);
  }

  async verify(image: IImageRow, work: IWork = {}): Promise<void> {
    if (image.place === 'store') {
      await this._reading.verify(this._stored.place, image.name, work);
      return;
    }
    const origin = await this._origin(image);
    // The digest of a file is its own: only its checksums can tell that it is damaged.
    const sha256 = image.place === 'file' ? null : origin.sha256;
    await this._check({ ...origin, sha256 }, work);
  }

  async setAutoload(
    image: IImageRow,
    kernelspec: string,
    on: boolean,
    trust = false
  ): Promise<void> {
    if (on && !trust && image.origin !== 'frozen') await this._checkDanger(image);
    await this._stored.setAutoload(image.name, kernelspec, on);
  }

  async room(): Promise<IRoom> {
    return roomOf(await this._stored.open());
  }

  async cleanUp(): Promise<number> {
    const freed = await cleanUp(await this._stored.open());
    this._emit();
    return freed;
  }

  dispose(): void {
    if (this._disposed) return;
    this._disposed = true;
    this._worker?.dispose();
    this._stored.close();
    Signal.clearData(this);
  }

  /** The images of the store; what keeps it from being opened is told beside the others. */
  private async _listStored(): Promise<IImageRow[]> {
    try {
      const rows = await this._stored.list();
      this._problem = null;
      return rows;
    } catch (error) {
      this._problem = messageOf(error);
      return [];
    }
  }

  private async _row({ name }: IStored): Promise<IImageRow> {
    const rows = await this.list();
    return rows.find(({ key }) => key === `store:${name}`)!;
  }

  private async _chain(image: IImageRow): Promise<IChain> {
    if (image.base !== null && this._rows.length === 0) await this.list();
    return chainOf(image, this._rows, this._origins);
  }

  private readonly _origins: IOrigins = {
    of: image => this._origin(image),
    other: sha256 => this._site.earlierBuild(sha256)
  };

  private async _origin(image: IImageRow): Promise<IOrigin> {
    const { key, place, name, sha256, url } = image;
    if (place === 'store') {
      const { blob, record } = await (await this._stored.open()).get(name);
      return {
        key: `${key}:${record.sha256}:${record.created}`,
        name,
        sha256: record.sha256,
        from: { blob }
      };
    }
    if (place === 'site') {
      return { key, name, sha256, from: { environment: url! } };
    }
    const origin = this._added.origin(key);
    if (origin) return origin;
    throw new Error(`${name} is not on the list any more: add it again.`);
  }

  /** Note how many files an image holds, which nobody knew before it was opened. */
  private async _learn(
    image: IImageRow,
    { origins }: IChain,
    signal?: AbortSignal
  ): Promise<void> {
    if (image.files !== null) return;
    const { files, base } = await this._reading.facts(origins.at(-1)!, { signal });
    this._found.set(image.sha256 ?? image.key, { files, base });
    this._emit();
  }

  /** Refuse the file of an image that is not what it should be, or whose checksums say that it is damaged. */
  private async _check(origin: IOrigin, work: IWork): Promise<void> {
    const { name, sha256 } = origin;
    if (sha256 === null) {
      await this._reading.scan(origin, work);
      return;
    }
    const found = await this._reading.digest(origin, work);
    if (found === sha256) return;
    throw new Error(
      `${name}: expected the SHA-256 ${sha256}, found ${found}. It was changed or damaged: reload the page, or fetch the ` +
        'file again.'
    );
  }

  /** What the store knows of an image that was frozen in this browser, wherever it comes back from. */
  private async _ownRecord(image: IImageRow, work: IWork): Promise<IStored | null> {
    const sha256 =
      image.sha256 ??
      (await this._reading.digest(await this._origin(image), {
        signal: work.signal
      }));
    return this._stored.ownRecord(sha256);
  }

  private async _checkDanger(image: IImageRow): Promise<void> {
    if (await this._ownRecord(image, {})) return;
    const chain = await this._chain(image);
    // What lies on the site was made by its author, as was the kernel.
    const added = chain.origins.filter(({ from }) => !('environment' in from));
    const found = (
      await Promise.all(
        added.map(origin =>
          this._reading.dangerous({ origins: [origin], missing: null }, {})
        )
      )
    ).flat();
    if (found.length === 0) return;
    throw new DangerousError(
      `${warningOf(image.name, found)} ` +
        'Have it thawed at each start only if you know who made it.',
      found
    );
  }

  private _kernelName(kernelspec: string): string {
    return (
      this.options.environments.find(({ name }) => name === kernelspec)?.displayName ??
      kernelspec
    );
  }

  private _emit(): void {
    if (!this._disposed) this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _worker: WorkerReading | null;
  private readonly _reading: IReading;
  private readonly _site: SiteImages;
  private readonly _stored: StoredImages;
  private readonly _added: AddedImages;
  private readonly _found = new Map<string, Pick<IImageRow, 'files' | 'base'>>();
  private _rows: readonly IImageRow[] = [];
  private _problem: string | null = null;
  private _disposed = false;
}

export namespace PageImages {
  /** Which page. */
  export interface IOptions {
    /** The absolute URL of the root of the site. */
    site: string;
    /** The frozen environments of the site. */
    environments: readonly ISiteEnvironment[];
    /** Name of the store's database. */
    databaseName?: string;
    /** What reads images; a worker of the page by default. */
    reading?: IReading;
  }
}

/** What the file of an image is called when it is handed to the browser. */
function fileName({ place, name }: IImageRow): string {
  return place === 'site' ? `${name.replace(/[^\w.()-]+/g, '-')}.img` : name;
}

/** The indirection keeps webpack from building the worker again, see `webpack.config.cjs`. */
function createWorker(): Worker {
  const url = new URL('./images.worker.js', import.meta.url);
  return new Worker(url, { type: 'module' });
}
