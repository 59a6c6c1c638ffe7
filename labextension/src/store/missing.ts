import { StoreError } from './error';

/** There is no image of this name. */
export function missingError(name: string): StoreError {
  return new StoreError(
    'missing',
    `${name}: there is no image of this name in this browser, for this site. List the images to see which there are.`
  );
}
