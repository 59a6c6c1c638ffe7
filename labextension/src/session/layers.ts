import { type IConflict, rebase } from '../fs';
import { ImageReader, Stack } from '../image';
import { fetchManifest, openImageAt } from '../runtime';
import { BlobSource } from '../source';
import { kernelImage } from './base';
import { SessionError } from './error';
import type { Session } from './session';

/** A layer with all that it lies on. */
export async function treeOf(
  session: Session,
  image: ImageReader
): Promise<ImageReader | Stack> {
  const { base } = image.index;
  if (base === null) return image;
  const own = kernelImage(session.FS);
  const isHere = (sha256: string | null) =>
    own?.images.findIndex(image => image.sha256 === sha256) ?? -1;
  const below = await imagesBelow(session, image);
  const lowest = below[0] ?? image;
  const ours = own?.images.slice(0, isHere(lowest.index.base) + 1) ?? [];
  const [bottom, ...layers] = [...ours, ...below, image];
  return new Stack(bottom, layers);
}

/** A layer on what it is put on. */
export interface IRebasedTree {
  tree: ImageReader | Stack;
  /** What was changed both in the layer and between the images that it was made on and is put on. */
  conflicts: readonly IConflict[];
}

/** A layer, whatever it was made on, put on the image that the kernel runs from; anything else as it is. */
export async function rebasedTreeOf(
  session: Session,
  layer: ImageReader,
  signal: AbortSignal
): Promise<IRebasedTree> {
  const { base } = layer.index;
  const own = kernelImage(session.FS);
  if (base === null || !own || own.images.some(({ sha256 }) => sha256 === base)) {
    return { tree: await treeOf(session, layer), conflicts: [] };
  }
  const before = await imageOfDigest(session, base);
  // Of a base that is a layer itself, the rest may be anywhere.
  const oldBase = before?.index.base === null ? before : null;
  const pieces: BlobPart[] = [];
  const sink = (bytes: Uint8Array) =>
    void pieces.push(bytes as Uint8Array<ArrayBuffer>);
  const { conflicts } = await rebase(sink, layer, oldBase, own, { signal });
  const image = await ImageReader.open(new BlobSource(new Blob(pieces), layer.name));
  const [bottom, ...layers] = own.images;
  return { tree: new Stack(bottom, [...layers, image]), conflicts };
}

/** An image of a digest, from this browser or from a build that is still on the site; null when it is in neither. */
async function imageOfDigest(
  session: Session,
  sha256: string
): Promise<ImageReader | null> {
  const stored = await storedImage(session, sha256).catch(() => null);
  return stored ?? (await earlierBuild(session, sha256).catch(() => null));
}

/** `builds.json` lies beside the builds of an environment, and tells in which of them an image lies. */
async function earlierBuild(
  { kernel: { environment } }: Session,
  sha256: string
): Promise<ImageReader | null> {
  if (environment === null) return null;
  const response = await fetch(new URL('../builds.json', environment), {
    cache: 'no-cache'
  });
  if (!response.ok) return null;
  const digest = ((await response.json()) as Record<string, string>)[sha256];
  if (!digest) return null;
  const url = new URL(`../${digest}/environment.json`, environment).href;
  return openImageAt(await fetchManifest(url), url);
}

/**
 * The images that have to be thawed before a layer, the lowest first: none when it lies on the image that the kernel runs
 * from.
 *
 * @throws SessionError with the code `base` when one of them is not here.
 */
async function imagesBelow(
  session: Session,
  layer: ImageReader
): Promise<ImageReader[]> {
  const own = new Set(kernelImage(session.FS)?.images.map(({ sha256 }) => sha256));
  const found: ImageReader[] = [];
  for (let base = layer.index.base; base !== null && !own.has(base);) {
    const image = await storedImage(session, base);
    if (!image) throw noBase(layer.name, base, own.size > 0);
    found.unshift(image);
    base = image.index.base;
  }
  return found;
}

async function storedImage(
  session: Session,
  sha256: string
): Promise<ImageReader | null> {
  const store = await session.store();
  const [record] = await store.find({ sha256 });
  if (!record) return null;
  const { blob } = await store.get(record.name);
  return ImageReader.open(new BlobSource(blob, record.name), { sha256 });
}

function noBase(name: string, base: string, runsFromImage: boolean): SessionError {
  return new SessionError(
    'base',
    `${name}: it is a layer, and what it was made on is not here: the image with SHA-256 ${base}. ` +
      (runsFromImage
        ? 'This kernel runs from another image, perhaps because the site was built anew: put the layer onto that with ' +
          '--rebase, or choose the kernel that it was made in.'
        : 'Import that image, or choose the kernel that the layer was made in.')
  );
}
