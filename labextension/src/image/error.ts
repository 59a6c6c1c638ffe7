/**
 * An image is not what it says it is, or cannot be what it should. The message names the image, or
 * the entry that it cannot hold, and what to do.
 */
export class ImageError extends Error {
  override name = 'ImageError';

  /**
   * @param image - What the image is called: a URL, a file name.
   * @param found - What was expected and what was found.
   * @param advice - What the person can do about it.
   * @param options - The error behind it.
   */
  constructor(
    readonly image: string,
    found: string,
    advice = 'The image is damaged: fetch it again, or build it again.',
    options?: ErrorOptions
  ) {
    super(`${image}: ${found}. ${advice}`, options);
  }
}

/** The error for a format version that this reader does not know. */
export function unknownVersion(image: string, version: unknown): ImageError {
  return new ImageError(
    image,
    `expected format version 1, found ${String(version)}`,
    'The image was written by a newer program: update jupyter-frozenfs.'
  );
}
