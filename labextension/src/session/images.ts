import type { IAmount, KernelAction } from '../actions';
import { compileGlobs, diffLive } from '../fs';
import { diff, type IEntry, ImageReader, sortNames, walk } from '../image';
import { BlobSource } from '../source';
import type { IDebris, IStored } from '../store';
import { SessionError } from './error';
import { absolute, writeFile } from './files';
import { treeOf } from './layers';
import type { Session } from './session';
import { findImage, openImageOf, type IImageRequest } from './source';

/** The images of a browser, and what it says about room for more. */
export interface IListResult {
  images: IStored[];
  /** Bytes; null when the browser does not say. */
  free: number | null;
  persisted: boolean | null;
}

/** What differs between two trees, by absolute paths, sorted. */
export interface IDifference {
  added: string[];
  changed: string[];
  removed: string[];
}

/** An entry of an image, as it is listed. */
export type Row = Pick<IEntry, 'path' | 'kind' | 'mode' | 'mtime'> & {
  size: number;
  target: string;
};

/** What stands for the live filesystem itself where an image is named. */
const LIVE = 'live';

/** List the images of the site, or of all sites of the origin. */
export async function listImages(
  session: Session,
  allSites: boolean
): Promise<IListResult> {
  const store = await session.store();
  const [images, { free, persisted }] = await Promise.all([
    store.list({ allSites }),
    store.usage()
  ]);
  return { images, free, persisted };
}

/** What is known of an image. */
export async function imageInfo(session: Session, name: string): Promise<IStored> {
  const { record } = await (await session.store()).get(name);
  return record;
}

/** List the entries of an image, all or what globs select. */
export async function listEntries(
  session: Session,
  name: string,
  globs: string[]
): Promise<Row[]> {
  const image = await open(session, name);
  const selects = globs.length > 0 ? compileGlobs(globs) : null;
  return [...walk(image.index.root.children)]
    .filter(({ path }) => selects?.test(path) ?? true)
    .map(rowOf);
}

function rowOf(entry: IEntry): Row {
  const { path, kind, mode, mtime } = entry;
  return {
    path,
    kind,
    mode,
    mtime,
    size: entry.kind === 'file' ? entry.end - entry.start : 0,
    target: entry.kind === 'link' ? entry.target : ''
  };
}

/** The contents of a file of an image. */
export async function readEntry(
  session: Session,
  name: string,
  path: string
): Promise<Uint8Array> {
  const image = await open(session, name);
  let entry: IEntry | undefined = image.index.root;
  for (const part of path.split('/').filter(Boolean)) {
    entry = entry?.kind === 'directory' ? entry.children.get(part) : undefined;
  }
  if (entry?.kind !== 'file') {
    throw new SessionError(
      'missing',
      entry
        ? `${path} is a ${entry.kind} in ${name}, expected a file.`
        : `There is no ${path} in ${name}. Its files are listed by \`%frozen_fs ls ${name}\`.`
    );
  }
  return image.read(entry.start, entry.end);
}

/** Compare two images; `live` stands for the live filesystem. */
export async function compareImages(
  session: Session,
  older: string,
  newer: string,
  action: KernelAction
): Promise<IDifference> {
  if (older === LIVE && newer === LIVE) return { added: [], changed: [], removed: [] };
  if (older === LIVE) {
    const { added, changed, removed } = await compareImages(
      session,
      newer,
      older,
      action
    );
    return { added: removed, changed, removed: added };
  }
  const before = await treeOf(session, await open(session, older));
  if (newer === LIVE) {
    const record = await imageInfo(session, older);
    const live = diffLive(session.FS, before, {
      root: record.root ?? '/',
      signal: action.signal
    });
    return gathered(live);
  }
  const after = await treeOf(session, await open(session, newer));
  return gathered(diff(before, after));
}

async function gathered(
  changes: AsyncIterable<{ kind: keyof IDifference; path: string }>
): Promise<IDifference> {
  const found: IDifference = { added: [], changed: [], removed: [] };
  for await (const { kind, path } of changes) found[kind].push(path);
  return {
    added: sortNames(found.added),
    changed: sortNames(found.changed),
    removed: sortNames(found.removed)
  };
}

/** Write an image into a file, or hand it to the browser as a download. */
export async function exportImage(
  session: Session,
  name: string,
  file: string | null,
  action: KernelAction
): Promise<void> {
  const { blob } = await (await session.store()).get(name);
  if (file !== null) {
    await writeFile(session.FS, absolute(session.FS, file), blob);
  } else if (!(await action.download(name, blob))) {
    throw new SessionError(
      'missing',
      `No page shows the output of this cell, so ${name} cannot be downloaded: write it into a file with --file.`
    );
  }
}

/** What is imported, and under which name. */
export interface IImportRequest extends IImageRequest {
  name: string | null;
  note: string;
  force: boolean;
}

/** Keep an image that is a file or lies at an address. */
export async function importImage(
  session: Session,
  request: IImportRequest,
  action: KernelAction
): Promise<IStored> {
  const store = await session.store();
  const found = await findImage(session, request, action);
  const image = await openImageOf(found);
  const record = found.record ?? (await ownRecord(session, await image.digest()));
  const stored = await store.put(
    request.name ?? found.name,
    found.blob,
    {
      origin: record?.origin ?? 'imported',
      note: request.note || record?.note,
      root: record?.root
    },
    {
      force: request.force,
      signal: action.signal,
      onProgress: bytes => action.progress(bytesOf(bytes, found.blob.size))
    }
  );
  await session.persist(action);
  return stored;
}

/** What the store knows of an image that was frozen in this browser, whatever file it comes back as. */
export async function ownRecord(
  session: Session,
  sha256: string
): Promise<IStored | null> {
  const same = await (await session.store()).find({ sha256 }, { allSites: true });
  const own = same.filter(({ origin }) => origin === 'frozen');
  return own.find(({ site }) => site === session.kernel.site) ?? own[0] ?? null;
}

/** Read all of an image and compare its digest; answers its bytes. */
export async function verifyImage(
  session: Session,
  name: string,
  action: KernelAction
): Promise<number> {
  const store = await session.store();
  const { size } = await store.verify(name, {
    signal: action.signal,
    onProgress: (bytes, total) => action.progress(bytesOf(bytes, total))
  });
  return size;
}

/** Remove what closed tabs have left behind, or only tell. */
export async function collectGarbage(
  session: Session,
  dryRun: boolean
): Promise<IDebris[]> {
  return (await session.store()).gc({ dryRun });
}

async function open(session: Session, name: string): Promise<ImageReader> {
  const { blob, record } = await (await session.store()).get(name);
  return ImageReader.open(new BlobSource(blob, name), { sha256: record.sha256 });
}

/** An amount of which only bytes are known. */
function bytesOf(bytes: number, totalBytes: number): IAmount {
  return { files: 0, totalFiles: 0, bytes, totalBytes };
}
