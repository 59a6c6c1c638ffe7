import { type IExposed, exposeIn } from './exposed';

/** Settings of the kernel's package installer, as in the stock kernel. */
export interface IKernelSettings {
  pipliteUrls: string[];
  disablePyPIFallback: boolean;
  /** Where the kernel starts, e.g. a folder of the contents drive. */
  cwd?: string;
  /** What the notebook finds in its namespace; without a snapshot, a script is run for it. */
  exposed?: IExposed;
}

/**
 * The Python that makes a kernel out of an interpreter whose image holds everything.
 *
 * The same text runs when the environment is built, so that the boot list has every file that it reads.
 */
export function kernelBootstrap(settings: IKernelSettings): string {
  const lines = [
    'import piplite.piplite',
    `piplite.piplite._PIPLITE_DISABLE_PYPI = ${settings.disablePyPIFallback ? 'True' : 'False'}`,
    `piplite.piplite._PIPLITE_URLS = ${JSON.stringify(settings.pipliteUrls)}`,
    // What a library of the kernel calls deprecated is no news for someone who opens a notebook.
    'import warnings',
    'with warnings.catch_warnings():',
    '    warnings.simplefilter("ignore", DeprecationWarning)',
    '    import pyodide_kernel',
    // The magics; an image of an earlier release does not have them.
    'try:',
    '    pyodide_kernel.ipython_shell.extension_manager.load_extension("jupyter_frozenfs")',
    'except ModuleNotFoundError as error:',
    '    if error.name != "jupyter_frozenfs":',
    '        raise'
  ];
  // In the folder in which the warm-up ran.
  if (settings.exposed) lines.push(exposeIn(settings.exposed));
  if (settings.cwd) {
    lines.push('import os', `os.chdir(${JSON.stringify(settings.cwd)})`);
  }
  return lines.join('\n');
}
