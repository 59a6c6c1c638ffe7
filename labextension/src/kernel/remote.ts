import type { ILogPayload } from '@jupyterlab/logconsole';
import { PyodideRemoteKernel } from '@jupyterlite/pyodide-kernel/lib/worker';
import type { IPyodideWorkerKernel } from '@jupyterlite/pyodide-kernel/lib/tokens';
import type { DriveFS } from '@jupyterlite/services/lib/contents/drivefs';

import { kernelBootstrap } from '../runtime/bootstrap';
import type { IFrozenRuntime } from '../runtime/start';
import { startFrozen } from '../runtime/start';
import { peekAutoload } from '../store/peek';
import { DriveDirectories } from './drive';
import { fatalFailure, startFailure } from './failure';
import type { FrozenMessage, IStartRequest } from './messages';
import { Practice } from './practice';

/** What the drive of the contents uses of Pyodide. */
interface IDriveHost extends Pick<DriveFS.IOptions, 'PATH' | 'ERRNO_CODES'> {
  FS: DriveFS.IOptions['FS'] & {
    mkdirTree(path: string): void;
    mount(type: DriveFS, options: object, path: string): void;
  };
}

/** What a frozen kernel's worker says of itself, as `frozenfsKernel` of its global scope. */
export interface IAboutKernel {
  /** The absolute URL of the root of the site: stored images are kept apart by it. */
  site: string;
  /** The name of the kernelspec. */
  kernelspec: string;
  /** The absolute URL of the `environment.json` that the kernel started from. */
  environment: string;
}

/** Python that thaws what is set to be thawed at a start, and answers what went wrong. */
const AUTOLOAD = `
from jupyter_frozenfs.kernel.autoload import at_start
await at_start()
`;

/** Where the contents of JupyterLite appear in the kernel. */
const DRIVE = '/drive';

/**
 * How long a kernel has to be idle before the bytes that its start has loaded are given up, in milliseconds.
 *
 * They hold what the warm-up read, which is what the first cells import.
 */
const RELEASE_AFTER = 60_000;

/**
 * How long after a start other kernels of the page are given what it has compiled, in milliseconds: to take it holds up
 * the page, which has to show the first cell's output.
 */
const SHARE_AFTER = 2000;

/**
 * The half of a frozen kernel that runs in the worker.
 *
 * It starts Pyodide from an image; everything after the start is the stock kernel's.
 */
export abstract class FrozenRemoteKernel extends PyodideRemoteKernel {
  /** Begin when the page says so, which may be before there is a kernel to start for. */
  constructor() {
    super();
    addEventListener(
      'message',
      ({ data }: MessageEvent<Partial<IStartRequest> | null>) => {
        if (!data?._frozenStart) return;
        this._starting = this._start(data._frozenStart);
        this._starting.catch(() => undefined); // told already
      }
    );
  }

  /**
   * Go on to the kernel that was asked for; how it ended is told by a message, because coincident does not carry
   * errors to the page.
   */
  override async initialize(options: IPyodideWorkerKernel.IOptions): Promise<void> {
    try {
      await super.initialize(options);
    } catch (error) {
      this._fail(error);
      return;
    }
    const { python, runtime } = this._runtime!.manifest;
    tell({ _frozenStarted: { python, pyodide: runtime.version } });
    if (this._mayPractise) {
      this._practice = new Practice(this._pyodide, () =>
        tell({ _frozenPractised: true })
      );
    }
    this._onIdle();
  }

  /** What does not depend on the kernel: Pyodide, and the modules that make a kernel of it. */
  private async _start({
    environment,
    begun,
    decoderUrl,
    compiled,
    kept,
    practise,
    autoload
  }: IStartRequest['_frozenStart']): Promise<void> {
    this._title = environment.displayName;
    try {
      this._runtime = await startFrozen({
        url: environment.url,
        begun,
        compiled,
        startDecoder: () => new Worker(decoderUrl, { type: 'module' }),
        kept,
        onKept: sha256 => tell({ _frozenKept: sha256 }),
        stdout: text => {
          console.log(text);
          log('info', text);
        },
        stderr: text => {
          console.error(text);
          log('critical', text);
        },
        onProgress: progress => tell({ _frozenProgress: progress }),
        onWarning: text => log('warning', text)
      });
      const { pyodide } = this._runtime;
      this._environment = environment;
      this._mayAutoload = autoload;
      this._mayPractise = practise;
      const { compiled: own } = this._runtime;
      setTimeout(() => tell({ _frozenCompiled: own }), SHARE_AFTER);
      this._pyodide = pyodide;
      // As the stock kernel does; Pyodide has no public way to hear of the end of its interpreter.
      const { _api: api } = pyodide as unknown as {
        _api: { on_fatal(error: unknown): void };
      };
      api.on_fatal = error =>
        tell({ _frozenFailure: fatalFailure(error, environment.displayName) });
      tell({ _frozenProgress: { step: 'kernel', label: 'Starting the kernel' } });
      // From JavaScript, so that a deprecated call in the kernel's own modules is not a warning to the notebook.
      pyodide.pyimport('pyodide_kernel').destroy();
      tell({ _frozenProgress: { step: 'ready', label: 'Ready' } });
    } catch (error) {
      this._fail(error);
      throw error;
    }
  }

  private _fail(error: unknown): void {
    if (this._failed) return;
    this._failed = true;
    console.error(error);
    tell({ _frozenFailure: startFailure(error, this._title) });
  }

  protected override async initRuntime(): Promise<void> {
    await this._starting;
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
    const { pipliteUrls, disablePyPIFallback, mountDrive, baseUrl } = options;
    const { name: kernelspec, url: environment } = this._environment!;
    const about: IAboutKernel = {
      site: new URL(baseUrl, location.href).href,
      kernelspec,
      environment
    };
    Object.assign(globalThis, { frozenfsKernel: about });
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
    await this._autoload(about);
  }

  /** Thaw what the person has set to be thawed whenever this kernel starts in this browser. */
  private async _autoload({ site, kernelspec }: IAboutKernel): Promise<void> {
    if (!this._mayAutoload) return;
    const set = await peekAutoload(site, kernelspec);
    if (!set || set.failed) return;
    tell({ _frozenProgress: { step: 'kernel', label: `Thawing ${set.name}` } });
    const globals = this._pyodide.toPy({});
    let problem: string;
    try {
      problem = (await this._pyodide.runPythonAsync(AUTOLOAD, { globals })) as string;
    } catch (error) {
      // A kernel without these files is better than none.
      problem = String(error);
    }
    globals.destroy();
    if (problem) {
      log(
        'warning',
        `${set.name} was not thawed: ${problem} It is not tried again until you set it anew: %frozen_fs autoload`
      );
    }
  }

  override async execute(
    ...args: Parameters<PyodideRemoteKernel['execute']>
  ): ReturnType<PyodideRemoteKernel['execute']> {
    clearTimeout(this._releaseTimer);
    this._practice?.pause();
    this._directories?.forget();
    try {
      return await super.execute(...args);
    } finally {
      this._onIdle();
    }
  }

  /** Nobody asks for anything, perhaps for long. */
  private _onIdle(): void {
    this._practice?.resume();
    clearTimeout(this._releaseTimer);
    if (this._runtime === null) return;
    this._releaseTimer = setTimeout(() => {
      this._runtime?.ready();
      this._runtime = null;
    }, RELEASE_AFTER);
  }

  private _starting: Promise<void> | undefined;
  private _title = '';
  private _environment: IStartRequest['_frozenStart']['environment'] | null = null;
  private _failed = false;
  private _mayAutoload = true;
  private _mayPractise = false;
  private _practice: Practice | null = null;
  private _runtime: IFrozenRuntime | null = null;
  private _directories: DriveDirectories | null = null;
  private _releaseTimer: ReturnType<typeof setTimeout> | undefined;
}

function tell(message: FrozenMessage): void {
  postMessage(message);
}

function log(level: ILogPayload['level'], data: string): void {
  tell({ _frozenLog: { type: 'text', level, data } });
}
