import type { PyodideAPI } from 'pyodide';

import { objectPaths } from './js-objects';
import { type CreatePyodideModule, createModule } from '../create-module';
import { linkLibraries } from './link-libraries';
import { type IRuntimeStart, offsetsOf, takeLinkRecord } from './link-record';
import type { ILinker } from './module';
import { linkerOf } from './module';
import { LibraryObserver } from './observe';
import { openFiles } from './open-files';
import { EXERCISE } from './exercise';
import { PromotionObserver } from './promotions';
import { REFRESH, REMEMBER, SETTLE } from './python';
import type { ILinkerRecord } from './record';
import type { IState } from './state';
import { takeGcHeads } from './gc-heads';
import { heapEnd, wipeFreeMemory } from './heap';
import { freeLibraryFiles } from './library-files';
import { workerGlobals } from './worker-globals';

type PyodideOptions = NonNullable<Parameters<typeof import('pyodide').loadPyodide>[0]>;

/** A snapshot in memory. */
export interface ITaken {
  /** Identifies the build of the runtime. */
  build: string;
  state: IState;
  /** What the linker is told when it is first asked. */
  known: ILinkerRecord;
  /** Pyodide's own part of its snapshot. */
  pyodide: Uint8Array;
  /** Bytes of the file of each library, in the order of the link record. */
  librarySizes: number[];
  /** The runtime, with the libraries linked into it. */
  linked: Uint8Array;
  memory: Uint8Array;
  /** How large the memory may become, in pages of 64 KiB. */
  maximum: number;
  /** What has been taken out of it, see `takeGcHeads`. */
  gcHeads: Uint32Array;
  /** What the runtime puts into memory by itself, from address 0 on. */
  runtimeData: Uint8Array;
}

/**
 * Takes the snapshot of one kernel.
 *
 * It has to be there before Pyodide starts, and runs in Node only: while it is at work it replaces a part of the
 * global `WebAssembly`.
 */
export class SnapshotTaker {
  private readonly observer = new LibraryObserver();
  private readonly promoted = new PromotionObserver();
  private start: IRuntimeStart = {
    tableOwn: 0,
    tableStart: 0,
    heapStart: 0,
    got: {},
    data: new Uint8Array()
  };
  private exports: WebAssembly.Exports = {};

  /** @param runtime - The WebAssembly of the runtime. */
  constructor(private readonly runtime: Uint8Array) {}

  /** What Pyodide has to be started with. */
  options(createPyodideModule: CreatePyodideModule): PyodideOptions {
    return {
      _makeSnapshot: true,
      jsglobals: workerGlobals(),
      // As in browsers; Node would name the script of the build.
      _sysExecutable: './this.program',
      createPyodideModule: settings => {
        const module = settings as unknown as ILinker & {
          onRuntimeInitialized(): void;
        };
        this.observer.onInstantiated = () => freeLibraryFiles(module);
        module.onRuntimeInitialized = () => {
          this.start.tableStart = module.wasmTable.length;
          this.start.heapStart = heapEnd(module);
          const offsets = Object.entries(offsetsOf(module));
          this.start.got = Object.fromEntries(
            offsets.filter(([symbol]) => symbol in this.exports)
          );
          this.promoted.watch(module);
        };
        return createModule(createPyodideModule, settings, ({ memory, exports }) => {
          this.start.data = written(memory);
          this.exports = exports;
          const table = exports.__indirect_function_table as WebAssembly.Table;
          this.start.tableOwn = table.length;
        });
      }
    };
  }

  /** Has to be called before the kernel is imported. */
  started(pyodide: PyodideAPI): void {
    const remember = runApart(pyodide, REMEMBER);
    remember(pyodide.toPy(variables(linkerOf(pyodide))));
    remember.destroy();
  }

  /**
   * Take the snapshot; the kernel is of no use afterwards.
   *
   * @param mounts - Where the image is mounted.
   * @throws SnapshotError when a restored kernel would not be the same.
   */
  take(pyodide: PyodideAPI, mounts: readonly string[]): ITaken {
    this.observer.stop();
    const survivor = runApart(pyodide, SETTLE) as unknown as number;
    const exercise = runApart(pyodide, EXERCISE) as unknown as number;
    runApart(pyodide, REFRESH);
    const linker = linkerOf(pyodide);
    const files = openFiles(linker, mounts);
    const { link, known } = takeLinkRecord(
      linker,
      this.observer,
      this.promoted,
      this.start
    );
    const libraries = known.libraries.map(({ name }) => ({
      bytes: linker.FS.readFile(name),
      exports: this.observer.find(
        linker.LDSO.loadedLibsByName[name].exports as Record<string, unknown>
      )!.exports
    }));
    const runtime = {
      bytes: this.runtime,
      exports: this.exports,
      tableLength: this.start.tableOwn
    };
    const linked = linkLibraries(linker, link, known, runtime, libraries);
    const path = objectPaths(pyodide);
    freeLibraryFiles(linker);
    wipeFreeMemory(linker);
    // Pyodide holds this list to be no part of a snapshot, and wants it empty; each start fills it.
    const loaded = pyodide.loadedPackages as Record<string, string>;
    for (const name of Object.keys(loaded)) delete loaded[name];
    const { _api: api } = pyodide as unknown as {
      _api: { config: { BUILD_ID: string } };
    };
    const whole = (
      pyodide as unknown as {
        makeMemorySnapshot(options: {
          serializer(object: object): unknown;
        }): Uint8Array;
      }
    ).makeMemorySnapshot({ serializer: path });
    const [, begin] = new Uint32Array(whole.buffer, whole.byteOffset, 2);
    // Aligned, as it was in the kernel.
    const memory = whole.slice(begin);
    const gcHeads = takeGcHeads(memory, survivor);
    return {
      build: api.config.BUILD_ID,
      state: { link, files, exercise },
      known,
      pyodide: whole.slice(0, begin),
      librarySizes: libraries.map(({ bytes }) => bytes.length),
      linked: linked.bytes,
      maximum: linked.maximum,
      memory,
      gcHeads,
      runtimeData: this.start.data
    };
  }
}

/** What has been written into a memory, in whole words. */
function written(memory: WebAssembly.Memory): Uint8Array {
  const words = new Uint32Array(memory.buffer);
  let end = words.length;
  while (end > 0 && words[end - 1] === 0) end--;
  return new Uint8Array(memory.buffer, 0, 4 * end).slice();
}

/** A function of Python. */
export type PythonFunction = ((...args: unknown[]) => unknown) & { destroy(): void };

/** Run Python in a namespace of its own, so that the notebook's stays as it is. */
export function runApart(pyodide: PyodideAPI, code: string): PythonFunction {
  const globals = pyodide.toPy({}) as { destroy(): void };
  try {
    return pyodide.runPython(code, { globals } as never) as PythonFunction;
  } finally {
    globals.destroy();
  }
}

/** The environment variables of a process that starts now. */
export function variables(linker: ILinker): Record<string, string> {
  return Object.fromEntries(
    linker.getEnvStrings().map(line => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    })
  );
}
