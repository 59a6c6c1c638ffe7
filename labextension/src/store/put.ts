import type { Changes } from './changes';
import type { Database, IImageRow } from './database';
import { piecesOf, storedOf } from './database';
import { StoreError } from './error';
import { namesLike, newId } from './names';
import { PieceWriter, removedError } from './piece-writer';
import type { IImageRecord, IStored, IWritten } from './records';
import { withRoom } from './room';
import { holdLock } from './writers';

/** How an image is put. */
export interface IPutOptions {
  /** Overwrite an image that has the name. */
  force?: boolean;

  /** Aborting stops the put, which then throws the reason, and leaves nothing behind. */
  signal?: AbortSignal;

  /** Is told how many bytes of the file are stored. */
  onProgress?: (stored: number) => void;

  /** Bytes of the file, when that is known or can be guessed: told when there is no room. */
  expectedSize?: number;
}

/** Where an image is put. */
interface IPlace {
  database: Database;
  changes: Changes;
  site: string;
  name: string;
}

/** Write the bytes of an image, then name them. */
export async function put(
  place: IPlace,
  write: (
    sink: (bytes: Uint8Array) => Promise<void>
  ) => Promise<IWritten & { base?: string | null }>,
  record: IImageRecord,
  options: IPutOptions
): Promise<IStored> {
  const { database, changes, site, name } = place;
  options.signal?.throwIfAborted();
  const content = newId();
  const release = await holdLock(content);
  try {
    const before = await begin(place, content, release !== null, options);
    try {
      const writer = new PieceWriter(database, content, name, options);
      const written = await write(bytes => writer.write(bytes));
      await writer.close();
      if (written.size !== writer.size) {
        throw new Error(
          `${name}: expected ${written.size} bytes from its writer, found ${writer.size}`
        );
      }
      options.signal?.throwIfAborted();
      const row = newRow(place, content, record, written);
      const named = await withRoom(
        database,
        name,
        { needed: writer.size, stored: writer.size },
        () => finish(database, row, before)
      );
      changes.emit({ kind: 'put', site, name: named.name });
      const stored = storedOf(named);
      if (stored.name !== name) throw overtakenError(name, stored);
      return stored;
    } catch (error) {
      await discard(database, content);
      throw error;
    }
  } finally {
    release?.();
  }
}

/** Note that something will be written, and which content the name has now. */
async function begin(
  { database, site, name }: IPlace,
  content: string,
  locked: boolean,
  { force = false, expectedSize = 0 }: IPutOptions
): Promise<string | null> {
  return withRoom(database, name, { needed: expectedSize, stored: 0 }, () =>
    database.write(['images', 'writing'], async transaction => {
      const before = await transaction.objectStore('images').get([site, name]);
      if (before && !force) throw takenError(name);
      const now = new Date();
      await transaction.objectStore('writing').put({
        id: content,
        site,
        name,
        started: now.toISOString(),
        touched: now.getTime(),
        size: 0,
        locked
      });
      return before?.content ?? null;
    })
  );
}

/**
 * The switch: the name gets the new bytes, and the old ones go. Unless somebody else has given it others meanwhile: then
 * the new ones get the first name like it that is free.
 */
async function finish(
  database: Database,
  row: IImageRow,
  before: string | null
): Promise<IImageRow> {
  return database.write(['images', 'pieces', 'writing'], async transaction => {
    const { site, content } = row;
    const images = transaction.objectStore('images');
    const writing = transaction.objectStore('writing');
    if (!(await writing.get(content))) throw removedError(row.name);
    await writing.delete(content);
    const old = await images.get([site, row.name]);
    let { name } = row;
    if ((old?.content ?? null) === before) {
      if (old) await transaction.objectStore('pieces').delete(piecesOf(old.content));
    } else if (old) {
      for (name of namesLike(row.name)) {
        if (!(await images.getKey([site, name]))) break;
      }
    }
    const named = { ...row, name };
    await images.put(named);
    return named;
  });
}

/** Remove what was written. Where that fails, it is debris. */
async function discard(database: Database, content: string): Promise<void> {
  await database
    .write(['images', 'pieces', 'writing'], async transaction => {
      // Only what is still being written: it may have got a name.
      if (!(await transaction.objectStore('writing').get(content))) return;
      await transaction.objectStore('pieces').delete(piecesOf(content));
      await transaction.objectStore('writing').delete(content);
    })
    .catch(() => undefined);
}

function newRow(
  { site, name }: IPlace,
  content: string,
  record: IImageRecord,
  written: IWritten & { base?: string | null }
): IImageRow {
  const { size, sha256, uncompressedSize, files } = written;
  const { origin, note = '', kernelspec = null, root = null } = record;
  return {
    name,
    site,
    content,
    size,
    sha256,
    uncompressedSize,
    files,
    created: new Date().toISOString(),
    origin,
    note,
    base: record.base ?? written.base ?? null,
    kernelspec,
    root
  };
}

/** The name is taken. */
export function takenError(name: string): StoreError {
  return new StoreError(
    'exists',
    `${name}: there is an image of this name already. Choose another name, delete it, or ask for it to be overwritten (force).`
  );
}

function overtakenError(name: string, kept: IStored): StoreError {
  return new StoreError(
    'exists',
    `${name}: another tab or kernel has stored an image under this name while this one was written. That one has the name; ` +
      `this one is kept as ${kept.name}. Rename or delete what you do not need.`,
    { kept }
  );
}
