import type { IEmscriptenFS } from '../emscripten';
import { SessionError } from './error';

/** Whether there is a file at a path of the live filesystem. */
export function isFile(FS: IEmscriptenFS, path: string): boolean {
  const { exists, object } = FS.analyzePath(path);
  return exists && object !== null && FS.isFile(FS.stat(path).mode);
}

/** The absolute form of a path. */
export function absolute(FS: IEmscriptenFS, path: string): string {
  return path.startsWith('/') ? path : `${FS.cwd().replace(/\/$/, '')}/${path}`;
}

/** The name of a file, without its folder. */
export function baseName(path: string): string {
  return path.split('/').filter(Boolean).at(-1) ?? path;
}

/** Read a file of the live filesystem. */
export function readFile(FS: IEmscriptenFS, path: string): Blob {
  if (!isFile(FS, path)) {
    throw new SessionError(
      'missing',
      `There is no file ${path}. Its folder is ${FS.cwd()} unless it begins with a slash.`
    );
  }
  return new Blob([FS.readFile(path) as Uint8Array<ArrayBuffer>]);
}

/** Write a file of the live filesystem; what had its name before stays until all is written. */
export async function writeFile(
  FS: IEmscriptenFS,
  path: string,
  blob: Blob
): Promise<void> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const part = `${path}.part`;
  try {
    FS.writeFile(part, bytes, { canOwn: true });
    if (FS.analyzePath(path).exists) FS.unlink(path);
    FS.rename(part, path);
  } catch (error) {
    if (FS.analyzePath(part).exists) FS.unlink(part);
    throw new SessionError(
      'missing',
      `${path} cannot be written (${String((error as Error).message ?? error)}). Does its folder exist?`,
      { cause: error }
    );
  }
}

/** A glob that selects one path. */
export function globOf(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}
