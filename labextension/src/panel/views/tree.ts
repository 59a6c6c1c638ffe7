import { Signal, type ISignal } from '@lumino/signaling';

import { NONE, type Outline } from '../outline';
import { el, setAttribute, setText, uniqueId } from './dom';
import { OpenEntries } from './open-entries';
import { VirtualRows } from './rows';
import { bytes } from './text';
import { TypeAhead } from './type-ahead';

/** A row: its parts are there from the beginning, and only change. */
interface ITreeRow extends HTMLElement {
  label: HTMLElement;
  size: HTMLElement;
}

/** How much deeper each level begins, in CSS pixels; from the tenth on not at all, or names would leave a narrow panel. */
const INDENT = 14;
const DEEPEST = 10;

/**
 * What is inside an image, as a tree of any size. It takes the focus as a whole; `aria-activedescendant` tells the row,
 * which may go out of sight while the wheel turns.
 */
export class TreeView {
  readonly node: HTMLElement;

  constructor(label: string) {
    this._rows = new VirtualRows<ITreeRow>(
      { make: makeRow, fill: (row, index) => this._fill(row, index) },
      { role: 'tree', 'aria-label': label, class: 'jp-FrozenPanel-tree' }
    );
    this.node = this._rows.node;
    this.node.addEventListener('keydown', event => this._key(event));
    this.node.addEventListener('click', event => this._click(event));
    this.node.addEventListener('dblclick', event => {
      const row = this._rows.indexOf(event.target);
      if (row >= 0 && !isTwisty(event.target)) this._toggle(row);
    });
    this.node.addEventListener('scroll', () => this._tellActive(), { passive: true });
    this.node.addEventListener('focus', () => {
      // Who clicks has chosen a row; a step of the scroll bar would take it from under the pointer.
      if (!this.node.matches(':focus-visible')) return;
      if (this._active < 0 && this._rows.count) this._activate(0);
    });
  }

  /** Emitted with the path of what a person has chosen. */
  get selected(): ISignal<this, string> {
    return this._selected;
  }

  /** Show an image; null for none. */
  show(outline: Outline | null): void {
    this._open = outline && new OpenEntries(outline);
    this._active = -1;
    this._chosen = NONE;
    this._rows.toTop();
    this._tellActive();
    this._rows.reset(this._open?.count ?? 0);
  }

  /** Choose a path without telling: its directories open, and it comes into sight. */
  choose(path: string): void {
    const open = this._open;
    if (!open) return;
    const entry = open.outline.find(path);
    if (entry === this._chosen) return;
    const row = open.reveal(entry);
    this._chosen = row < 0 ? NONE : entry;
    this._rows.reset(open.count);
    if (row >= 0) this._activate(row);
  }

  dispose(): void {
    Signal.clearData(this);
    this._rows.dispose();
  }

  private _fill(row: ITreeRow, index: number): void {
    const open = this._open!;
    const { outline } = open;
    const entry = open.entry(index);
    const kind = outline.kind(entry);
    const level = open.level(index);
    row.id = `${this._id}-${index}`;
    row.dataset.kind = kind;
    setAttribute(row, 'aria-level', level);
    setAttribute(row, 'aria-setsize', open.siblings(index));
    setAttribute(row, 'aria-posinset', open.place(index));
    setAttribute(row, 'aria-selected', entry === this._chosen);
    setAttribute(
      row,
      'aria-expanded',
      kind === 'directory' ? open.isOpen(index) : null
    );
    row.classList.toggle('jp-mod-active', index === this._active);
    row.style.paddingInlineStart = `${Math.min(level - 1, DEEPEST) * INDENT}px`;
    setText(row.label, outline.name(entry));
    setText(row.size, kind === 'file' ? bytes(outline.size(entry)) : '');
    const title = kind === 'link' ? `→ ${outline.target(entry)}` : '';
    if (row.title !== title) row.title = title;
  }

  private _click(event: MouseEvent): void {
    const row = this._rows.indexOf(event.target);
    if (row < 0) return;
    this._activate(row);
    if (isTwisty(event.target)) this._toggle(row);
    else this._select(row);
  }

  private _toggle(row: number): void {
    const open = this._open!;
    if (open.isOpen(row)) open.collapse(row);
    else open.expand(row);
    this._rows.reset(open.count);
  }

  private _select(row: number): void {
    const open = this._open!;
    const entry = open.entry(row);
    if (entry === this._chosen) return;
    this._chosen = entry;
    this._rows.refresh();
    this._selected.emit(open.outline.path(entry));
  }

  private _activate(row: number): void {
    const before = this._active;
    this._active = row;
    this._rows.row(before)?.classList.remove('jp-mod-active');
    this._rows.reveal(row);
    this._rows.row(row)?.classList.add('jp-mod-active');
    this._tellActive();
  }

  /** An element is named only while it is there: rows go out of sight. */
  private _tellActive(): void {
    const row = this._active < 0 ? null : this._rows.row(this._active);
    setAttribute(this.node, 'aria-activedescendant', row?.id ?? null);
  }

  /** The keys of a tree, as WAI-ARIA's authoring practices have them. */
  private _key(event: KeyboardEvent): void {
    const open = this._open;
    if (!open?.count || event.ctrlKey || event.metaKey || event.altKey) return;
    const row = Math.max(this._active, 0);
    const last = open.count - 1;
    const { page } = this._rows;
    switch (event.key) {
      case 'ArrowDown':
        this._activate(Math.min(row + 1, last));
        break;
      case 'ArrowUp':
        this._activate(Math.max(row - 1, 0));
        break;
      case 'PageDown':
        this._activate(Math.min(row + page, last));
        break;
      case 'PageUp':
        this._activate(Math.max(row - page, 0));
        break;
      case 'Home':
        this._activate(0);
        break;
      case 'End':
        this._activate(last);
        break;
      case 'ArrowRight':
        if (!open.isDirectory(row)) break;
        if (!open.isOpen(row)) this._toggle(row);
        else if (open.parent(row + 1) === row) this._activate(row + 1);
        break;
      case 'ArrowLeft':
        if (open.isOpen(row)) this._toggle(row);
        else if (open.parent(row) >= 0) this._activate(open.parent(row));
        break;
      case '*': {
        const entry = open.entry(row);
        open.expandSiblings(row);
        this._rows.reset(open.count);
        this._activate(open.reveal(entry));
        break;
      }
      case 'Enter':
        this._select(row);
        if (open.isDirectory(row)) this._toggle(row);
        break;
      case ' ':
        this._select(row);
        break;
      default: {
        if (event.key.length !== 1) return;
        const found = this._typed.find(event.key, row, open.count, i =>
          open.outline.name(open.entry(i))
        );
        if (found >= 0) this._activate(found);
      }
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private readonly _id = uniqueId('tree');
  private readonly _rows: VirtualRows<ITreeRow>;
  private readonly _selected = new Signal<this, string>(this);
  private readonly _typed = new TypeAhead();
  private _open: OpenEntries | null = null;
  /** The row with the focus. */
  private _active = -1;
  /** The entry that is chosen: rows move, entries do not. */
  private _chosen: number = NONE;
}

function isTwisty(target: EventTarget | null): boolean {
  return (target as HTMLElement | null)?.closest('.jp-FrozenPanel-twisty') !== null;
}

const ROW = el(
  'div',
  { role: 'treeitem', class: 'jp-FrozenPanel-row', 'aria-selected': 'false' },
  el('span', { class: 'jp-FrozenPanel-twisty', 'aria-hidden': 'true' }),
  el('span', { class: 'jp-FrozenPanel-kind', 'aria-hidden': 'true' }),
  el('span', { class: 'jp-FrozenPanel-label' }),
  el('span', { class: 'jp-FrozenPanel-size' })
);

function makeRow(): ITreeRow {
  const row = ROW.cloneNode(true) as HTMLElement;
  const [, , label, size] = row.children as unknown as HTMLElement[];
  return Object.assign(row, { label, size });
}
