import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { ILoggerRegistry } from '@jupyterlab/logconsole';
import { IStatusBar } from '@jupyterlab/statusbar';
import { IServiceWorkerManager } from '@jupyterlite/apputils';
import { IKernelSpecs } from '@jupyterlite/services';

import LOGO from '../../style/frozen.svg';
import { FrozenWorkers } from '../kernel/workers';
import { actions } from './actions';
import { autoload } from './autoload';
import { KernelLog, sessionPath } from './log';
import { notifyOf } from './notify';
import { panel } from './panel';
import { atRest, mayBeginAtOnce, prewarm } from './prewarm';
import { KERNEL_PLUGIN, readSettings } from './settings';
import { isControlled, isReplaced, noteVersion } from './service-worker';
import { FrozenStarts, IFrozenStarts } from './starts';
import { StartStatus } from './status';

const LOGO_URL = `data:image/svg+xml;base64,${btoa(LOGO)}`;

/** After so many milliseconds a page that has been restored has opened what it was opened for. */
const SETTLED = 1000;

const settings = readSettings(
  PageConfig.getOption('litePluginSettings'),
  new URL(PageConfig.getBaseUrl(), location.href).href
);
const workers = new FrozenWorkers();
const { prewarmed } = settings;
const registered = !navigator.serviceWorker?.controller;

const begin = (what: 'prepare' | 'prewarm') => {
  if (!prewarmed) return;
  prewarm(() => workers[what](prewarmed), PageConfig.getOption('notebookPage'));
};
const atOnce = mayBeginAtOnce(navigator.hardwareConcurrency);

// Now, and not when the plugin is activated: JupyterLab has loaded its own scripts, and needs a second or two more.
if (atOnce && !PageConfig.Extension.isDisabled(KERNEL_PLUGIN) && !isReplaced()) {
  begin('prewarm');
}

/** One kernel for each frozen environment of the site. In JupyterLab, where kernels run elsewhere, it does nothing. */
const kernel: JupyterFrontEndPlugin<IFrozenStarts> = {
  id: KERNEL_PLUGIN,
  description: 'Kernels that start from frozen environments.',
  autoStart: true,
  provides: IFrozenStarts,
  optional: [IKernelSpecs, IServiceWorkerManager, ILoggerRegistry],
  activate: (
    app: JupyterFrontEnd,
    kernelspecs: IKernelSpecs | null,
    serviceWorker: IServiceWorkerManager | null,
    loggers: ILoggerRegistry | null
  ): IFrozenStarts => {
    const starts = new FrozenStarts();
    if (!kernelspecs) return starts;

    for (const problem of settings.problems) console.warn(problem);
    if (settings.environments.length === 0) return starts;

    const { contents, sessions } = app.serviceManager;
    const { log } = new KernelLog(sessions, loggers);
    // Fetched now, so that a start does not wait for it.
    const loaded = import('../kernel/kernel');
    loaded.catch(() => undefined);
    void isControlled(serviceWorker).then(async controlled => {
      if (atOnce) begin('prewarm');
      if (controlled && registered) await noteVersion();
    });

    if (!atOnce) {
      void app.restored.then(async () => {
        const settled = new Promise(resolve => setTimeout(resolve, SETTLED));
        await atRest(SETTLED);
        begin('prepare');
        await settled;
        begin('prewarm');
      });
    }

    for (const environment of settings.environments) {
      kernelspecs.register({
        spec: {
          name: environment.name,
          display_name: environment.displayName,
          language: 'python',
          argv: [],
          resources: { 'logo-32x32': LOGO_URL, 'logo-64x64': LOGO_URL },
          metadata: { frozenfs: { environment: environment.url } }
        },
        create: async options => {
          const { FrozenKernel } = await loaded;
          const worker = workers.take(environment);
          const mountDrive = crossOriginIsolated || (await isControlled(serviceWorker));
          const kernel = new FrozenKernel({
            ...options,
            environment,
            worker,
            pipliteUrls: settings.pipliteUrls,
            disablePyPIFallback: settings.disablePyPIFallback,
            mountDrive,
            contentsManager: contents,
            browsingContextId: serviceWorker?.browsingContextId,
            logger: log
          });
          starts.watch(kernel);
          if (!mountDrive) {
            log({
              kernelId: kernel.id,
              payload: {
                type: 'text',
                level: 'warning',
                data:
                  'The kernel does not see the files of the file browser and cannot ask for input, because this page ' +
                  'has no service worker. Reload it; where that does not help, open the site over https, and not in a ' +
                  'private window.'
              }
            });
          }
          return kernel;
        }
      });
    }
    return starts;
  }
};

/** Tells what a starting kernel does, and what went wrong. */
const progress: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-frozenfs:progress',
  description: 'Shows the start of kernels from frozen environments.',
  autoStart: true,
  requires: [IFrozenStarts],
  optional: [IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    starts: IFrozenStarts,
    statusBar: IStatusBar | null
  ) => {
    statusBar?.registerStatusItem('jupyter-frozenfs:progress', {
      item: new StartStatus(starts),
      align: 'left',
      rank: 1000
    });
    const { commands, serviceManager } = app;
    notifyOf(starts, {
      progress: !statusBar,
      showLog: id => {
        if (commands.hasCommand('logconsole:open')) {
          void commands.execute('logconsole:open', {
            source: sessionPath(serviceManager.sessions, id)
          });
        }
      }
    });
  }
};

export default [kernel, progress, actions, autoload, panel];
