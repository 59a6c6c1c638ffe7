import type { KernelAction } from '../actions';
import { ImageReader } from '../image';
import { fetchManifest, openImageAt } from '../runtime';
import { BlobSource, SourceError } from '../source';
import { StoreError, type IStored } from '../store';
import { SessionError } from './error';
import { absolute, baseName, isFile, readFile } from './files';
import type { Session } from './session';

/** An image that was named by a person. */
export interface INamedImage {
  name: string;
  blob: Blob;
  /** What the store knows of it, when it lies there. */
  record: IStored | null;
}

/** What a person names an image by. */
export interface IImageRequest {
  /** A name in the store, a path, or an address; null with `upload`. */
  source: string | null;
  /** Have them choose a file of their computer. */
  upload: boolean;
}

/**
 * Find an image: what has `://` is an address, what has a slash is a path, anything else a name in the store, or else a
 * file in the current directory.
 *
 * @throws SessionError with the code `missing`.
 */
export async function findImage(
  session: Session,
  { source, upload }: IImageRequest,
  action: KernelAction
): Promise<INamedImage> {
  if (upload) {
    const file = await action.upload();
    return { name: file.name, blob: file, record: null };
  }
  if (source === null || source === '') {
    throw new SessionError('usage', 'No image is named.');
  }
  if (isAddress(source)) {
    const { pathname } = new URL(source);
    return {
      name: decodeURIComponent(baseName(pathname)) || 'image',
      blob: await download(source, action.signal),
      record: null
    };
  }
  const { FS } = session;
  if (source.includes('/')) {
    return { name: baseName(source), blob: readFile(FS, source), record: null };
  }
  try {
    const { record, blob } = await (await session.store()).get(source);
    return { name: source, blob, record };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (isFile(FS, absolute(FS, source))) {
      return { name: source, blob: readFile(FS, source), record: null };
    }
    throw error;
  }
}

/** An image that was named by a person, open. */
export interface IOpenImage {
  name: string;
  image: ImageReader;
  record: IStored | null;
}

/** Find an image as `findImage` does, or that of an environment by the address of its manifest, and open it. */
export async function openNamed(
  session: Session,
  request: IImageRequest,
  action: KernelAction
): Promise<IOpenImage> {
  const { source, upload } = request;
  if (!upload && source !== null && isManifest(source)) {
    const manifest = await fetchManifest(source);
    const image = await openImageAt(manifest, source);
    return { name: manifest.name, image, record: null };
  }
  const found = await findImage(session, request, action);
  const { name, record } = found;
  return { name, image: await openImageOf(found), record };
}

/** Whether a person has named an address, not a name or a path. */
export function isAddress(source: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(source);
}

/** Whether they have named a site's environment, which stands for its image. */
export function isManifest(source: string): boolean {
  return isAddress(source) && new URL(source).pathname.endsWith('/environment.json');
}

/** Open an image that was found. */
export function openImageOf({ name, blob, record }: INamedImage): Promise<ImageReader> {
  return ImageReader.open(
    new BlobSource(blob, name),
    record ? { sha256: record.sha256 } : {}
  );
}

async function download(url: string, signal: AbortSignal): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new SourceError(
      `${url} did not answer (${String(error)}). Another site has to allow it (CORS): download the file, then use --upload.`,
      { cause: error }
    );
  }
  if (!response.ok) {
    throw new SourceError(
      `${url} answered ${response.status} ${response.statusText}. Check the address.`
    );
  }
  return response.blob();
}
