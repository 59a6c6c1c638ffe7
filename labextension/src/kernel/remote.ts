import { PyodideRemoteKernel } from '@jupyterlite/pyodide-kernel/lib/worker';
import type { IPyodideWorkerKernel } from '@jupyterlite/pyodide-kernel/lib/tokens';
import type { DriveFS } from '@jupyterlite/services/lib/contents/drivefs';

import { kernelBootstrap } from '../runtime/bootstrap';
import type { IFrozenRuntime } from '../runtime/start';
import { startFrozen } from '../runtime/start';
import { DriveDirectories } from './drive';
import { fatalFailure, startFailure } from './failure';
import type { IFrozenWorkerOptions } from './kernel';
import type { FrozenMessage } from './messages';

/** What the drive of the contents uses of Pyodide. */
interface IDriveHost extends Pick<DriveFS.IOptions, 'PATH' | 'ERRNO_CODES'> {
  FS: DriveFS.IOptions['FS'] & {
    mkdirTree(path: string): void;
    mount(type: DriveFS, options: object, path: string): void;
  };
}

/** Where the contents of JupyterLite appear in the kernel. */
const DRIVE = '/drive';

/**
 * How long a kernel has to be idle before the bytes that its start has loaded are given up, in milliseconds.
 *
 * They hold what the warm-up read, which is what the first cells import.
 */
const RELEASE_AFTER = 60_000;

/**
 * The half of a frozen kernel that runs in the worker.
 *
 * It starts Pyodide from an image; everything after the start is the stock kernel's.
 */
export abstract class FrozenRemoteKernel extends PyodideRemoteKernel {
  /** Start; how it ended is told by a message, because coincident does not carry errors to the page. */
  override async initialize(options: IPyodideWorkerKernel.IOptions): Promise<void> {
    const { frozen } = options as IFrozenWorkerOptions;
    try {
      await super.initialize(options);
    } catch (error) {
      console.error(error);
      tell({ _frozenFailure: startFailure(error, frozen.displayName) });
      return;
    }
    const { python, runtime } = this._runtime!.manifest;
    tell({ _frozenStarted: { python, pyodide: runtime.version } });
    this._releaseWhenIdle();
  }

  protected override async initRuntime(
    options: IPyodideWorkerKernel.IOptions
  ): Promise<void> {
    const { frozen, decoderUrl } = options as IFrozenWorkerOptions;
    this._runtime = await startFrozen({
      url: frozen.url,
      startDecoder: () => new Worker(decoderUrl, { type: 'module' }),
      stdout: text => {
        console.log(text);
        this._logMessage({ type: 'text', level: 'info', data: text });
      },
      stderr: text => {
        console.error(text);
        this._logMessage({ type: 'text', level: 'critical', data: text });
      },
      onProgress: progress => tell({ _frozenProgress: progress }),
      onWarning: text => tell({ _frozenWarning: text })
    });
    const { pyodide } = this._runtime;
    this._pyodide = pyodide;
    // As the stock kernel does; Pyodide has no public way to hear of the end of its interpreter.
    const { _api: api } = pyodide as unknown as {
      _api: { on_fatal(error: unknown): void };
    };
    api.on_fatal = error =>
      tell({ _frozenFailure: fatalFailure(error, frozen.displayName) });
  }

  /** Make the drive of the contents as this kind of worker reaches it. */
  protected abstract createDrive(options: DriveFS.IOptions): DriveFS;

  /**
   * Mount the contents of JupyterLite. Unlike the stock kernel, Python does not work there yet: its imports would
   * look into the drive first, and ask the page each time.
   */
  protected override async initFilesystem(
    options: IPyodideWorkerKernel.IOptions
  ): Promise<void> {
    if (!options.mountDrive) return;
    const { FS, PATH, ERRNO_CODES } = this._pyodide as unknown as IDriveHost;
    const drive = this.createDrive({
      FS,
      PATH,
      ERRNO_CODES,
      baseUrl: options.baseUrl,
      driveName: this._driveName,
      mountpoint: DRIVE,
      browsingContextId: options.browsingContextId
    });
    this._directories = new DriveDirectories(drive);
    FS.mkdirTree(DRIVE);
    FS.mount(drive, {}, DRIVE);
    this._driveFS = drive;
  }

  /** The image has micropip and piplite; `kernelBootstrap` gives piplite its settings. */
  protected override async initPackageManager(): Promise<void> {}

  protected override async initKernel(
    options: IPyodideWorkerKernel.IOptions
  ): Promise<void> {
    tell({ _frozenProgress: { step: 'kernel', label: 'Starting the kernel' } });
    const { pipliteUrls, disablePyPIFallback, mountDrive } = options;
    // From JavaScript, so that a deprecated call in the kernel's own modules is not a warning to the notebook.
    this._pyodide.pyimport('pyodide_kernel').destroy();
    const cwd = mountDrive
      ? `${DRIVE}/${this._localPath}`.replace(/\/$/, '')
      : undefined;
    const { exposed } = this._runtime!.manifest;
    await this._pyodide.runPythonAsync(
      kernelBootstrap({ pipliteUrls, disablePyPIFallback, cwd, exposed })
    );
    // IPython's list of directories begins where it was started.
    await this._pyodide.runPythonAsync(
      'import os; pyodide_kernel.ipython_shell.user_ns["_dh"][:] = [os.getcwd()]'
    );
  }

  override async execute(
    ...args: Parameters<PyodideRemoteKernel['execute']>
  ): ReturnType<PyodideRemoteKernel['execute']> {
    clearTimeout(this._releaseTimer);
    this._directories?.forget();
    try {
      return await super.execute(...args);
    } finally {
      this._releaseWhenIdle();
    }
  }

  private _releaseWhenIdle(): void {
    clearTimeout(this._releaseTimer);
    if (this._runtime === null) return;
    this._releaseTimer = setTimeout(() => {
      this._runtime?.ready();
      this._runtime = null;
    }, RELEASE_AFTER);
  }

  private _runtime: IFrozenRuntime | null = null;
  private _directories: DriveDirectories | null = null;
  private _releaseTimer: ReturnType<typeof setTimeout> | undefined;
}

function tell(message: FrozenMessage): void {
  postMessage(message);
}
