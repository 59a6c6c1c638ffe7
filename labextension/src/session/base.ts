import type { IEmscriptenFS } from '../emscripten';
import { mountedImages } from '../fs';
import type { Stack } from '../image';

/**
 * The image that a kernel runs from, with the layers that are mounted on it; null where it runs from none.
 *
 * It is the one whose digest is known; what somebody has mounted for a while is not.
 */
export function kernelImage(FS: IEmscriptenFS): Stack | null {
  const mounted = mountedImages(FS).find(
    ({ images }) => images[0].sha256 !== undefined
  );
  return mounted?.stack ?? null;
}
