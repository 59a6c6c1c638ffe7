import type { ILink } from '../types';
import { button, el, setText } from './dom';
import { type IContext, Part } from './part';

/** What a person reads of the kernel. */
export function spokenState({ state, kernel }: ILink): string {
  switch (state) {
    case 'none':
      return 'No kernel: open a notebook, or run the cell of this panel, to mount, thaw and freeze.';
    case 'connecting':
      return 'Asks the kernel …';
    case 'idle':
      return kernel?.native
        ? 'The kernel is ready. It runs outside of the browser: images are files on disk.'
        : 'The kernel is ready.';
    case 'busy':
      return 'Waits for the running cell.';
    case 'no-package':
      return 'This kernel does not have the package jupyter-frozenfs. Run this in a cell, then try again:';
    case 'lost':
      return 'The kernel does not answer any more.';
  }
}

/** The line that tells what the kernel does, and what can be done about it. */
export class KernelState extends Part {
  readonly node: HTMLElement;

  constructor(context: IContext) {
    super(context);
    const { model } = context;
    this._again = button('Try again', () => model.link.connect());
    this.node = el(
      'div',
      { class: 'jp-FrozenPanel-kernel' },
      el('span', { class: 'jp-FrozenPanel-light', 'aria-hidden': 'true' }),
      el('div', { role: 'status', 'aria-label': 'Kernel' }, this._text),
      this._install,
      this._again
    );
    model.link.changed.connect(this._draw, this);
    this._draw();
  }

  private _draw(): void {
    const { link } = this.model;
    const { state } = link;
    this.node.dataset.state = state;
    setText(this._text, spokenState(link));
    this._install.hidden = state !== 'no-package';
    this._again.hidden = state !== 'no-package' && state !== 'lost';
  }

  private readonly _text = el('span');
  private readonly _install = el('code', {}, '%pip install jupyter-frozenfs');
  private readonly _again: HTMLButtonElement;
}
