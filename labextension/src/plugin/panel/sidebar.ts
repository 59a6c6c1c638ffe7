import type { Kernel } from '@jupyterlab/services';
import type { Message } from '@lumino/messaging';
import { Panel } from '@lumino/widgets';

import { panelIcon } from './icon';
import type { ISite } from './site';

/** The place of the panel in the sidebar: empty until it is first shown, when the panel's code is loaded. */
export class PanelSidebar extends Panel {
  constructor(private readonly _site: ISite) {
    super();
    this.id = 'jupyter-frozenfs-panel';
    this.addClass('jp-FrozenSidebar');
    this.title.icon = panelIcon;
    this.title.caption = 'Frozen images';
  }

  /** The kernel of the notebook in front; null for none. */
  set kernel(kernel: Kernel.IKernelConnection | null) {
    this._kernel = kernel;
    if (this._shown) void this._shown.then(setKernel => setKernel(kernel));
  }

  protected override onBeforeShow(_: Message): void {
    this._load();
  }

  protected override onAfterAttach(_: Message): void {
    if (this.isVisible) this._load();
  }

  private _load(): void {
    this._shown ??= this._show();
  }

  private async _show(): Promise<(kernel: Kernel.IKernelConnection | null) => void> {
    const { sidebarPanel } = await import('./load');
    const { widget, transport } = sidebarPanel(this._site);
    this.addWidget(widget);
    transport.kernel = this._kernel;
    return kernel => (transport.kernel = kernel);
  }

  private _kernel: Kernel.IKernelConnection | null = null;
  private _shown: Promise<(kernel: Kernel.IKernelConnection | null) => void> | null =
    null;
}
