import type { KernelAction } from '../actions';
import { freeze, type IFrozen } from '../fs';
import { ImageReader, type Sink } from '../image';
import { BlobSource } from '../source';
import { StoreError } from '../store';
import { kernelImage } from './base';
import { SessionError } from './error';
import { absolute, baseName, globOf, writeFile } from './files';
import type { Session } from './session';

/** What of the live filesystem is frozen, and where the image goes. */
export interface IFreezeRequest {
  /** Its name in the store; null when it is not stored. */
  name: string | null;
  root: string;
  include: string[];
  exclude: string[];
  includeMounts: boolean;
  /** Only what differs from the image that the kernel runs from. */
  layer: boolean;
  /** Only what differs from this image of the store. */
  base: string | null;
  compress: boolean;
  note: string;
  /** Replace an image of the name. */
  force: boolean;
  /** Hand it to the browser as a download too. */
  download: boolean;
  /** Write it into this file of the live filesystem too. */
  file: string | null;
}

/** What was frozen, and where it is now. */
export interface IFreezeResult extends Pick<
  IFrozen,
  'sha256' | 'size' | 'uncompressedSize' | 'files' | 'base' | 'skipped'
> {
  name: string;
  stored: boolean;
  downloaded: boolean;
  file: string | null;
  /** Whether the browser has promised to keep what it stores; null when nobody could ask it. */
  persisted: boolean | null;
  /** Why it could not be stored, when it was handed over as a download in place of that. */
  instead: string | null;
}

/** Errors of a store after which an image is offered as a download in place of being dropped. */
const NO_STORE: readonly string[] = [
  'quota',
  'blocked',
  'newer',
  'unavailable',
  'failed'
];

type Write = (sink: Extract<Sink, (bytes: Uint8Array) => unknown>) => Promise<IFrozen>;

/** Freeze the live filesystem of a kernel. */
export async function freezeSession(
  session: Session,
  request: IFreezeRequest,
  action: KernelAction
): Promise<IFreezeResult> {
  const { name, file, note, force, root } = request;
  if (name === null && file === null) {
    throw new SessionError('usage', 'The image has neither a name nor a file.');
  }
  const place = file === null ? null : absolute(session.FS, file);
  const base = await findBase(session, request);
  const write: Write = sink =>
    freeze(session.FS, sink, {
      root,
      include: request.include,
      // What lies at the file's path is an older image, or this one while it is written.
      exclude: [...request.exclude, ...ownGlobs(root, place)],
      includeMounts: request.includeMounts,
      compress: request.compress,
      base,
      signal: action.signal,
      onProgress: amount => action.progress(amount)
    });

  let frozen: IFrozen | undefined;
  let blob: Blob | undefined;
  let instead: string | null = null;
  let downloaded = false;
  if (name !== null) {
    try {
      const store = await session.store();
      await store.put(
        name,
        async sink => (frozen = await write(sink)),
        {
          origin: 'frozen',
          note,
          root,
          kernelspec: session.kernel.kernelspec
        },
        { force, signal: action.signal }
      );
      if (request.download || place) ({ blob } = await store.get(name));
    } catch (error) {
      if (!(error instanceof StoreError) || !NO_STORE.includes(error.code)) throw error;
      instead = error.message;
    }
  }
  if (name === null || instead !== null) {
    const pieces: BlobPart[] = [];
    frozen = await write(bytes => void pieces.push(bytes as Uint8Array<ArrayBuffer>));
    blob = new Blob(pieces);
  }
  if (place && blob) await writeFile(session.FS, place, blob);
  if ((request.download || instead !== null) && blob) {
    downloaded = await action.download(name ?? baseName(file!), blob);
    if (!downloaded && place === null && instead !== null) {
      throw new SessionError(
        'missing',
        `${instead} It could not be offered as a download either, because no page shows the output of this cell: ` +
          'write it into a file with --file.'
      );
    }
  }
  const stored = name !== null && instead === null;
  const persistence = stored ? await session.persist(action) : null;
  const { sha256, size, uncompressedSize, files, skipped } = frozen!;
  return {
    name: name ?? baseName(file!),
    sha256,
    size,
    uncompressedSize,
    files,
    base: frozen!.base,
    skipped,
    stored,
    downloaded,
    file: place,
    persisted: persistence?.persisted ?? null,
    instead
  };
}

async function findBase(
  session: Session,
  { base, layer }: IFreezeRequest
): Promise<Base | undefined> {
  if (base !== null) {
    const { blob, record } = await (await session.store()).get(base);
    return ImageReader.open(new BlobSource(blob, base), { sha256: record.sha256 });
  }
  if (!layer) return undefined;
  const image = kernelImage(session.FS);
  if (!image) {
    throw new SessionError(
      'usage',
      'This kernel does not run from an image, so a layer has nothing to lie on. Freeze all of it, or say with --base ' +
        'which stored image it lies on.'
    );
  }
  return image;
}

type Base = NonNullable<Parameters<typeof freeze>[2]>['base'];

function ownGlobs(root: string, place: string | null): string[] {
  const folder = root.replace(/\/$/, '');
  if (!place?.startsWith(`${folder}/`)) return [];
  const inside = globOf(place.slice(folder.length));
  return [inside, `${inside}.part`];
}
