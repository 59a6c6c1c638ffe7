import type { IRenderMime } from '@jupyterlab/rendermime';
import { Panel } from '@lumino/widgets';

import { ACTION_MIME, type IActionModel } from '../../actions/messages';
import { PageAction } from '../../actions/page-action';
import { doTask } from '../../actions/tasks';
import { ActionView } from './view';

/** The output of an action. What the notebook holds is shown first; a kernel that still works on it says the rest. */
export class ActionRenderer extends Panel implements IRenderMime.IRenderer {
  constructor() {
    super();
    this._view = new ActionView({
      cancel: () => this.cancel(),
      file: file => this._action?.file(file)
    });
    this.addWidget(this._view);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const shown = model.data[ACTION_MIME] as unknown as IActionModel;
    this._view.state(shown);
    const ended = shown.state !== 'running' && shown.state !== 'waiting';
    if (ended || this._action?.id !== shown.id) {
      this._action?.dispose();
      this._action = ended ? null : new PageAction(shown.id, this._view, doTask);
    }
  }

  /** Ask the kernel to stop. */
  cancel(): void {
    this._action?.cancel();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this._action?.dispose();
    super.dispose();
  }

  private readonly _view: ActionView;
  private _action: PageAction | null = null;
}
