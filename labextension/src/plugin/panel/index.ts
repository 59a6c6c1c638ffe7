import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { IKernelSpecs } from '@jupyterlite/services';

import { readSettings } from '../settings';
import { panelIcon } from './icon';
import { PanelSidebar } from './sidebar';
import { registerWidgets } from './widgets';

/** Shows the panel. */
const OPEN = 'jupyter-frozenfs:open-panel';

/** The panel in the sidebar, for the kernel of the notebook in front, and as a widget in notebooks. */
export const panel: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-frozenfs:panel',
  description: 'Shows frozen images: what is inside, and what can be done with them.',
  autoStart: true,
  optional: [INotebookTracker, ICommandPalette, ILayoutRestorer, IKernelSpecs],
  activate: async (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    kernelspecs: IKernelSpecs | null
  ) => {
    const url = new URL(PageConfig.getBaseUrl(), location.href).href;
    const { environments } = readSettings(
      PageConfig.getOption('litePluginSettings'),
      url
    );
    const site = { url, environments, isInBrowser: kernelspecs !== null };
    const sidebar = new PanelSidebar(site);
    app.shell.add(sidebar, 'right', { rank: 900 });
    restorer?.add(sidebar, sidebar.id);
    if (notebooks) follow(notebooks, sidebar);
    app.commands.addCommand(OPEN, {
      label: 'Frozen Images',
      caption: 'Show frozen images: what is inside, mount, thaw, freeze',
      icon: panelIcon,
      execute: () => app.shell.activateById(sidebar.id)
    });
    palette?.addItem({ command: OPEN, category: 'Notebook Operations' });
    await registerWidgets(app, site);
  }
};

/** Keep the sidebar with the kernel of the notebook in front, also when that gets another one. */
function follow(notebooks: INotebookTracker, sidebar: PanelSidebar): void {
  let current: NotebookPanel | null = null;
  const tell = () => {
    sidebar.kernel = current?.sessionContext.session?.kernel ?? null;
  };
  const change = () => {
    current?.sessionContext.kernelChanged.disconnect(tell);
    current = notebooks.currentWidget;
    current?.sessionContext.kernelChanged.connect(tell);
    tell();
  };
  notebooks.currentChanged.connect(change);
  change();
}
