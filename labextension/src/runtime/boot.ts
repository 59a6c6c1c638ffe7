import type { PyodideAPI } from 'pyodide';

import type { IEmscriptenFS } from '../emscripten';
import { type IFrozenHooks, createFrozenFS } from '../fs';
import type { ImageReader } from '../image';
import type { IMountPoint, IPackage } from './manifest';
import type { Restore } from './snapshot/restore';

type Pyodide = typeof import('pyodide');
type PyodideOptions = NonNullable<Parameters<Pyodide['loadPyodide']>[0]>;

/** Where the image holds the standard library; its minor version is the target's. */
const STDLIB = '/lib/python3.14';

export interface IBootOptions extends IFrozenHooks {
  loadPyodide: Pyodide['loadPyodide'];
  /** Where Pyodide's files are: a URL or a directory. */
  indexURL: string;
  /** An empty file: the standard library comes from the image, not from `python_stdlib.zip`. */
  emptyFile: string;
  image: Promise<ImageReader>;
  mounts: readonly IMountPoint[];
  packages: readonly Pick<IPackage, 'name' | 'in_lock'>[];
  pyodide?: PyodideOptions;
  /** Put a snapshot in place of a start; `pyodide.createPyodideModule` has to be given then. */
  restore?: Restore;
  onStep?(step: 'mounted' | 'started'): void;
}

/**
 * Start Pyodide from an image: its subtrees are mounted before Python starts, so that the standard
 * library is read from there too.
 */
export async function bootPyodide(options: IBootOptions): Promise<PyodideAPI> {
  const { restore } = options;
  // Pyodide's Python looks for its library in a zip file only; this names the folder as well.
  const path: Record<string, string> = restore ? {} : { PYTHONPATH: STDLIB };
  const env = { ...options.pyodide?.env, ...path };
  let fail: (reason: unknown) => void;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
    options.image.catch(reject);
  });
  const loading = options.loadPyodide({
    indexURL: options.indexURL,
    stdLibURL: options.emptyFile,
    ...options.pyodide,
    ...restore?.options(options.pyodide!.createPyodideModule!),
    env,
    fsInit: async fs => {
      const FS = fs as unknown as IEmscriptenFS;
      try {
        mountImage(FS, await options.image, options.mounts, options);
      } catch (error) {
        // Pyodide would go on without its files, and end with an exit code in place of the reason.
        fail(error);
        await new Promise(() => undefined);
      }
      options.onStep?.('mounted');
    }
  });
  const pyodide = await Promise.race([loading, failure]);
  if (restore) {
    restore.finish(pyodide);
  } else {
    pyodide.runPython('import os; del os.environ["PYTHONPATH"]');
  }
  // Pyodide downloads what it does not know to be there, by the name that its lock file has inside: `Pillow`.
  const loaded = pyodide.loadedPackages as Record<string, string>;
  const { packages } = pyodide.lockfile;
  for (const { name, in_lock: inLock } of options.packages) {
    if (inLock) loaded[packages[name]?.name ?? name] = 'default channel';
  }
  options.onStep?.('started');
  return pyodide;
}

/** Mount the subtrees of an image, parents before what lies below them. */
export function mountImage(
  FS: IEmscriptenFS,
  image: ImageReader,
  mounts: readonly IMountPoint[],
  hooks: IFrozenHooks = {}
): void {
  const frozenFS = createFrozenFS(FS, hooks);
  for (const { root, path } of [...mounts].sort(
    (a, b) => a.path.length - b.path.length
  )) {
    FS.mkdirTree(path);
    FS.mount(frozenFS, { image, root, writable: true, system: true }, path);
  }
}
