import { hold } from './hold';

/**
 * The folder of the origin private file system that holds what can be had again: decoded snapshots. It makes kernels start
 * faster and is no loss, so it goes before an image finds no room.
 */
const FOLDER = 'jupyter-frozenfs-memory';

/**
 * Open it.
 *
 * @throws DOMException when the browser has no such files (on plain http), or there is no such folder yet.
 */
export async function openCacheFolder(
  create: boolean
): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return hold(root, root => root.getDirectoryHandle(FOLDER, { create }));
}

/**
 * Remove all that it holds and nobody reads just now.
 *
 * @returns How many bytes were freed.
 */
export async function clearCacheFolder(): Promise<number> {
  let freed = 0;
  try {
    const folder = await openCacheFolder(false);
    for await (const entry of folder.values()) {
      if (entry.kind !== 'file') continue;
      const { size } = await hold(entry as FileSystemFileHandle, file =>
        file.getFile()
      );
      try {
        await hold(folder, folder => folder.removeEntry(entry.name));
        freed += size;
      } catch {
        // A kernel that is starting reads it.
      }
    }
  } catch {
    // There is none.
  }
  return freed;
}
