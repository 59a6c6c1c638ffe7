import type { IEmscriptenFS } from '../emscripten';
import { mountedImages } from '../fs';
import type { Stack } from '../image';

/** The image that a kernel runs from, with the layers that are mounted on it; null where it runs from none. */
export function kernelImage(FS: IEmscriptenFS): Stack | null {
  return mountedImages(FS).find(({ system }) => system)?.stack ?? null;
}
