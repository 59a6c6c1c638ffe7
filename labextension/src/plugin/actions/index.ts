import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import { ACTION_MIME } from '../../actions/messages';
import { ActionRenderer } from './renderer';

/** Commands that interrupt a kernel: they stop its actions, also where the kernel itself cannot be interrupted. */
const INTERRUPTS = [
  'notebook:interrupt-kernel',
  'console:interrupt-kernel',
  'kernelmenu:interrupt'
];

/** Shows what kernels freeze and thaw, and does for them what only a page can. */
export const actions: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-frozenfs:actions',
  description:
    'Shows what kernels freeze and thaw: progress, Cancel, upload, download.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  activate: (app: JupyterFrontEnd, rendermime: IRenderMimeRegistry) => {
    const shown = new Set<ActionRenderer>();
    rendermime.addFactory(
      {
        safe: true,
        mimeTypes: [ACTION_MIME],
        createRenderer: () => {
          const renderer = new ActionRenderer();
          shown.add(renderer);
          renderer.disposed.connect(() => shown.delete(renderer));
          return renderer;
        }
      },
      0
    );
    app.commands.commandExecuted.connect((_, { id }) => {
      if (!INTERRUPTS.includes(id)) return;
      const current = app.shell.currentWidget?.node;
      for (const renderer of shown) {
        if (current?.contains(renderer.node)) renderer.cancel();
      }
    });
  }
};
