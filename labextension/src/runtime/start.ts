import type { PyodideAPI } from 'pyodide';

import type { ImageReader } from '../image';
import type { IBeginOptions, IBegun } from './begin';
import { beginStart, endSnapshot } from './begin';
import { bootPyodide } from './boot';
import { EMPTY_FILE, type ICore } from './core';
import { createModule } from './create-module';
import { Download } from './download';
import type { IManifest, ISnapshotFile } from './manifest';
import type { IOpenedImage } from './open-image';
import { openImage } from './open-image';
import type { IProgress } from './progress';
import { tryEach } from './snapshot/attempts';
import { sha256 } from './snapshot/digest';
import { RuntimeMisfit } from './snapshot/error';
import { type IRestoreTimes, Restore } from './snapshot/restore';

type PyodideOptions = NonNullable<Parameters<ICore['loadPyodide']>[0]>;

/** The WebAssembly of a kernel, compiled. */
export interface ICompiled {
  runtime?: WebAssembly.Module;
}

export interface IStartOptions extends IBeginOptions {
  /** What `beginStart` has begun already, with the same options. */
  begun?: IBegun;
  /** What an earlier start from the same URL has compiled; it can be posted to another worker. */
  compiled?: ICompiled;
  stdout?(text: string): void;
  stderr?(text: string): void;
  onProgress?(progress: IProgress): void;
  onWarning?(text: string): void;
  /** Is told the SHA-256 of the snapshot when the next start need not decode it. */
  onKept?(sha256: string): void;
  /** Further options of `loadPyodide`, e.g. `env`. */
  pyodide?: PyodideOptions;
}

/** A started interpreter. */
export interface IFrozenRuntime {
  pyodide: PyodideAPI;
  manifest: IManifest;
  image: ImageReader;
  /** How long the steps of the restore took, where a snapshot was restored. */
  restored?: Partial<IRestoreTimes>;
  /** For the next kernel of the same environment, see `IStartOptions.compiled`. */
  compiled: ICompiled;
  /** The start is over: what was kept in memory for it may go. */
  ready(): void;
}

/**
 * Start Pyodide in a worker from a frozen environment; all fetches begin at once.
 *
 * A snapshot is restored where there is one; where it cannot be, Python starts from the image.
 */
export async function startFrozen(options: IStartOptions): Promise<IFrozenRuntime> {
  const begun = options.begun ?? beginStart(options);
  const { core } = begun;
  const manifest = await begun.manifest;
  if (manifest.snapshot) {
    try {
      return await startRestored(manifest, manifest.snapshot, core, begun, options);
    } catch (error) {
      await core; // whose failure would be no matter of the snapshot
      const reason = (error instanceof Error ? error.message : String(error)).replace(
        /\.$/,
        ''
      );
      options.onWarning?.(
        `The snapshot of ${manifest.display_name} cannot be used: ${reason}. The kernel starts without it, which ` +
          'takes longer.'
      );
    }
  }
  endSnapshot(begun);
  const { boot, start } = manifest.image;
  const opened = openImage(manifest, { ...start, boot }, downloadFor(options));
  return startPyodide(manifest, opened, core, options);
}

/** Restore the snapshot of an environment: of its image, only the index is fetched. */
async function startRestored(
  manifest: IManifest,
  file: ISnapshotFile,
  core: Promise<ICore>,
  begun: IBegun,
  options: IStartOptions
): Promise<IFrozenRuntime> {
  const opened = openImage(manifest, file.index, downloadFor(options));
  opened.catch(() => undefined); // reported by who waits for it
  const checked = core.then(core => checkLinked(core, file));
  checked.catch(() => undefined); // reported by the restore
  const runtimeUrl = new URL(manifest.runtime.url, options.url).href;
  const onBytes = loadingOf(options);
  return tryEach(file, begun, { ...options, runtimeUrl, onBytes }, snapshot =>
    startPyodide(manifest, opened, core, options, new Restore(snapshot, checked))
  );
}

/**
 * Wait until it is known that the linked runtime is that of the snapshot.
 *
 * @throws RuntimeMisfit
 */
async function checkLinked(
  core: ICore,
  { linked: expected }: ISnapshotFile
): Promise<void> {
  const linked = await core.linked;
  let bytes: ArrayBuffer | undefined;
  try {
    bytes = await linked.bytes;
  } catch (error) {
    linked.failure ??= error;
  }
  if (linked.failure !== undefined) {
    throw new RuntimeMisfit(
      `the linked runtime cannot be had (${String(linked.failure)})`
    );
  }
  if (bytes && (await sha256(new Uint8Array(bytes))) !== expected.sha256) {
    throw new RuntimeMisfit(
      'the digest of the linked runtime differs from the manifest'
    );
  }
}

async function startPyodide(
  manifest: IManifest,
  opened: Promise<IOpenedImage>,
  core: Promise<ICore>,
  options: IStartOptions,
  restore?: Restore
): Promise<IFrozenRuntime> {
  const { url, onProgress } = options;
  const base = new URL(manifest.runtime.url, url).href;
  const image = opened.then(({ image }) => image);
  // Whoever waits first reports a failure; the other promise must not be called unhandled.
  image.catch(() => undefined);

  const { loadPyodide, createPyodideModule } = await core;
  const compiled: ICompiled = {};
  onProgress?.({ step: 'runtime', label: 'Loading Python' });
  const pyodide = await bootPyodide({
    loadPyodide,
    indexURL: base,
    emptyFile: EMPTY_FILE,
    onWarning: options.onWarning,
    image,
    mounts: manifest.mounts,
    packages: manifest.packages,
    restore,
    onStep: step => {
      if (step === 'mounted') {
        onProgress?.({ step: 'python', label: 'Starting Python' });
      }
    },
    pyodide: {
      // An absolute URL, or a folder of the site.
      packageBaseUrl: new URL(manifest.runtime.package_base_url, url).href,
      lockFileURL: `${base}pyodide-lock.json`,
      stdout: options.stdout,
      stderr: options.stderr,
      createPyodideModule: settings =>
        createModule(createPyodideModule, settings, ({ module }) => {
          compiled.runtime = module;
        }),
      ...options.pyodide
    }
  });
  const { release } = await opened;
  return {
    pyodide,
    manifest,
    image: await image,
    restored: restore?.times,
    compiled,
    ready: release
  };
}

function downloadFor(options: IStartOptions): Download {
  const { url, onWarning } = options;
  return new Download({ url, onWarning, onBytes: loadingOf(options) });
}

function loadingOf({
  onProgress
}: IStartOptions): (done: number, total: number) => void {
  return (done, total) =>
    onProgress?.({ step: 'image', label: 'Loading the environment', done, total });
}
