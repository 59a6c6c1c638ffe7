import type { IChangeRow } from '../types';
import { el, fill, setAttribute, setText } from './dom';
import { VirtualRows } from './rows';
import { baseName, bytes, count } from './text';

type Kind = IChangeRow['kind'];

const KINDS: readonly [Kind, string][] = [
  ['added', 'Added'],
  ['changed', 'Changed'],
  ['removed', 'Removed']
];

interface IChangeItem extends HTMLElement {
  label: HTMLElement;
  folder: HTMLElement;
  size: HTMLElement;
}

/** What differs between two trees: a list of any length, filtered by kind. */
export class ChangeList {
  readonly node: HTMLElement;

  constructor() {
    this._rows = new VirtualRows<IChangeItem>(
      { make: makeItem, fill: (item, index) => this._fill(item, index) },
      { class: 'jp-FrozenPanel-changed' }
    );
    this.node = el(
      'div',
      { class: 'jp-FrozenPanel-part', hidden: true },
      this._filters,
      this._summary,
      this._rows.node
    );
  }

  /** Show changes, all kinds of them. */
  show(changes: readonly IChangeRow[] | null): void {
    this.node.hidden = changes === null;
    this._all = changes ?? [];
    this._hidden.clear();
    fill(
      this._filters,
      ...KINDS.map(([kind, title]) => {
        const total = this._all.filter(change => change.kind === kind).length;
        return el(
          'button',
          {
            type: 'button',
            class: 'jp-FrozenPanel-button',
            'aria-pressed': 'true',
            onclick: (event: MouseEvent) =>
              this._toggle(kind, event.currentTarget as HTMLElement)
          },
          `${title} (${count(total)})`
        );
      })
    );
    this._draw();
  }

  dispose(): void {
    this._rows.dispose();
  }

  private _toggle(kind: Kind, button: HTMLElement): void {
    if (!this._hidden.delete(kind)) this._hidden.add(kind);
    setAttribute(button, 'aria-pressed', !this._hidden.has(kind));
    this._draw();
  }

  private _draw(): void {
    this._shown = this._all.filter(({ kind }) => !this._hidden.has(kind));
    const isEmpty = this._shown.length === 0;
    const grown = this._shown.reduce(
      (sum, { before, after }) => sum + (after ?? 0) - (before ?? 0),
      0
    );
    setText(
      this._summary,
      this._all.length === 0
        ? 'Nothing differs.'
        : `${count(this._shown.length)} of ${count(this._all.length)} differences, ` +
            `${grown < 0 ? '−' : '+'}${bytes(Math.abs(grown))}`
    );
    const { node } = this._rows;
    node.hidden = isEmpty;
    // A list must hold items.
    setAttribute(node, 'role', isEmpty ? null : 'list');
    setAttribute(node, 'aria-label', isEmpty ? null : 'Differences');
    this._rows.toTop();
    this._rows.reset(this._shown.length);
  }

  private _fill(item: IChangeItem, index: number): void {
    const { path, kind, before, after, differs } = this._shown[index];
    const name = baseName(path);
    item.dataset.kind = kind;
    item.title = differs.length ? `${path}: ${differs.join(', ')}` : path;
    setAttribute(item, 'aria-setsize', this._shown.length);
    setAttribute(item, 'aria-posinset', index + 1);
    setAttribute(
      item,
      'aria-label',
      [`${kind}: ${path}`, sizes(before, after), differs.join(', ')]
        .filter(part => part)
        .join(', ')
    );
    setText(item.label, name);
    setText(item.folder, path.slice(0, -name.length));
    setText(item.size, sizes(before, after));
  }

  private readonly _filters = el('div', {
    class: 'jp-FrozenPanel-buttons',
    role: 'group',
    'aria-label': 'Kinds of differences'
  });
  private readonly _summary = el('div', { role: 'status' });
  private readonly _rows: VirtualRows<IChangeItem>;
  private readonly _hidden = new Set<Kind>();
  private _all: readonly IChangeRow[] = [];
  private _shown: readonly IChangeRow[] = [];
}

function sizes(before: number | null, after: number | null): string {
  if (before !== null && after !== null && before !== after) {
    return `${bytes(before)} → ${bytes(after)}`;
  }
  const one = after ?? before;
  return one === null ? '' : bytes(one);
}

function makeItem(): IChangeItem {
  const icon = el('span', { class: 'jp-FrozenPanel-kind', 'aria-hidden': 'true' });
  const label = el('span', { class: 'jp-FrozenPanel-label' });
  const folder = el('span', { class: 'jp-FrozenPanel-folder' });
  const size = el('span', { class: 'jp-FrozenPanel-size' });
  const item = el(
    'div',
    { role: 'listitem', class: 'jp-FrozenPanel-row' },
    icon,
    label,
    folder,
    size
  );
  return Object.assign(item, { label, folder, size });
}
