import { ImageReader } from '../image';
import { BlobSource } from '../source';
import { kernelImage } from './base';
import { SessionError } from './error';
import type { Session } from './session';

/**
 * The images that have to be thawed before a layer, the lowest first: none when it lies on the image that the kernel runs
 * from.
 *
 * @throws SessionError with the code `base` when one of them is not here.
 */
export async function imagesBelow(
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
        ? 'This kernel runs from another image, perhaps because the site was built anew: choose the kernel that the ' +
          'layer was made in.'
        : 'Import that image, or choose the kernel that the layer was made in.')
  );
}
