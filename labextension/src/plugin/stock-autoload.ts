import type { Kernel, Session } from '@jupyterlab/services';

import { peekAutoload } from '../store/peek';

/** The stock kernel. Those of frozen environments thaw in their workers, before there is a kernel to ask. */
const STOCK = 'python';

/** Python that installs what thaws from the site, and thaws. Why it fails is noted in the store. */
const THAW = `
async def _frozenfs_autoload():
    import piplite
    await piplite.install("jupyter_frozenfs")
    from jupyter_frozenfs.kernel.autoload import at_start
    await at_start()

try:
    await _frozenfs_autoload()
finally:
    del _frozenfs_autoload
`;

/** Has kernels of the stock kind thaw what is set for them, ahead of their first cell. */
export class StockAutoload {
  /**
   * @param site - the absolute URL of the root of the site
   * @param warn - is told what could not be thawed, in which kernel
   */
  constructor(
    private readonly kernels: Pick<Kernel.IManager, 'connectTo'>,
    sessions: Session.IManager,
    private readonly site: string,
    private readonly warn: (kernelId: string, text: string) => void
  ) {
    sessions.runningChanged.connect((_, models) => {
      for (const { kernel } of models) if (kernel) this.meet(kernel);
    });
  }

  private meet(model: Kernel.IModel): void {
    if (model.name !== STOCK || this.met.has(model.id)) return;
    this.met.add(model.id);
    void this.thaw(model);
  }

  private async thaw(model: Kernel.IModel): Promise<void> {
    const set = await peekAutoload(this.site, STOCK);
    if (!set || set.failed) return;
    const kernel = this.kernels.connectTo({ model, handleComms: false });
    let problem: string | undefined;
    try {
      const { content } = await kernel.requestExecute({
        code: THAW,
        silent: true,
        store_history: false
      }).done;
      if (content.status === 'error') problem = `${content.ename}: ${content.evalue}.`;
    } catch {
      return; // it was shut down meanwhile
    } finally {
      kernel.dispose();
    }
    const after = await peekAutoload(this.site, STOCK);
    if (after?.failed) {
      problem = `${after.failed} It is not tried again until you set it anew: %frozen_fs autoload`;
    }
    if (problem) this.warn(model.id, `${set.name} was not thawed: ${problem}`);
  }

  private readonly met = new Set<string>();
}
