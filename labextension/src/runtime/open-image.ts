import { ImageReader } from '../image';
import { OverlaySource, PartsSource, SliceSource } from '../source';
import type { Download } from './download';
import type { ICopy, IManifest } from './manifest';

/** An image whose index is there, and how to let go of what its start has loaded. */
export interface IOpenedImage {
  image: ImageReader;
  release(): void;
}

/**
 * The image of an environment: what is in `copy` comes by plain requests, anything else in ranges when it is read.
 *
 * @param copy - The index, and as much of the beginning as the start needs.
 */
export async function openImage(
  manifest: IManifest,
  copy: ICopy,
  download: Download
): Promise<IOpenedImage> {
  const { parts, size, last_chunk: lastChunk } = manifest.image;
  const starting = await download.load(copy.parts);
  const rest = await download.open(parts);
  const source = new OverlaySource(
    new PartsSource(rest, `${manifest.name} (${download.url})`),
    [
      {
        offset: lastChunk,
        source: new SliceSource(starting.source, 0, size - lastChunk)
      },
      {
        offset: 0,
        source: new SliceSource(starting.source, size - lastChunk, copy.boot)
      }
    ]
  );
  const image = await ImageReader.open(source, { lastChunk: { offset: lastChunk } });
  // A copy of less than the boot prefix is there for its index only.
  if (copy.boot >= manifest.image.boot) await image.preload();
  await starting.loaded;
  return {
    image,
    release: () => {
      image.release();
      source.release();
    }
  };
}
