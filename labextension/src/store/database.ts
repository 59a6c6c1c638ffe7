import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import { openDB } from 'idb';

import { StoreError } from './error';
import type { IAutoload, IStored } from './records';

/** The version of the schema. */
export const VERSION = 1;

/** How long another tab may keep the database from being opened, in milliseconds. */
const PATIENCE = 10_000;

/** An image as it is stored: its bytes are the pieces of `content`. */
export interface IImageRow extends IStored {
  content: string;
}

/** A put that is under way, or was when its tab was closed. */
export interface IWritingRow {
  /** The key of the bytes. */
  id: string;
  site: string;
  name: string;
  started: string;
  /** When the last piece was written, in milliseconds since the epoch. */
  touched: number;
  /** Bytes written so far. */
  size: number;
  /** Whether its writer holds a Web Lock while it lives. */
  locked: boolean;
}

/**
 * Bytes are stored as pieces, Blobs under `[content, number]`; what is written is never changed. An image names its content,
 * and so does a put under way: pieces that neither names are debris.
 */
export interface ISchema extends DBSchema {
  images: {
    key: [site: string, name: string];
    value: IImageRow;
    indexes: { sha256: string };
  };
  pieces: { key: [content: string, number: number]; value: Blob };
  writing: { key: string; value: IWritingRow };
  autoload: { key: [site: string, kernelspec: string]; value: IAutoload };
}

type Stores = StoreNames<ISchema>[];

/** A transaction that writes. */
export type Writable<S extends Stores> = IDBPTransaction<ISchema, S, 'readwrite'>;

/** A transaction that may write or not. */
export type Readable<S extends Stores> = IDBPTransaction<
  ISchema,
  S,
  IDBTransactionMode
>;

/** The pieces of a content. */
export function piecesOf(content: string): IDBKeyRange {
  return IDBKeyRange.bound([content, 0], [content, Infinity]);
}

/** What others get to know of an image. */
export function storedOf({ content: _content, ...record }: IImageRow): IStored {
  return record;
}

/** A connection that is opened when it is needed, and again when the browser has closed it. */
export class Database {
  private connection: Promise<IDBPDatabase<ISchema>> | null = null;

  constructor(readonly name: string) {}

  /** Open it now, to find out whether that can be done. */
  async open(): Promise<void> {
    await this.connect();
  }

  /** Run a transaction that reads. */
  async read<S extends Stores, T>(
    stores: S,
    work: (transaction: Readable<S>) => Promise<T>
  ): Promise<T> {
    return this.run(stores, 'readonly', work as (t: never) => Promise<T>);
  }

  /**
   * Run a transaction that writes. What it has written is on the disk when this settles; when anything throws,
   * nothing is written.
   */
  async write<S extends Stores, T>(
    stores: S,
    work: (transaction: Writable<S>) => Promise<T>
  ): Promise<T> {
    return this.run(stores, 'readwrite', work as (t: never) => Promise<T>);
  }

  close(): void {
    void this.connection?.then(
      db => db.close(),
      () => undefined
    );
    this.connection = null;
  }

  private async run<S extends Stores, T>(
    stores: S,
    mode: IDBTransactionMode,
    work: (transaction: never) => Promise<T>
  ): Promise<T> {
    const transaction = await this.begin(stores, mode).catch((error: unknown) => {
      throw explained(error);
    });
    const done = transaction.done;
    try {
      const result = await work(transaction as never);
      await done;
      return result;
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // It has ended already.
      }
      // The transaction knows better than a request of it why it has failed.
      const reason: unknown = await done.then(
        () => error,
        (cause: unknown) => cause
      );
      throw explained(isAbort(reason) ? error : reason);
    }
  }

  private async begin<S extends Stores>(stores: S, mode: IDBTransactionMode) {
    const options = { durability: 'strict' } as const;
    try {
      return (await this.connect()).transaction(stores, mode, options);
    } catch (error) {
      if ((error as Error).name !== 'InvalidStateError') throw error;
      // It is just being closed.
      this.connection = null;
      return (await this.connect()).transaction(stores, mode, options);
    }
  }

  private connect(): Promise<IDBPDatabase<ISchema>> {
    if (!this.connection) {
      const opening = open(this.name, () => {
        if (this.connection === opening) this.connection = null;
      });
      this.connection = opening;
      opening.catch(() => {
        if (this.connection === opening) this.connection = null;
      });
    }
    return this.connection;
  }
}

async function open(
  name: string,
  onClosed: () => void
): Promise<IDBPDatabase<ISchema>> {
  if (!available()) throw unavailable();
  const opening = request(name, onClosed);
  let timer: ReturnType<typeof setTimeout>;
  let isLate = false;
  // The event `blocked` does not come when another request is before this one, and it is that one which is blocked.
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(blockedError(name));
    }, PATIENCE);
  });
  opening.then(
    db => isLate && db.close(),
    () => undefined
  );
  try {
    return await Promise.race([opening, patience]);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw (error as Error).name === 'VersionError'
      ? newer(name, error)
      : unavailable(error);
  } finally {
    clearTimeout(timer!);
  }
}

async function request(
  name: string,
  onClosed: () => void
): Promise<IDBPDatabase<ISchema>> {
  return openDB<ISchema>(name, VERSION, {
    upgrade(db) {
      const images = db.createObjectStore('images', { keyPath: ['site', 'name'] });
      images.createIndex('sha256', 'sha256');
      db.createObjectStore('pieces');
      db.createObjectStore('writing', { keyPath: 'id' });
      db.createObjectStore('autoload', { keyPath: ['site', 'kernelspec'] });
    },
    blocking(_current, _wanted, event) {
      // A newer version wants to change the database, or a person to remove it: neither should have to wait.
      onClosed();
      (event.target as IDBDatabase).close();
    },
    terminated: onClosed
  });
}

function isAbort(error: unknown): boolean {
  return error === null || (error as Error | undefined)?.name === 'AbortError';
}

/** What a person can do about an error of the browser's; who has room for more handles that there is none. */
function explained(error: unknown): unknown {
  if (!(error instanceof DOMException) || error.name === 'QuotaExceededError') {
    return error;
  }
  return new StoreError(
    'failed',
    `The browser's database has failed (${error.name}: ${error.message}). Reload the page and try again; until then, ` +
      'download the image instead of storing it.',
    { cause: error }
  );
}

/** Where storage is blocked, already looking for it may throw. */
function available(): boolean {
  try {
    return globalThis.indexedDB !== undefined && globalThis.indexedDB !== null;
  } catch {
    return false;
  }
}

function unavailable(cause?: unknown): StoreError {
  return new StoreError(
    'unavailable',
    'The browser does not let this site store anything' +
      (cause ? ` (${String(cause)})` : '') +
      '. Allow cookies and site data for it, or leave the private window; until then, download the image instead.',
    { cause }
  );
}

function newer(name: string, cause: unknown): StoreError {
  return new StoreError(
    'newer',
    `The images of this site are stored in a newer form than this version of jupyter-frozenfs knows (database ${name}, ` +
      `expected version ${VERSION} or older). Reload the page, or update jupyter-frozenfs.`,
    { cause }
  );
}

function blockedError(name: string): StoreError {
  return new StoreError(
    'blocked',
    `Another tab keeps the images of this site from being opened (database ${name}). Close or reload the other tabs of ` +
      'this site, then try again.'
  );
}
