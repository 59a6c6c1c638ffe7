import type { IImageRow, IImages } from '../types';

/** How the kernel is told which image is meant. */
export interface ISource {
  /** Of what Python's functions take. */
  options: { source: string | null; upload: boolean };
  /** What is answered to a kernel that asks for a file. */
  file?: File;
}

/** Name an image to the kernel: by its name in the store, by its address, or as a file that the page has. */
export function sourceOf(images: IImages, image: IImageRow): ISource {
  if (image.place === 'store') {
    return { options: { source: image.name, upload: false } };
  }
  if (image.url !== null) return { options: { source: image.url, upload: false } };
  const file = images.file(image) ?? undefined;
  return { options: { source: null, upload: true }, file };
}
