import type { PyodideAPI } from 'pyodide';

import type { ImageReader } from '../../image';
import { type IBootOptions, bootPyodide } from '../boot';
import type { IMountPoint, IPackage } from '../manifest';
import { emit } from './events';
import { emptyFile } from './pyodide';

/** What each job says that starts a kernel from an image. */
export interface IBootJob {
  /** A directory with Pyodide's files. */
  pyodide: string;
  /** The image file. */
  image: string;
  mounts: IMountPoint[];
  packages: Pick<IPackage, 'name' | 'in_lock'>[];
}

/** How many lines of what Python says are quoted when it cannot start. */
const TAIL = 20;

/**
 * Start Pyodide from an image; what Python prints is told to the build.
 *
 * @throws Error when Python ends while it starts, with what it said.
 */
export async function bootInNode(
  job: IBootJob,
  image: ImageReader,
  options: Omit<
    IBootOptions,
    'indexURL' | 'emptyFile' | 'image' | 'mounts' | 'packages'
  >
): Promise<PyodideAPI> {
  const said: string[] = [];
  const print = (text: string) => {
    said.push(text);
    if (said.length > TAIL) said.shift();
    emit({ event: 'log', text });
  };
  try {
    return await bootPyodide({
      ...options,
      indexURL: job.pyodide,
      emptyFile: emptyFile(),
      image: Promise.resolve(image),
      mounts: job.mounts,
      packages: job.packages,
      pyodide: { ...options.pyodide, stdout: print, stderr: print }
    });
  } catch (error) {
    if (error instanceof Error) throw error;
    // Emscripten's `ExitStatus`, which is no error.
    const { status } = error as { status?: number };
    const lines = said.length > 0 ? ` It said:\n${said.join('\n')}` : '';
    throw new Error(`Python ended with code ${status} while it started.${lines}`);
  }
}
