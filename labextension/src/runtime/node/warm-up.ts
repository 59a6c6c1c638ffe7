import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { IEmscriptenFS } from '../../emscripten';
import { changes } from '../../fs';
import { ImageReader } from '../../image';
import { type IBootJob, bootInNode } from './boot';
import { emit } from './events';
import { FileSource } from './file-source';
import { type IAuthorsWarmUp, runWarmUp, startKernel } from './kernel';
import { REPRODUCIBLE, importPyodide } from './pyodide';

/** The image is a draft: the whole environment, in any order. */
export interface IWarmUpJob extends IBootJob, IAuthorsWarmUp {
  job: 'warm-up';
  /** An empty directory: what the warm-up wrote is mirrored into it. */
  output: string;
}

/**
 * Start a kernel from the draft image as a browser will, run the author's warm-up, and report which files were
 * read (the boot list) and which were written.
 */
export async function warmUp(job: IWarmUpJob): Promise<void> {
  const started = performance.now();
  const boot = new Set<string>();
  const image = await ImageReader.open(new FileSource(job.image));
  const { loadPyodide } = await importPyodide(job.pyodide);
  const pyodide = await bootInNode(job, image, {
    loadPyodide,
    onRead: path => boot.add(path),
    pyodide: { env: REPRODUCIBLE }
  });
  const python = pyodide.runPython(
    'import platform; platform.python_version()'
  ) as string;
  const atStart = performance.now();

  await startKernel(pyodide);
  const atKernel = performance.now();

  await runWarmUp(pyodide, job);
  const atEnd = performance.now();

  const FS = pyodide.FS as unknown as IEmscriptenFS;
  const changed: string[] = [];
  const removed: string[] = [];
  for (const { path } of job.mounts) {
    const upper = changes(FS.lookupPath(path).node);
    const below = (name: string) => (name === '.' ? path : `${path}/${name}`);
    changed.push(...upper.written.map(below));
    removed.push(...upper.removed.map(below));
  }
  for (const path of changed) copyOut(FS, path, job.output);
  emit({
    event: 'result',
    boot: [...boot],
    changed,
    removed,
    python,
    milliseconds: {
      start: Math.round(atStart - started),
      kernel: Math.round(atKernel - atStart),
      warm_up: Math.round(atEnd - atKernel)
    }
  });
}

/** Mirror one written file, directory or link into `output`. */
function copyOut(FS: IEmscriptenFS, path: string, output: string): void {
  const target = join(output, path);
  const { mode } = FS.lstat(path);
  if (FS.isDir(mode)) {
    mkdirSync(target, { recursive: true });
  } else if (FS.isLink(mode)) {
    mkdirSync(dirname(target), { recursive: true });
    symlinkSync(FS.readlink(path), target);
  } else if (FS.isFile(mode)) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, FS.readFile(path), { mode: mode & 0o777 });
  }
}
