/**
 * Sort names by the bytes of their UTF-8, in place.
 *
 * JavaScript compares UTF-16, which differs where a surrogate meets a character above it.
 */
export function sortNames(names: string[]): string[] {
  return names.some(name => /[\ud800-\uffff]/.test(name))
    ? names.sort(compareNames)
    : names.sort();
}

/** Compare two names by the bytes of their UTF-8. */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) {
      return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
    }
  }
  return a.length - b.length;
}

/** Code units in the order of the code points that they begin or continue. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
