import type { IWritingRow } from './database';

/**
 * Who is still writing. A writer holds a Web Lock, which ends with its tab or worker; where there are none (plain http), it is
 * believed to live for some time after each piece. Should that be wrong, it is told: it finds that its record is gone.
 */
const BELIEVED = 10 * 60_000;

/**
 * @param id - The key of what is written.
 *
 * @returns What ends it, or null where there are no locks.
 */
export async function holdLock(id: string): Promise<(() => void) | null> {
  const locks = available();
  if (!locks) return null;
  return new Promise((resolve, reject) => {
    locks
      .request(
        lockName(id),
        () => new Promise<void>(release => resolve(() => release()))
      )
      .catch(reject);
  });
}

/** Choose those whose writers are gone. */
export async function abandoned(rows: readonly IWritingRow[]): Promise<IWritingRow[]> {
  const held = new Set((await available()?.query())?.held?.map(({ name }) => name));
  return rows.filter(({ id, locked, touched }) =>
    locked ? !held.has(lockName(id)) : Date.now() - touched > BELIEVED
  );
}

function available(): LockManager | undefined {
  return navigator.locks as LockManager | undefined;
}

function lockName(id: string): string {
  return `jupyter-frozenfs:writing:${id}`;
}
