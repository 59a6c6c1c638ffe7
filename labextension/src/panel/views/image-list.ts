import { Signal, type ISignal } from '@lumino/signaling';

import { mountsOf } from '../mounted';
import type { IImageRow, IMountRow, Place } from '../types';
import { el, fill, setAttribute, uniqueId } from './dom';
import { bytes, counted, when } from './text';
import { TypeAhead } from './type-ahead';

/** The groups in the order in which they stand, and what a person reads over them. */
export const PLACES: readonly [Place, string][] = [
  ['site', 'This site'],
  ['store', 'In this browser'],
  ['file', 'Files of this computer'],
  ['address', 'Addresses'],
  ['disk', 'Files on disk']
];

/** An image in the list. */
interface IOption {
  key: string;
  name: string;
  node: HTMLElement;
  /** What it shows. */
  drawn: string;
}

/** Images by place: a list box in which the arrow keys move and Enter chooses. */
export class ImageListView {
  readonly node = el('div', {
    class: 'jp-FrozenPanel-images',
    role: 'listbox',
    tabindex: '0',
    'aria-label': 'Images'
  });

  constructor() {
    this.node.addEventListener('keydown', event => this._key(event));
    this.node.addEventListener('click', event => {
      const at = this._options.findIndex(({ node }) =>
        node.contains(event.target as Node)
      );
      if (at < 0) return;
      this._activate(at);
      this._choose();
    });
    this.node.addEventListener('focus', () => {
      // Who clicks has chosen a row; a step of the scroll bar would take it from under the pointer.
      if (!this.node.matches(':focus-visible')) return;
      if (this._options.length && this._active < 0) this._activate(0);
    });
  }

  /** Emitted with the key of what a person has chosen. */
  get chosen(): ISignal<this, string> {
    return this._chosen;
  }

  /**
   * Show images.
   *
   * @param mounts - where some of them are mounted
   * @param selected - key of the one that is chosen
   */
  show(
    images: readonly IImageRow[],
    mounts: readonly IMountRow[],
    selected: string | null
  ): void {
    const active = this._options[this._active]?.key ?? selected;
    const structure = JSON.stringify(images.map(({ key }) => key));
    if (structure !== this._structure) {
      this._structure = structure;
      this._build(images);
    }
    for (const option of this._options) {
      const image = images.find(({ key }) => key === option.key)!;
      const here = mountsOf(image, mounts);
      // What is the same stays: an element that goes between press and release takes a click with it.
      const drawn = JSON.stringify([image, here]);
      if (drawn !== option.drawn) {
        option.drawn = drawn;
        drawImage(option.node, image, here);
      }
      setAttribute(option.node, 'aria-selected', image.key === selected);
    }
    this._active = this._options.findIndex(({ key }) => key === active);
    this._mark();
  }

  private _build(images: readonly IImageRow[]): void {
    this._options = [];
    const groups: HTMLElement[] = [];
    for (const [place, title] of PLACES) {
      const here = images.filter(image => image.place === place);
      if (!here.length) continue;
      const heading = el(
        'div',
        { class: 'jp-FrozenPanel-place', id: uniqueId('place'), role: 'presentation' },
        title
      );
      const group = el(
        'div',
        { role: 'group', 'aria-labelledby': heading.id },
        heading
      );
      for (const { key, name } of here) {
        const node = el('div', {
          role: 'option',
          id: uniqueId('image'),
          class: 'jp-FrozenPanel-image'
        });
        this._options.push({ key, name, node, drawn: '' });
        group.append(node);
      }
      groups.push(group);
    }
    fill(this.node, ...groups);
    // A list box must hold options.
    setAttribute(this.node, 'role', groups.length ? 'listbox' : null);
    setAttribute(this.node, 'aria-label', groups.length ? 'Images' : null);
    this.node.hidden = groups.length === 0;
  }

  private _key(event: KeyboardEvent): void {
    const last = this._options.length - 1;
    if (last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = Math.max(this._active, 0);
    switch (event.key) {
      case 'ArrowDown':
        this._activate(Math.min(at + 1, last));
        break;
      case 'ArrowUp':
        this._activate(Math.max(at - 1, 0));
        break;
      case 'Home':
        this._activate(0);
        break;
      case 'End':
        this._activate(last);
        break;
      case 'Enter':
      case ' ':
        this._choose();
        break;
      default: {
        if (event.key.length !== 1) return;
        const found = this._typed.find(
          event.key,
          at,
          last + 1,
          i => this._options[i].name
        );
        if (found >= 0) this._activate(found);
      }
    }
    event.preventDefault();
    event.stopPropagation();
  }

  private _activate(at: number): void {
    this._active = at;
    this._mark();
    this._options[at].node.scrollIntoView({ block: 'nearest' });
  }

  private _mark(): void {
    this._options.forEach(({ node }, i) =>
      node.classList.toggle('jp-mod-active', i === this._active)
    );
    setAttribute(
      this.node,
      'aria-activedescendant',
      this._options[this._active]?.node.id ?? null
    );
  }

  private _choose(): void {
    const option = this._options[this._active];
    if (option) this._chosen.emit(option.key);
  }

  private readonly _chosen = new Signal<this, string>(this);
  private readonly _typed = new TypeAhead();
  private _options: IOption[] = [];
  private _structure = '';
  private _active = -1;
}

/** What is known of an image, in a few words each. */
export function factsOf(image: IImageRow): string[] {
  return [
    bytes(image.size),
    image.files === null ? '' : counted(image.files, 'file'),
    when(image.created)
  ].filter(fact => fact);
}

function drawImage(
  node: HTMLElement,
  image: IImageRow,
  mounts: readonly IMountRow[]
): void {
  const marks = [
    ...mounts.map(({ path }) => ['mounted', `mounted at ${path}`]),
    ...(image.base
      ? [['layer', `layer on ${image.baseName ?? 'an image that is not here'}`]]
      : []),
    ...(image.autoload.length ? [['autoload', 'thawed at each start']] : [])
  ];
  node.title = image.url ?? image.name;
  fill(
    node,
    el('div', { class: 'jp-FrozenPanel-name' }, image.name),
    el('div', { class: 'jp-FrozenPanel-facts' }, factsOf(image).join(' · ')),
    image.note && el('div', { class: 'jp-FrozenPanel-note' }, image.note),
    marks.length > 0 &&
      el(
        'div',
        { class: 'jp-FrozenPanel-marks' },
        ...marks.map(([what, text]) =>
          el('span', { class: 'jp-FrozenPanel-mark', 'data-what': what }, text)
        )
      )
  );
}
