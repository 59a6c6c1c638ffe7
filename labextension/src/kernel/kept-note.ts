/**
 * Which environments have left their decoded memory for the next start, as far as this page can tell at once: to look
 * for the file takes longer, and a worker that is to decode it would wait.
 */
const KEY = 'jupyter-frozenfs:kept';

/** So many are noted, the newest first. */
const MOST = 16;

/**
 * @param url - Of `environment.json`.
 * @returns True also where nothing can be noted.
 */
export function mayBeKept(url: string): boolean {
  try {
    return noted().includes(url);
  } catch {
    return true;
  }
}

/** Note that the memory of an environment is kept. */
export function noteKept(url: string): void {
  try {
    const others = noted().filter(other => other !== url);
    localStorage.setItem(KEY, JSON.stringify([url, ...others].slice(0, MOST)));
  } catch {
    // Then it is looked for.
  }
}

function noted(): unknown[] {
  const text = localStorage.getItem(KEY);
  try {
    const found: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(found) ? found : [];
  } catch {
    return []; // somebody else has written it
  }
}
