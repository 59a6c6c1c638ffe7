import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { ILoggerRegistry } from '@jupyterlab/logconsole';
import { IKernelSpecs } from '@jupyterlite/services';

import { MAY_AUTOLOAD } from '../kernel/starting';
import { KernelLog } from './log';
import { StockAutoload } from './stock-autoload';

/** Thaws in the stock kernel what is set to be thawed at its start. In JupyterLab, where kernels run elsewhere, it does nothing. */
export const autoload: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-frozenfs:autoload',
  description: 'Thaws an image whenever the stock kernel starts, where one is set.',
  autoStart: true,
  optional: [IKernelSpecs, ILoggerRegistry],
  activate: (
    { serviceManager: { kernels, sessions } }: JupyterFrontEnd,
    kernelspecs: IKernelSpecs | null,
    loggers: ILoggerRegistry | null
  ) => {
    if (!kernelspecs || !MAY_AUTOLOAD) return;
    const { log } = new KernelLog(sessions, loggers);
    const site = new URL(PageConfig.getBaseUrl(), location.href).href;
    new StockAutoload(kernels, sessions, site, (kernelId, data) =>
      log({ kernelId, payload: { type: 'text', level: 'warning', data } })
    );
  }
};
