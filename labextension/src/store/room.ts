import { clearCacheFolder } from './cache-folder';
import type { Database } from './database';
import { findDebris, removeDebris } from './debris';
import { StoreError } from './error';

/** What the browser says of the room that an origin has; each is null where it does not say (on plain http). */
export interface IRoom {
  /** Bytes that all of the origin takes. */
  used: number | null;

  /** Bytes that it may take. */
  quota: number | null;

  /** Bytes that are left of these. */
  free: number | null;

  /** Whether the browser has promised not to remove anything by itself. */
  persisted: boolean | null;
}

/** How much room there is. It is an estimate: browsers round, and some say more than they give. */
export async function room(): Promise<IRoom> {
  const storage = navigator.storage as StorageManager | undefined;
  const { usage, quota } =
    (await storage?.estimate?.().catch(() => undefined)) ?? ({} as StorageEstimate);
  const known = usage !== undefined && quota !== undefined;
  return {
    used: usage ?? null,
    quota: quota ?? null,
    free: known ? Math.max(0, quota - usage) : null,
    persisted: (await storage?.persisted?.().catch(() => null)) ?? null
  };
}

/** Browsers remove deleted bytes a while later; so long is waited for them, in milliseconds. */
const PATIENCE = 10_000;
const INTERVAL = 500;

/** How much room an image takes, in bytes. */
export interface INeed {
  /** So much in all, at the least. */
  needed: number;

  /** So much has found room. */
  stored: number;

  /** Aborting ends the wait for it. */
  signal?: AbortSignal;
}

/**
 * Do something that needs room. When there is none, what nobody misses is removed: decoded snapshots, and what writers that
 * have died left behind.
 *
 * @throws StoreError with the code `quota` when that does not help.
 */
export async function withRoom<T>(
  database: Database,
  name: string,
  need: INeed,
  work: () => Promise<T>
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isQuota(error)) throw error;
    const freed = (await clearCacheFolder()) + (await clearDebris(database));
    const end = Date.now() + (freed > 0 ? PATIENCE : 0);
    let last: unknown = error;
    while (Date.now() < end) {
      need.signal?.throwIfAborted();
      await new Promise(resolve => setTimeout(resolve, INTERVAL));
      try {
        return await work();
      } catch (again) {
        if (!isQuota(again)) throw again;
        last = again;
      }
    }
    throw quotaError(name, need, (await room()).free, last);
  }
}

async function clearDebris(database: Database): Promise<number> {
  const debris = await findDebris(database);
  await removeDebris(database, debris);
  return debris.reduce((sum, { size }) => sum + size, 0);
}

/** Whether the browser refuses to store more. */
export function isQuota(error: unknown): boolean {
  return (error as Error | undefined)?.name === 'QuotaExceededError';
}

function quotaError(
  name: string,
  { needed, stored }: INeed,
  said: number | null,
  cause: unknown
): StoreError {
  // Some browsers say the same of every disk, so that nobody is known by it: what they refuse is not free.
  const free = stored + (said !== null && said < needed - stored ? said : 0);
  return new StoreError(
    'quota',
    `${name}: cannot be stored, it needs at least ${megabytes(needed)} and there is room for ${megabytes(free)}. ` +
      'Delete images that you do not need, or make room on the disk, and try again; or download this one instead.',
    { needed, free, cause }
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
