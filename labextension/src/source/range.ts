/** Refuse a range that is not within a source. */
export function checkRange(
  name: string,
  size: number,
  offset: number,
  length: number
): void {
  if (
    !Number.isSafeInteger(offset) ||
    !Number.isSafeInteger(length) ||
    offset < 0 ||
    length < 0 ||
    offset + length > size
  ) {
    throw new RangeError(
      `${name}: ${length} bytes at ${offset} are not within its ${size} bytes`
    );
  }
}
