import { Signal, type ISignal } from '@lumino/signaling';

import type { Outline } from '../outline';
import { el, setAttribute, setText, uniqueId } from './dom';
import { VirtualRows } from './rows';
import { baseName, bytes } from './text';

interface IFoundRow extends HTMLElement {
  label: HTMLElement;
  folder: HTMLElement;
  size: HTMLElement;
}

/** What a search has found: a list box of any length. */
export class FoundView {
  readonly node: HTMLElement;

  constructor() {
    this._rows = new VirtualRows<IFoundRow>(
      { make: makeRow, fill: (row, index) => this._fill(row, index) },
      {
        role: 'listbox',
        'aria-label': 'Search results',
        class: 'jp-FrozenPanel-found'
      }
    );
    this.node = this._rows.node;
    this.node.addEventListener('keydown', event => this._key(event));
    this.node.addEventListener('click', event => {
      const row = this._rows.indexOf(event.target);
      if (row >= 0) this._select(row);
    });
    this.node.addEventListener('scroll', () => this._tellActive(), { passive: true });
    this.node.addEventListener('focus', () => {
      // Who clicks has chosen a row; a step of the scroll bar would take it from under the pointer.
      if (!this.node.matches(':focus-visible')) return;
      if (this._active < 0 && this._entries.length) this._activate(0);
    });
  }

  /** Emitted with the path of what a person has chosen. */
  get selected(): ISignal<this, string> {
    return this._selected;
  }

  /** Show entries of an outline. */
  show(outline: Outline, entries: readonly number[]): void {
    this._outline = outline;
    this._entries = entries;
    this._active = this._chosen = -1;
    this._rows.toTop();
    // A list box must hold options.
    setAttribute(this.node, 'role', entries.length ? 'listbox' : null);
    setAttribute(this.node, 'aria-label', entries.length ? 'Search results' : null);
    this.node.tabIndex = entries.length ? 0 : -1;
    this._rows.reset(entries.length);
    this._tellActive();
  }

  dispose(): void {
    Signal.clearData(this);
    this._rows.dispose();
  }

  private _fill(row: IFoundRow, index: number): void {
    const outline = this._outline!;
    const entry = this._entries[index];
    const path = outline.path(entry);
    const name = baseName(path);
    const kind = outline.kind(entry);
    row.id = `${this._id}-${index}`;
    row.dataset.kind = kind;
    row.title = path;
    setAttribute(row, 'aria-setsize', this._entries.length);
    setAttribute(row, 'aria-posinset', index + 1);
    setAttribute(row, 'aria-selected', index === this._chosen);
    row.classList.toggle('jp-mod-active', index === this._active);
    setText(row.label, name);
    setText(row.folder, path.slice(0, -name.length));
    setText(row.size, kind === 'file' ? bytes(outline.size(entry)) : '');
  }

  private _key(event: KeyboardEvent): void {
    const last = this._entries.length - 1;
    if (last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = Math.max(this._active, 0);
    const { page } = this._rows;
    const to = {
      ArrowDown: Math.min(row + 1, last),
      ArrowUp: Math.max(row - 1, 0),
      PageDown: Math.min(row + page, last),
      PageUp: Math.max(row - page, 0),
      Home: 0,
      End: last
    }[event.key];
    if (to !== undefined) this._activate(to);
    else if (event.key === 'Enter' || event.key === ' ') this._select(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private _activate(row: number): void {
    this._rows.row(this._active)?.classList.remove('jp-mod-active');
    this._active = row;
    this._rows.reveal(row);
    this._rows.row(row)?.classList.add('jp-mod-active');
    this._tellActive();
  }

  private _select(row: number): void {
    this._chosen = row;
    this._activate(row);
    this._rows.refresh();
    this._selected.emit(this._outline!.path(this._entries[row]));
  }

  private _tellActive(): void {
    const row = this._active < 0 ? null : this._rows.row(this._active);
    setAttribute(this.node, 'aria-activedescendant', row?.id ?? null);
  }

  private readonly _id = uniqueId('found');
  private readonly _rows: VirtualRows<IFoundRow>;
  private readonly _selected = new Signal<this, string>(this);
  private _outline: Outline | null = null;
  private _entries: readonly number[] = [];
  private _active = -1;
  private _chosen = -1;
}

function makeRow(): IFoundRow {
  const icon = el('span', { class: 'jp-FrozenPanel-kind', 'aria-hidden': 'true' });
  const label = el('span', { class: 'jp-FrozenPanel-label' });
  const folder = el('span', { class: 'jp-FrozenPanel-folder' });
  const size = el('span', { class: 'jp-FrozenPanel-size' });
  const row = el(
    'div',
    { role: 'option', class: 'jp-FrozenPanel-row' },
    icon,
    label,
    folder,
    size
  );
  return Object.assign(row, { label, folder, size });
}
