import type { Store } from '../store';
import { clearCacheFolder, openCacheFolder } from '../store/cache-folder';
import { hold } from '../store/hold';
import type { IRoom, IRoomItem } from './types';

/** What the storage of a browser is used for. */
export async function roomOf(store: Store): Promise<IRoom> {
  const [usage, all, snapshots] = await Promise.all([
    store.usage(),
    store.list({ allSites: true }),
    snapshotBytes()
  ]);
  const sites = new Map<string, number>();
  for (const { site, size } of all) {
    if (site !== store.site) sites.set(site, (sites.get(site) ?? 0) + size);
  }
  const items: IRoomItem[] = [
    ...usage.images.map(({ name, size }) => ({ name, size, what: 'image' as const })),
    ...[...sites].map(([name, size]) => ({ name, size, what: 'site' as const })),
    { name: SNAPSHOTS, size: snapshots, what: 'snapshot' as const },
    { name: DEBRIS, size: usage.debris, what: 'debris' as const }
  ];
  return {
    used: usage.used,
    free: usage.free,
    persisted: usage.persisted,
    items: items.filter(({ size }) => size > 0).sort((a, b) => b.size - a.size),
    debris: usage.debris + snapshots
  };
}

/** Remove what nobody misses. Answers the bytes freed. */
export async function cleanUp(store: Store): Promise<number> {
  const debris = await store.gc();
  const freed = debris.reduce((sum, { size }) => sum + size, 0);
  return freed + (await clearCacheFolder());
}

const SNAPSHOTS = 'Prepared kernels, which start faster so';
const DEBRIS = 'Left behind by closed tabs';

/** Bytes of the decoded snapshots; 0 where the browser has no such files. */
async function snapshotBytes(): Promise<number> {
  let sum = 0;
  try {
    const folder = await openCacheFolder(false);
    for await (const entry of folder.values()) {
      if (entry.kind !== 'file') continue;
      sum += (await hold(entry as FileSystemFileHandle, file => file.getFile())).size;
    }
  } catch {
    // There is none, or one is just being removed.
  }
  return sum;
}
