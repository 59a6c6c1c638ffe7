import { SnapshotError } from './error';
import type { ILinker } from './module';

/** A file that Python had open, e.g. the font of a figure. */
export interface IOpenFile {
  fd: number;
  path: string;
  flags: number;
  position: number;
}

/** Standard input, output and error, which every kernel has by itself. */
const STANDARD = 3;

/** `O_CREAT | O_EXCL | O_TRUNC`, which have done what they do. */
const ONCE = 0o100 | 0o200 | 0o1000;

/**
 * The open files of a kernel: Python's half of each is in memory, the other half is not.
 *
 * @param below - The mount points: what lies elsewhere is gone in another kernel.
 */
export function openFiles(linker: ILinker, below: readonly string[]): IOpenFile[] {
  const files: IOpenFile[] = [];
  linker.FS.streams.forEach((stream, fd) => {
    if (!stream || fd < STANDARD) return;
    const { path = '', flags, position, node } = stream;
    const stays = below.some(mount => path.startsWith(`${mount}/`));
    if (!linker.FS.isChrdev(node.mode) && !(linker.FS.isFile(node.mode) && stays)) {
      throw new SnapshotError(
        `the warm-up leaves ${path || `file number ${fd}`} open, which another kernel does not have`
      );
    }
    files.push({ fd, path, flags: flags & ~ONCE, position });
  });
  return files;
}

/** Open the files again, under their numbers. */
export function reopenFiles({ FS }: ILinker, files: readonly IOpenFile[]): void {
  for (const { fd, path, flags, position } of files) {
    // Emscripten takes the lowest free number.
    const gaps: number[] = [];
    for (let below = 0; below < fd; below++) {
      if (!FS.streams[below]) gaps.push(below);
    }
    const taken = { path: '', flags: 0, position: 0, node: { mode: 0 } };
    for (const gap of gaps) FS.streams[gap] = taken;
    try {
      FS.open(path, flags).position = position;
    } catch {
      throw new SnapshotError(`${path} cannot be opened again`);
    } finally {
      for (const gap of gaps) FS.streams[gap] = null;
    }
  }
}
