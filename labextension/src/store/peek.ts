import type { IAutoload } from './records';
import { siteOf } from './site';

/**
 * Look what is thawed when a kernel starts, without the rest of the store: a start must not fetch what it seldom needs.
 * No database is made, and whatever goes wrong, nothing is thawed.
 *
 * @param site - The absolute URL of the root of the site.
 */
export async function peekAutoload(
  site: string,
  kernelspec: string,
  databaseName = 'jupyter-frozenfs'
): Promise<IAutoload | null> {
  try {
    const db = await openExisting(databaseName);
    try {
      if (!db.objectStoreNames.contains('autoload')) return null;
      const store = db.transaction('autoload').objectStore('autoload');
      const found = await settled(store.get([siteOf(site), kernelspec]));
      return (found as IAutoload | undefined) ?? null;
    } finally {
      db.close();
    }
  } catch {
    return null;
  }
}

async function openExisting(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name);
  // It is new, and forgotten again when this fails.
  request.onupgradeneeded = () => request.transaction!.abort();
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
