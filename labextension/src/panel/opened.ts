import { ImageReader, Stack } from '../image';
import { fetchManifest } from '../runtime/manifest';
import { openImageAt } from '../runtime/open-image';
import { BlobSource, HttpSource } from '../source';
import type { IChain, IOrigin } from './origin';

/** So many images stay open, and so many inflated bytes of each stay in memory. */
const MOST = 8;
const CACHE = 8 * 2 ** 20;

/** The images that were opened last: what is looked at is read more than once. */
export class OpenedImages {
  private readonly images = new Map<string, Promise<ImageReader>>();

  /** An image with what it lies on. */
  async tree({ origins, missing }: IChain): Promise<ImageReader | Stack> {
    const images = await Promise.all(origins.map(origin => this.image(origin)));
    const [bottom, ...layers] = images;
    return layers.length > 0 && missing === null ? new Stack(bottom, layers) : bottom;
  }

  async image(origin: IOrigin): Promise<ImageReader> {
    const { key } = origin;
    const image = this.images.get(key) ?? open(origin);
    this.images.delete(key);
    this.images.set(key, image);
    image.catch(() => {
      if (this.images.get(key) === image) this.images.delete(key);
    });
    for (const [oldest] of this.images) {
      if (this.images.size <= MOST) break;
      this.images.delete(oldest);
    }
    return image;
  }
}

async function open({ name, sha256, from }: IOrigin): Promise<ImageReader> {
  if ('environment' in from) {
    return openImageAt(await fetchManifest(from.environment), from.environment);
  }
  const source =
    'blob' in from
      ? new BlobSource(from.blob, name)
      : await HttpSource.open(from.address, { size: from.size ?? undefined });
  return ImageReader.open(source, {
    cacheBytes: CACHE,
    sha256: sha256 ?? undefined
  });
}
