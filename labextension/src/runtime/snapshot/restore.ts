import type { PyodideAPI } from 'pyodide';

import { SnapshotError } from './error';
import type { ObjectPath } from './js-objects';
import { objectAt } from './js-objects';
import type { ILinker } from './module';
import { linkerOf } from './module';
import { reopenFiles } from './open-files';
import { REFRESH } from './python';
import type { ISnapshot } from './reader';
import { relink } from './relink';
import type { CreatePyodideModule } from './take';
import { runApart, variables } from './take';
import { refreshTimeZone } from './time-zone';

type PyodideOptions = NonNullable<Parameters<typeof import('pyodide').loadPyodide>[0]>;

/** What is used of Pyodide's private API. */
interface IInternals {
  config: { BUILD_ID: string };
  /** There once Pyodide has started. */
  public_api: unknown;
}

/** Times of the steps of a restore, in milliseconds. */
export interface IRestoreTimes {
  instantiate: number;
  compile: number;
  link: number;
  memory: number;
  bootstrap: number;
  refresh: number;
}

/** In place of what has been used. */
const GONE = new Promise<never>(() => undefined);

/**
 * Restores a snapshot while Pyodide starts: Python does not start, its memory is put where the runtime looks for it.
 */
export class Restore {
  readonly times: Partial<IRestoreTimes> = {};
  private modules: Promise<Map<string, WebAssembly.Module>>;
  private last = performance.now();
  private internals: IInternals | undefined;

  /**
   * @param snapshot - Its libraries are compiled at once, beside all else.
   */
  constructor(private snapshot: Promise<ISnapshot>) {
    this.modules = this.compile();
    this.modules.catch(() => undefined); // reported by who waits for it
  }

  /** What Pyodide has to be started with. */
  options(createPyodideModule: CreatePyodideModule): PyodideOptions {
    const pyodide = this.snapshot.then(snapshot => snapshot.pyodide());
    pyodide.catch(() => undefined); // reported by Pyodide, which waits for it later
    return {
      // Only Pyodide's own part: its copy of the memory is then empty.
      _loadSnapshot: pyodide,
      _snapshotDeserializer: (path: ObjectPath) =>
        objectAt(this.internals!.public_api, path),
      createPyodideModule: async settings => {
        const { config } = settings.API as unknown as IInternals;
        await this.checkBuild(config.BUILD_ID);
        delete settings.INITIAL_MEMORY; // the size of Pyodide's own part
        this.last = performance.now();
        const module = await createPyodideModule(settings);
        this.lap('instantiate');
        this.internals = module.API as unknown as IInternals;
        await this.fill(module as unknown as ILinker);
        return module;
      }
    };
  }

  /** Make fresh what should not be that of the build machine. */
  finish(pyodide: PyodideAPI): void {
    this.lap('bootstrap');
    const linker = linkerOf(pyodide);
    const refresh = runApart(pyodide, REFRESH);
    const environment = pyodide.toPy(variables(linker)) as { destroy(): void };
    const runtime = globalThis.navigator?.userAgent ?? 'unknown';
    const problem = refresh(environment, runtime, refreshTimeZone(linker));
    environment.destroy();
    refresh.destroy();
    if (problem !== undefined) {
      throw new SnapshotError(
        `the restored kernel is not as it should be (${String(problem)})`
      );
    }
    this.lap('refresh');
    // Pyodide keeps its options, and with them what this has been made of.
    this.snapshot = this.modules = GONE;
  }

  private async checkBuild(found: string): Promise<void> {
    const { header } = await this.snapshot;
    if (header.build !== found) {
      throw new SnapshotError(
        `it was taken with another build of Pyodide (${header.build.slice(0, 12)}…, found ${found.slice(0, 12)}…)`
      );
    }
  }

  private async compile(): Promise<Map<string, WebAssembly.Module>> {
    const snapshot = await this.snapshot;
    const { link } = await snapshot.state();
    return new Map(
      await Promise.all(
        link.libraries.map(
          async ({ name }, index): Promise<[string, WebAssembly.Module]> => {
            const bytes = await snapshot.library(index);
            return [name, await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>)];
          }
        )
      )
    );
  }

  private async fill(linker: ILinker): Promise<void> {
    const snapshot = await this.snapshot;
    const { memory } = snapshot.header;
    const modules = await this.modules;
    const state = await snapshot.state();
    this.lap('compile');
    const { length } = linker.HEAPU8;
    if (linker.growMemory(memory.size) !== 1) {
      throw new SnapshotError(
        `the browser does not give the ${Math.round(memory.size / 1e6)} MB of memory that it needs`
      );
    }
    relink(linker, state.link, modules);
    reopenFiles(linker, state.files);
    this.lap('link');
    for await (const { offset, bytes } of snapshot.memory()) {
      linker.HEAPU8.set(bytes, offset);
    }
    // The runtime may have written where the snapshot has nothing.
    if (memory.used < length) linker.HEAPU8.fill(0, memory.used, length);
    this.lap('memory');
  }

  private lap(step: keyof IRestoreTimes): void {
    const now = performance.now();
    this.times[step] = now - this.last;
    this.last = now;
  }
}
