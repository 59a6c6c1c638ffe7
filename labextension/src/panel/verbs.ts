import type { IImageRow, IImages, Verb } from './types';

/** Whether something can be done with an image where it is. */
export function allows(images: IImages, { place }: IImageRow, verb: Verb): boolean {
  if (!images.can.has(verb)) return false;
  switch (verb) {
    case 'note':
    case 'autoload':
      return place === 'store';
    case 'rename':
    case 'remove':
      return place === 'store' || place === 'disk';
    case 'import':
      return place !== 'store';
    case 'export':
      // A file of the computer is there already.
      return place !== 'file';
    default:
      return true;
  }
}
