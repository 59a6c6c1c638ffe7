import type { PyodideAPI } from 'pyodide';

import type { ImageReader } from '../image';
import { bootPyodide } from './boot';
import { EMPTY_FILE, type ICore, loadCore } from './core';
import { createModule } from './create-module';
import { Download } from './download';
import type { IManifest, ISnapshotFile } from './manifest';
import { fetchManifest } from './manifest';
import type { IOpenedImage } from './open-image';
import { openImage } from './open-image';
import type { IProgress } from './progress';
import type { ISnapshot } from './snapshot';
import { DecodedElsewhere, NoDecoderError } from './snapshot/decoded-elsewhere';
import { KeptSnapshot, canKeep } from './snapshot/kept';
import { type IRestoreTimes, Restore } from './snapshot/restore';
import { SnapshotReader } from './snapshot/reader';

type PyodideOptions = NonNullable<Parameters<ICore['loadPyodide']>[0]>;

/** The WebAssembly of a kernel, compiled. */
export interface ICompiled {
  runtime?: WebAssembly.Module;
  /** Those of the snapshot, in its order. */
  libraries?: WebAssembly.Module[];
}

export interface IStartOptions {
  /** The absolute URL of `environment.json`. */
  url: string;
  /** What is at that URL, when the caller has it already. */
  manifest?: IManifest | Promise<IManifest>;
  /** What an earlier start from the same URL has compiled; it can be posted to another worker. */
  compiled?: ICompiled;
  stdout?(text: string): void;
  stderr?(text: string): void;
  onProgress?(progress: IProgress): void;
  onWarning?(text: string): void;
  /** Start a worker in which `serveDecoder` runs: a snapshot is decoded there, beside this thread. */
  startDecoder?(): Worker;
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
  const manifest = await (options.manifest ?? fetchManifest(options.url));
  const base = new URL(manifest.runtime.url, options.url).href;
  const core = loadCore(base, options.compiled?.runtime);
  core.catch(() => undefined); // reported by who waits for it
  if (manifest.snapshot) {
    try {
      return await startRestored(manifest, manifest.snapshot, core, options);
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
  const { boot, start } = manifest.image;
  const opened = openImage(manifest, { ...start, boot }, downloadFor(options));
  return startPyodide(manifest, opened, core, options);
}

/** How long after a start what it has decoded is kept for the next one, in milliseconds. */
const KEEP_AFTER = 2000;

/** Restore the snapshot of an environment: of its image, only the index is fetched. */
async function startRestored(
  manifest: IManifest,
  file: ISnapshotFile,
  core: Promise<ICore>,
  options: IStartOptions
): Promise<IFrozenRuntime> {
  const download = downloadFor(options);
  const opened = openImage(manifest, file.index, download);
  opened.catch(() => undefined); // reported by who waits for it
  const start = (snapshot: Promise<ISnapshot>) =>
    startPyodide(
      manifest,
      opened,
      core,
      options,
      new Restore(snapshot, options.compiled?.libraries)
    );

  const kept = await KeptSnapshot.open(file.sha256);
  if (kept) {
    try {
      const started = await start(Promise.resolve(kept));
      kept.close();
      return started;
    } catch (error) {
      // Whatever it is, the file that was fetched once may do better.
      console.warn(error);
      await kept.discard();
    }
  }
  if (options.startDecoder) {
    try {
      const snapshot = await decodeElsewhere(file, options.startDecoder, options);
      try {
        const started = await start(Promise.resolve(snapshot));
        setTimeout(() => snapshot.release(canKeep()), KEEP_AFTER);
        return started;
      } catch (error) {
        snapshot.release(false);
        throw error;
      }
    } catch (error) {
      if (!(error instanceof NoDecoderError)) throw error;
      console.warn(`The snapshot is decoded in the kernel's thread: ${error.message}`);
    }
  }
  const loading = await download.load(file.parts);
  return start(SnapshotReader.open(loading.source, file.header));
}

async function decodeElsewhere(
  { parts, header, sha256 }: ISnapshotFile,
  startDecoder: () => Worker,
  { url, onWarning, onProgress }: IStartOptions
): Promise<DecodedElsewhere> {
  let worker: Worker;
  try {
    worker = startDecoder();
  } catch (error) {
    // A Content-Security-Policy can forbid workers.
    throw new NoDecoderError(String(error));
  }
  return DecodedElsewhere.open(
    worker,
    { url, parts, header, sha256 },
    {
      onWarning,
      onBytes: loadingOf(onProgress)
    }
  );
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
  const libraries = restore?.libraries();
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
  compiled.libraries = await libraries;
  return {
    pyodide,
    manifest,
    image: await image,
    restored: restore?.times,
    compiled,
    ready: release
  };
}

function downloadFor({ url, onWarning, onProgress }: IStartOptions): Download {
  return new Download({
    url,
    onWarning,
    onBytes: loadingOf(onProgress)
  });
}

function loadingOf(
  onProgress: IStartOptions['onProgress']
): (done: number, total: number) => void {
  return (done, total) =>
    onProgress?.({ step: 'image', label: 'Loading the environment', done, total });
}
