import { Widget } from '@lumino/widgets';

import type { IFrozenStarts } from './starts';
import { shown } from './text';

/** A line in the status bar that tells what starting kernels do; empty when none is starting. */
export class StartStatus extends Widget {
  constructor(private readonly _starts: IFrozenStarts) {
    super();
    this.addClass('jp-FrozenStart');
    // The line that is read aloud is there from the beginning, or its first text would not be; bytes are
    // not part of it, because every change would be read.
    this._step.setAttribute('role', 'status');
    this._step.setAttribute('aria-live', 'polite');
    this._step.className = 'jp-FrozenStart-step';
    this._amount.className = 'jp-FrozenStart-amount';
    this._bar.className = 'jp-FrozenStart-bar';
    this._bar.max = 1;
    this._bar.setAttribute('aria-label', 'Start of the kernel');
    this.node.append(this._step, this._bar, this._amount);
    _starts.changed.connect(this._draw, this);
    this._draw();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this._starts.changed.disconnect(this._draw, this);
    super.dispose();
  }

  private _draw(): void {
    const now = shown(this._starts.current);
    this.toggleClass('jp-mod-active', now !== null);
    this.toggleClass('jp-mod-failed', now?.failed ?? false);
    this.node.title = now?.tooltip ?? '';
    setText(this._step, now?.step ?? '');
    setText(this._amount, now?.amount ?? '');
    this._bar.hidden = now === null || now.failed;
    if (now?.fraction === null || now === null) this._bar.removeAttribute('value');
    else this._bar.value = now.fraction;
  }

  private readonly _step = document.createElement('span');
  private readonly _amount = document.createElement('span');
  private readonly _bar = document.createElement('progress');
}

/** Leave an unchanged text alone: a live region is read again when it is set again. */
function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
