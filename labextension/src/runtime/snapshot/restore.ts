import type { PyodideAPI } from 'pyodide';

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
import { leaveEmpty } from './linker-told';
import { parseLinker } from './reader';
import { isLinked, relink } from './relink';
import type { PythonFunction } from './take';
import { variables } from './take';
import type { ILinkRecord } from './record';
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
  private memory: LinkedMemory | undefined;
  private written: Promise<void> = GONE;
  private last = performance.now();
  private internals: IInternals | undefined;
  private runSync: ILinkRecord['runSync'] | undefined;

  /**
   * @param runtime - Rejects when the runtime is not the one that the snapshot needs.
   */
  constructor(
    private snapshot: Promise<ISnapshot>,
    private readonly runtime: Promise<void> = Promise.resolve()
  ) {
    snapshot.catch(() => undefined); // reported by who waits for it
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
        let runtime: WebAssembly.Exports = {};
        let tablesAsTheyAre = () => {};
        let known: Promise<Uint8Array> = GONE;
        const module = await createModule(
          createPyodideModule,
          settings,
          async ({ exports }) => {
            runtime = exports;
            if (!isLinked(exports)) await this.runtime;
            const table = exports.__indirect_function_table as WebAssembly.Table;
            tablesAsTheyAre = leaveEmpty(settings as unknown as ILinker, table);
          },
          async () => {
            const snapshot = await this.snapshot;
            checkBuild(snapshot.header.build, config.BUILD_ID);
            const [state, data] = await Promise.all([
              snapshot.state(),
              snapshot.runtimeData()
            ]);
            // Read by then, beside the compiling.
            known = snapshot.linker();
            known.catch(() => undefined); // reported by `link`, which waits for it
            return this.fill(snapshot, state, data);
          }
        );
        this.lap('instantiate');
        const snapshot = await this.snapshot;
        await this.runtime;
        tablesAsTheyAre();
        await this.link(module as unknown as ILinker, runtime, await known);
        this.internals = module.API as unknown as IInternals;
        const bytes = await snapshot.pyodide();
        const { restoreSnapshot } = this.internals;
        // Only Pyodide's own part: its copy of the memory is empty.
        this.internals.restoreSnapshot = () => restoreSnapshot(bytes);
        return module;
      }
    };
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
      (address: number) => refreshRunSync(linker, this.runSync!, address)
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
  }

  /** Begin to write the memory; the runtime is compiled and starts meanwhile. */
  private fill(
    snapshot: ISnapshot,
    state: IState,
    runtimeData: Uint32Array
  ): WebAssembly.Memory {
    const { header, complete } = snapshot;
    const target = new LinkedMemory(header.memory, state.link, runtimeData, complete);
    this.memory = target;
    this.written = snapshot
      .memory((...piece) => target.write(...piece))
      .then(async () => {
        if (!complete) target.linkGcHeads(await snapshot.gcHeads());
      });
    this.written.catch(() => undefined); // reported by `link`, which waits for it
    return target.memory;
  }

  private async link(
    linker: ILinker,
    runtime: WebAssembly.Exports,
    known: Uint8Array
  ): Promise<void> {
    const snapshot = await this.snapshot;
    const state = await snapshot.state();
    relink(linker, state.link, runtime, () => parseLinker(known));
    this.runSync = state.link.runSync;
    reopenFiles(linker, state.files);
    this.lap('link');
    await this.written;
    this.memory!.finish(heapEnd(linker), stackOf(linker));
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
