import { ImageReader } from '../image';
import { type IOverlay, OverlaySource, PartsSource, SliceSource } from '../source';
import { Download } from './download';
import type { ICopy, IManifest, Range } from './manifest';

/** An image whose index is there, and how to let go of what its start has loaded. */
export interface IOpenedImage {
  image: ImageReader;
  release(): void;
}

/**
 * The image of an environment: what is in `copy` comes by plain requests, anything else in ranges when it is read.
 *
 * @param copy - The index, as much of the beginning as the start needs, and what is read next: that stays.
 */
export async function openImage(
  manifest: IManifest,
  copy: ICopy,
  download: Download
): Promise<IOpenedImage> {
  const { parts, size, sha256, last_chunk: lastChunk } = manifest.image;
  const starting = await download.load(copy.parts);
  const rest = await download.open(parts);
  const ranges = copy.ranges ?? [];
  const overlays = overlaysOf(starting.source, [
    [lastChunk, size - lastChunk],
    [0, copy.boot],
    ...ranges
  ]);
  const source = new OverlaySource(
    new PartsSource(rest, `${manifest.name} (${download.url})`),
    overlays
  );
  const image = await ImageReader.open(source, {
    lastChunk: { offset: lastChunk },
    sha256
  });
  // A copy of less than the boot prefix is there for its index only.
  if (copy.boot >= manifest.image.boot) await image.preload();
  await starting.loaded;
  return {
    image,
    release: () => {
      image.release();
      // A reader may look at the page for long before the first figure.
      source.release(overlays.slice(overlays.length - ranges.length));
    }
  };
}

/**
 * The image of an environment in which nothing has to start: all of it is fetched when it is read.
 *
 * @param url - the absolute URL of its `environment.json`
 */
export async function openImageAt(
  { name, image }: IManifest,
  url: string
): Promise<ImageReader> {
  const parts = await new Download({ url }).open(image.parts);
  return ImageReader.open(new PartsSource(parts, `${name} (${url})`), {
    lastChunk: { offset: image.last_chunk },
    sha256: image.sha256
  });
}

/** Ranges of the image that lie in a file one after the other. */
function overlaysOf(file: PartsSource, ranges: readonly Range[]): IOverlay[] {
  let at = 0;
  return ranges.map(([offset, length]) => {
    const source = new SliceSource(file, at, length);
    at += length;
    return { offset, source };
  });
}
