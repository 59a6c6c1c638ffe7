import { openCacheFolder } from '../../store/cache-folder';
import { hold } from '../../store/hold';

/** What is used of `FileSystemSyncAccessHandle`, which exists in workers only. */
export interface IHandle {
  read(target: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  getSize(): number;
  close(): void;
}

export interface IFile extends FileSystemFileHandle {
  createSyncAccessHandle(options?: {
    mode: 'read-only' | 'readwrite';
  }): Promise<IHandle>;
}

/** A file that an earlier start may have left, open. */
export interface IKeptFile {
  /** Of the snapshot, which is the file's name. */
  sha256: string;
  handle: IHandle;
}

/** A browser that has not opened the file after so many milliseconds does not: decoding takes less time than to wait on. */
const PATIENCE = 5000;

/**
 * Open the file that holds the decoded memory of a snapshot; several kernels may read it at once. Each step of this waits
 * for the browser, for longer the more it has to do.
 *
 * @returns null when there is none, or when the browser has no such files.
 */
export async function openKeptFile(
  sha256: string,
  patience = PATIENCE
): Promise<IKeptFile | null> {
  const opening = openFile(sha256);
  const late = Symbol();
  let timer: ReturnType<typeof setTimeout>;
  const waited = new Promise<typeof late>(resolve => {
    timer = setTimeout(() => resolve(late), patience);
  });
  const first = await Promise.race([opening, waited]);
  clearTimeout(timer!);
  if (first !== late) return first;
  void opening.then(file => file?.handle.close());
  return null;
}

async function openFile(sha256: string): Promise<IKeptFile | null> {
  try {
    const folder = await openCacheFolder(false);
    const file = (await hold(folder, folder => folder.getFileHandle(sha256))) as IFile;
    const handle = await hold(file, file =>
      file.createSyncAccessHandle({ mode: 'read-only' })
    );
    return { sha256, handle };
  } catch {
    // None is kept, another kernel is just writing it, or nothing can be kept here.
    return null;
  }
}
