import type { PyodideAPI } from 'pyodide';

import { deferred } from './deferred';
import { SnapshotError } from './error';
import { exercise } from './exercise';
import type { ObjectPath } from './js-objects';
import { objectAt } from './js-objects';
import type { ILinker } from './module';
import { linkerOf } from './module';
import { type CreatePyodideModule, createModule } from '../create-module';
import { heapEnd, stackOf } from './heap';
import { LinkedMemory } from './linked-memory';
import { reopenFiles } from './open-files';
import type { ISnapshot } from './reader';
import { relink } from './relink';
import type { PythonFunction } from './take';
import { variables } from './take';
import type { IState } from './state';
import { refreshRunSync } from './run-sync';
import { refreshTimeZone } from './time-zone';

type PyodideOptions = NonNullable<Parameters<typeof import('pyodide').loadPyodide>[0]>;

/** What is used of Pyodide's private API. */
interface IInternals {
  config: { BUILD_ID: string };
  /** Reads Pyodide's own part of a snapshot. */
  restoreSnapshot(bytes: Uint8Array): unknown;
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

function checkBuild(taken: string, found: string): void {
  if (taken !== found) {
    throw new SnapshotError(
      `it was taken with another build of Pyodide (${taken.slice(0, 12)}…, found ${found.slice(0, 12)}…)`
    );
  }
}

/** In place of what has been used. */
const GONE = new Promise<never>(() => undefined);

/**
 * Restores a snapshot while Pyodide starts: Python does not start, its memory is put where the runtime looks for it.
 */
export class Restore {
  readonly times: Partial<IRestoreTimes> = {};
  private modules = deferred<WebAssembly.Module[]>();
  private memory: LinkedMemory | undefined;
  private written: Promise<void> = GONE;
  private last = performance.now();
  private internals: IInternals | undefined;

  /**
   * @param compiled - Its libraries, if another kernel of the page has compiled them.
   */
  constructor(
    private snapshot: Promise<ISnapshot>,
    private readonly compiled?: WebAssembly.Module[]
  ) {
    for (const promise of [snapshot, this.modules.promise]) {
      promise.catch(() => undefined); // reported by who waits for it
    }
  }

  /** What Pyodide has to be started with. */
  options(createPyodideModule: CreatePyodideModule): PyodideOptions {
    return {
      // Pyodide would wait for the bytes before it makes its runtime; it gets them when it reads them.
      _loadSnapshot: new Uint8Array(),
      _snapshotDeserializer: (path: ObjectPath) =>
        objectAt(this.internals!.public_api, path),
      createPyodideModule: async settings => {
        const { config } = settings.API as unknown as IInternals;
        delete settings.INITIAL_MEMORY; // the size of Pyodide's own part
        this.last = performance.now();
        const module = await createModule(
          createPyodideModule,
          settings,
          async ({ memory }) => {
            const snapshot = await this.snapshot;
            checkBuild(snapshot.header.build, config.BUILD_ID);
            this.fill(snapshot, memory, await snapshot.state());
          }
        );
        this.lap('instantiate');
        const snapshot = await this.snapshot;
        await this.link(module as unknown as ILinker, await snapshot.state());
        this.internals = module.API as unknown as IInternals;
        const bytes = await snapshot.pyodide();
        const { restoreSnapshot } = this.internals;
        // Only Pyodide's own part: its copy of the memory is empty.
        this.internals.restoreSnapshot = () => restoreSnapshot(bytes);
        return module;
      }
    };
  }

  /** The libraries, compiled, in the order of the link record; to be asked for before `finish`. */
  libraries(): Promise<WebAssembly.Module[]> {
    return this.modules.promise;
  }

  /** Make fresh what should not be that of the build machine. */
  finish(pyodide: PyodideAPI): void {
    this.lap('bootstrap');
    const linker = linkerOf(pyodide);
    const { refresh } = pyodide.pyimport('_frozenfs_snapshot') as {
      refresh: PythonFunction;
    };
    const environment = pyodide.toPy(variables(linker)) as { destroy(): void };
    const runtime = globalThis.navigator?.userAgent ?? 'unknown';
    const problem = refresh(
      environment,
      runtime,
      refreshTimeZone(linker),
      (address: number) => refreshRunSync(linker, address)
    );
    environment.destroy();
    refresh.destroy();
    if (problem !== undefined) {
      throw new SnapshotError(
        `the restored kernel is not as it should be (${String(problem)})`
      );
    }
    this.lap('refresh');
    // Pyodide keeps its options, and with them what this has been made of.
    this.snapshot = GONE;
    this.modules = deferred();
  }

  /**
   * Begin to compile the libraries, which would hold up the runtime that is compiled first, and to write the memory;
   * the runtime starts meanwhile.
   */
  private fill(snapshot: ISnapshot, memory: WebAssembly.Memory, state: IState): void {
    this.modules.resolve(this.compiled ?? snapshot.modules());
    const target = new LinkedMemory(memory, snapshot.header.memory.size, state.link);
    this.memory = target;
    this.written = snapshot.memory((...piece) => target.write(...piece));
    this.written.catch(() => undefined); // reported by `link`, which waits for it
  }

  private async link(linker: ILinker, state: IState): Promise<void> {
    const modules = await this.modules.promise;
    this.lap('compile');
    relink(linker, state.link, modules);
    this.memory!.onLinked();
    reopenFiles(linker, state.files);
    this.lap('link');
    await this.written;
    const gcHeads = await (await this.snapshot).gcHeads();
    this.memory!.finish(heapEnd(linker), stackOf(linker), gcHeads);
    this.memory = undefined;
    this.lap('memory');
    exercise(linker, state.exercise);
  }

  private lap(step: keyof IRestoreTimes): void {
    const now = performance.now();
    this.times[step] = now - this.last;
    this.last = now;
  }
}
