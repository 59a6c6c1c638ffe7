import type { Sink } from '../image';
import { Autoload } from './autoload';
import type { IVerifyOptions } from './blob';
import { damagedError, verifyBlob, writeBlob } from './blob';
import type { IStoreChange } from './changes';
import { Changes } from './changes';
import type { IImageRow, Writable } from './database';
import { Database, piecesOf, storedOf } from './database';
import { findDebris, removeDebris } from './debris';
import { missingError } from './missing';
import { checkName } from './names';
import type { IPutOptions } from './put';
import { put, takenError } from './put';
import type { IDebris, IImageRecord, IStored, IWritten } from './records';
import type { IRoom } from './room';
import { room } from './room';
import { siteOf } from './site';

/** Which store is opened. */
export interface IStoreOptions {
  /** The absolute URL of the root of the site: names are kept apart by it. */
  site: string;

  /** Name of the database; `jupyter-frozenfs` by default. */
  databaseName?: string;
}

/** Writes the bytes of an image into a sink, from its first to its last. */
export type WriteImage<T extends IWritten = IWritten> = (
  sink: Extract<Sink, (bytes: Uint8Array) => unknown>
) => Promise<T>;

/** An image with its bytes. */
export interface IStoredImage {
  /** What is known of it. */
  record: IStored;

  /**
   * Its bytes, which are read when they are asked for. It stays readable when the image is deleted or overwritten
   * meanwhile. Damage is not looked for: `ImageReader` finds it where it reads, and `verify` all of it.
   */
  blob: Blob;
}

/** What is stored, and how much room there is. */
export interface IUsage extends IRoom {
  /** Each image of the site, the largest first. */
  images: Pick<IStored, 'name' | 'size'>[];

  /** Bytes of the images of the site. */
  site: number;

  /** Bytes of the images of other sites of the same origin. */
  otherSites: number;

  /** Bytes that `gc` would remove. */
  debris: number;
}

/** A transaction in which an image may change its name. */
type Naming = Writable<['images', 'autoload', 'pieces']>;

/**
 * The images of a site that this browser keeps.
 *
 * It works in pages and workers alike, on plain http too. Every method may throw a `StoreError`, whose code says what
 * is the matter and whose message says what to do.
 */
export class Store {
  /** Which image is thawed when a kernel starts. */
  readonly autoload: Autoload;

  /** URL of the root of the site; it ends in a slash. */
  readonly site: string;

  private readonly database: Database;
  private readonly changes: Changes;

  private constructor({ site, databaseName = 'jupyter-frozenfs' }: IStoreOptions) {
    this.site = siteOf(site);
    this.database = new Database(databaseName);
    this.changes = new Changes(databaseName);
    this.autoload = new Autoload(this.database, this.changes, this.site);
  }

  /** Open the store of a site; see `openStore`. */
  static async open(options: IStoreOptions): Promise<Store> {
    const store = new Store(options);
    try {
      await store.database.open();
    } catch (error) {
      store.close();
      throw error;
    }
    return store;
  }

  /** Let go of the database, and hear of no changes any more. */
  close(): void {
    this.changes.close();
    this.database.close();
  }

  /**
   * Store an image.
   *
   * Its bytes are written first, and the record that names them last: until then, and whatever happens, an image that
   * had the name before stays as it is.
   *
   * ```ts
   * await store.put('env.blob', sink => writeImage(sink, entries), { origin: 'frozen' });
   * ```
   *
   * @param content - Writes the image; or the image as a Blob, which is read piece by piece.
   *
   * @throws StoreError with the code `exists` when the name is taken and `force` was not asked for, before anything is
   * written. With the same code when another writer was quicker: its image has the name then, and this one is kept
   * under another, `kept` in the error.
   * @throws StoreError with the code `quota`, after what the browser keeps to start kernels faster was given up.
   */
  async put(
    name: string,
    content: WriteImage | Blob,
    record: IImageRecord,
    options: IPutOptions = {}
  ): Promise<IStored> {
    checkName(name);
    const write =
      content instanceof Blob
        ? (sink: (bytes: Uint8Array) => Promise<void>) => writeBlob(name, content, sink)
        : content;
    const expectedSize = content instanceof Blob ? content.size : options.expectedSize;
    const { site, database, changes } = this;
    return put(
      { database, changes, site, name },
      write,
      { ...record },
      { ...options, expectedSize }
    );
  }

  /** The images of this site, by name; or of all sites of this origin, by site and name. */
  async list({ allSites = false } = {}): Promise<IStored[]> {
    const range = allSites ? undefined : this.range();
    const rows = await this.database.read(['images'], transaction =>
      transaction.objectStore('images').getAll(range)
    );
    return rows.map(storedOf);
  }

  /** @returns null when there is no image of this name. */
  async info(name: string): Promise<IStored | null> {
    const row = await this.database.read(['images'], transaction =>
      transaction.objectStore('images').get([this.site, name])
    );
    return row ? storedOf(row) : null;
  }

  /**
   * Get an image. Its bytes are not read yet.
   *
   * @throws StoreError with the code `missing`, or `damaged` when there are fewer or more bytes than were put.
   */
  async get(name: string): Promise<IStoredImage> {
    return this.database.read(['images', 'pieces'], async transaction => {
      const row = await transaction.objectStore('images').get([this.site, name]);
      if (!row) throw missingError(name);
      const range = piecesOf(row.content);
      const blob = new Blob(await transaction.objectStore('pieces').getAll(range));
      if (blob.size !== row.size) {
        throw damagedError(name, `expected ${row.size} bytes, found ${blob.size}`);
      }
      return { record: storedOf(row), blob };
    });
  }

  /** Find the images of this site, or all, whose file has a SHA-256: the base of a layer. */
  async find(
    { sha256 }: { sha256: string },
    { allSites = false } = {}
  ): Promise<IStored[]> {
    const rows = await this.database.read(['images'], transaction =>
      transaction.objectStore('images').index('sha256').getAll(sha256)
    );
    return rows.filter(({ site }) => allSites || site === this.site).map(storedOf);
  }

  /**
   * Give an image another name. What is thawed when a kernel starts follows it.
   *
   * @throws StoreError with the code `missing`, or `exists` unless `force` is asked for.
   */
  async rename(name: string, to: string, { force = false } = {}): Promise<IStored> {
    checkName(to);
    const row = await this.database.write(
      ['images', 'autoload', 'pieces'],
      async transaction => {
        const renamed = { ...(await this.row(transaction, name)), name: to };
        if (to === name) return renamed;
        const other = await transaction.objectStore('images').get([this.site, to]);
        if (other && !force) throw takenError(to);
        if (other) await this.remove(transaction, other, to);
        await this.autoloads(transaction, name, to);
        await transaction.objectStore('images').delete([this.site, name]);
        await transaction.objectStore('images').put(renamed);
        return renamed;
      }
    );
    if (to !== name) this.emit({ kind: 'renamed', name, to });
    return storedOf(row);
  }

  /**
   * Delete an image, and have it thawed no more when a kernel starts.
   *
   * @throws StoreError with the code `missing`.
   */
  async delete(name: string): Promise<void> {
    await this.database.write(['images', 'autoload', 'pieces'], async transaction => {
      const row = await this.row(transaction, name);
      await this.remove(transaction, row, null);
    });
    this.emit({ kind: 'deleted', name });
  }

  /**
   * Change what a person wants to remember of an image.
   *
   * @throws StoreError with the code `missing`.
   */
  async setNote(name: string, note: string): Promise<IStored> {
    const row = await this.database.write(
      ['images', 'autoload', 'pieces'],
      async transaction => {
        const noted = { ...(await this.row(transaction, name)), note };
        await transaction.objectStore('images').put(noted);
        return noted;
      }
    );
    this.emit({ kind: 'noted', name });
    return storedOf(row);
  }

  /**
   * Compare the SHA-256 of an image with that of what was put; it is read piece by piece.
   *
   * @throws StoreError with the code `missing` or `damaged`.
   */
  async verify(name: string, options: IVerifyOptions = {}): Promise<IStored> {
    const { record, blob } = await this.get(name);
    await verifyBlob(record, blob, options);
    return record;
  }

  /**
   * Remove the bytes that tabs and workers left behind when they ended in the middle of a put, of all sites. What a living
   * one is still writing stays.
   *
   * @returns What was removed, or would be with `dryRun`.
   */
  async gc({ dryRun = false } = {}): Promise<IDebris[]> {
    const debris = await findDebris(this.database);
    if (!dryRun) await removeDebris(this.database, debris);
    return debris;
  }

  /** How much is stored, and how much room there is. */
  async usage(): Promise<IUsage> {
    const [all, debris, rest] = await Promise.all([
      this.list({ allSites: true }),
      findDebris(this.database),
      room()
    ]);
    const own = all.filter(({ site }) => site === this.site);
    const images = own
      .map(({ name, size }) => ({ name, size }))
      .sort((a, b) => b.size - a.size);
    const site = total(own);
    return {
      ...rest,
      images,
      site,
      otherSites: total(all) - site,
      debris: total(debris)
    };
  }

  /**
   * Hear of changes, whichever tab or worker makes them.
   *
   * @param options - `allSites` to hear of those of other sites of the origin, too.
   *
   * @returns What removes the listener.
   */
  onChange(
    listener: (change: IStoreChange) => void,
    { allSites = false } = {}
  ): () => void {
    return this.changes.listen(change => {
      if (allSites || change.site === this.site) listener(change);
    });
  }

  private async row(transaction: Naming, name: string): Promise<IImageRow> {
    const row = await transaction.objectStore('images').get([this.site, name]);
    if (!row) throw missingError(name);
    return row;
  }

  private async remove(
    transaction: Naming,
    row: IImageRow,
    successor: string | null
  ): Promise<void> {
    await transaction.objectStore('images').delete([row.site, row.name]);
    await transaction.objectStore('pieces').delete(piecesOf(row.content));
    await this.autoloads(transaction, row.name, successor);
  }

  /** What is thawed at a start gets another name, or none. */
  private async autoloads(
    transaction: Naming,
    name: string,
    to: string | null
  ): Promise<void> {
    const records = transaction.objectStore('autoload');
    for (const record of await records.getAll(this.range())) {
      if (record.name !== name) continue;
      if (to === null) await records.delete([this.site, record.kernelspec]);
      else await records.put({ ...record, name: to });
    }
  }

  private range(): IDBKeyRange {
    // In the order of keys, arrays come after all that a name can be.
    return IDBKeyRange.bound([this.site], [this.site, []]);
  }

  private emit(change: Omit<IStoreChange, 'site'>): void {
    this.changes.emit({ ...change, site: this.site });
  }
}

/**
 * Open the store of a site, and make it if there is none.
 *
 * @throws StoreError with the code `unavailable` where storage is blocked, `newer` where a newer version has written the
 * store, `blocked` where another tab keeps it from being opened.
 */
export function openStore(options: IStoreOptions): Promise<Store> {
  return Store.open(options);
}

function total(sizes: readonly { size: number }[]): number {
  return sizes.reduce((sum, { size }) => sum + size, 0);
}
