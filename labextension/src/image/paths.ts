/** Where an image keeps its index: a tree has no such entry. */
export const INDEX_PATH = '/.vfs-index.json';

/** What is wrong with a text that is to be stored, or null. */
export function textFault(text: string): string | null {
  if (text.includes('\0')) return 'holds a NUL';
  // With the flag u, only a half of a character that has no other half is a surrogate.
  return /\p{Surrogate}/u.test(text) ? 'is not valid UTF-8' : null;
}

/** What is wrong with a path of a tree (section 1 of the format), or null. */
export function pathFault(path: string): string | null {
  const fault = textFault(path);
  if (fault !== null) return fault;
  if (!path.startsWith('/')) return 'is not absolute';
  if (/\/\.{0,2}(?:\/|$)/.test(path)) {
    return 'has an empty, . or .. segment or a trailing slash';
  }
  if (isVirtual(path)) return 'lies under /dev, /proc or /sys, which are never stored';
  return path === INDEX_PATH ? 'is where the image keeps its index' : null;
}

/** Whether a path lies where a running system makes the files. */
export function isVirtual(path: string): boolean {
  return /^\/(dev|proc|sys)\//.test(path);
}
