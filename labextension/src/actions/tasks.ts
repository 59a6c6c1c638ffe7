import type { IPersistence, Task } from './messages';

/** Where a page notes that it has asked the browser to keep what is stored. */
const ASKED = 'jupyter-frozenfs:asked-to-persist';

/** How long the bytes of a download are held for the browser to begin with them, in milliseconds. */
const HELD = 60_000;

/** Do what only a page can. */
export async function doTask(task: Task): Promise<unknown> {
  switch (task.what) {
    case 'download':
      download(task.blob, task.name);
      return true;
    case 'persist':
      return persist(navigator.storage, localStorage);
  }
}

/** Hand bytes to the browser as a download. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), HELD);
}

/**
 * Ask the browser not to delete what is stored, unless it has been asked before: some ask the person each time.
 *
 * @param storage - the browser's; absent on plain http
 * @param notes - where it is noted that it was asked
 */
export async function persist(
  storage: Pick<StorageManager, 'persist' | 'persisted'> | undefined,
  notes: Pick<Storage, 'getItem' | 'setItem'>
): Promise<IPersistence> {
  if (!storage?.persist) return { persisted: false, asked: false };
  if (await storage.persisted()) return { persisted: true, asked: false };
  if (notes.getItem(ASKED)) return { persisted: false, asked: false };
  notes.setItem(ASKED, new Date().toISOString());
  return { persisted: await storage.persist(), asked: true };
}
