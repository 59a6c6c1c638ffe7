import { Widget } from '@lumino/widgets';

import type { ActionState, IActionModel, IAmount } from '../../actions/messages';
import type { IActionView } from '../../actions/page-action';
import { shownAmount, spoken } from './text';

/** What a person does in the output of an action. */
export interface IActionHandler {
  cancel(): void;
  file(file: File): void;
}

/** States in which an action can be stopped. */
const GOES_ON: readonly ActionState[] = ['running', 'waiting'];

/** An action: a line of text, a bar, a button that stops it and, where it waits for one, a place for a file. */
export class ActionView extends Widget implements IActionView {
  constructor(private readonly _handler: IActionHandler) {
    super();
    this.addClass('jp-FrozenAction');
    this._status.className = 'jp-FrozenAction-status';
    this._status.setAttribute('role', 'status');
    this._status.setAttribute('aria-live', 'polite');
    this._bar.className = 'jp-FrozenAction-bar';
    this._bar.max = 1;
    this._amount.className = 'jp-FrozenAction-amount';
    this._cancel.className = 'jp-FrozenAction-cancel jp-mod-styled jp-mod-reject';
    this._cancel.type = 'button';
    this._cancel.textContent = 'Cancel';
    this._cancel.addEventListener('click', () => {
      this._cancel.disabled = true;
      this._handler.cancel();
    });
    this._drop.className = 'jp-FrozenAction-drop';
    this._drop.append('Choose a file, or drop one here: ', this._input);
    this._input.type = 'file';
    this._input.addEventListener('change', () => this._take(this._input.files));
    this._drop.addEventListener('dragover', event => {
      event.preventDefault();
      event.stopPropagation();
      this._drop.classList.add('jp-mod-dropTarget');
    });
    this._drop.addEventListener('dragleave', () =>
      this._drop.classList.remove('jp-mod-dropTarget')
    );
    this._drop.addEventListener('drop', event => {
      event.preventDefault();
      event.stopPropagation();
      this._drop.classList.remove('jp-mod-dropTarget');
      this._take(event.dataTransfer?.files ?? null);
    });
    this._row.className = 'jp-FrozenAction-row';
    this._row.append(this._bar, this._amount, this._cancel);
    this.node.append(this._status, this._drop, this._row);
  }

  state(model: IActionModel): void {
    const { title, state, upload } = model;
    const goesOn = GOES_ON.includes(state);
    if (state !== this._state) this._began = Date.now();
    this._state = state;
    this.node.dataset.state = state;
    setText(this._status, spoken(model));
    this._bar.setAttribute('aria-label', title);
    this._cancel.setAttribute('aria-label', `Cancel: ${title}`);
    this._input.setAttribute('aria-label', `${title}: file`);
    this._row.hidden = !goesOn;
    this._bar.hidden = state !== 'running';
    this._amount.hidden = state !== 'running';
    this._drop.hidden = !(goesOn && upload);
  }

  amount(amount: IAmount): void {
    const { fraction, text } = shownAmount(amount, (Date.now() - this._began) / 1000);
    if (fraction === null) this._bar.removeAttribute('value');
    else this._bar.value = fraction;
    setText(this._amount, text);
  }

  lost(): void {
    if (!GOES_ON.includes(this._state)) return;
    this.node.dataset.state = 'failed';
    this._row.hidden = this._drop.hidden = true;
    setText(
      this._status,
      `${this._status.textContent} (the kernel does not answer any more)`
    );
  }

  private _take(files: FileList | null): void {
    if (!files?.length) return;
    this._drop.hidden = true;
    this._handler.file(files[0]);
  }

  private readonly _status = document.createElement('div');
  private readonly _row = document.createElement('div');
  private readonly _bar = document.createElement('progress');
  private readonly _amount = document.createElement('span');
  private readonly _cancel = document.createElement('button');
  private readonly _drop = document.createElement('label');
  private readonly _input = document.createElement('input');
  private _state: ActionState = 'running';
  private _began = Date.now();
}

/** Leave an unchanged text alone: a live region is read again when it is set again. */
function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}
