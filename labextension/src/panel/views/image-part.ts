import type { IImageRow, Verb } from '../types';
import { allows } from '../verbs';
import { button, el, fill, setAttribute } from './dom';
import { drawList } from './entry';
import { extractForm } from './disk-forms';
import {
  autoloadForm,
  deleteForm,
  type IFormContext,
  keepForm,
  mountForm,
  noteForm,
  renameForm
} from './forms';
import type { IForm } from './form';
import { factsOf } from './image-list';
import { type IContext, Part } from './part';
import { thawForm } from './thaw-form';
import { count } from './text';

/** A button, and the form that it opens or what it does at once. */
interface IAction {
  id: string;
  text: string;
  form?: (context: IFormContext) => IForm;
  run?: (image: IImageRow) => void;
}

/** The selected image: what is known of it, and what can be done with it. */
export class ImagePart extends Part {
  readonly node = el('section', {
    class: 'jp-FrozenPanel-imagePart',
    'aria-label': 'Chosen image'
  });

  constructor(context: IContext) {
    super(context);
    const { model } = context;
    this.node.append(
      this._head,
      this._mounts,
      this._buttons,
      this._formPlace,
      this.slot.node
    );
    model.rowsChanged.connect(this._draw, this);
    model.mountsChanged.connect(this._draw, this);
    model.link.changed.connect(this._draw, this);
    model.sharedChanged.connect((_, { selected }) => {
      if (selected !== undefined) this._draw();
    }, this);
    this._draw();
  }

  override dispose(): void {
    this._form?.dispose?.();
    super.dispose();
  }

  /** Draw what has changed: buttons stay as long as they are the same, so that none loses the focus. */
  private _draw(): void {
    const image = this.model.row(this.model.selected);
    if (image?.key !== this._image?.key) {
      this._close();
      if (this._image && image) this.slot.clear();
    }
    this._image = image;
    this._head.hidden = this._buttons.hidden = this._mounts.hidden = !image;
    if (!image) return;
    const drawn = JSON.stringify([image, this.model.mountsOf(image), this._canAsk]);
    if (drawn === this._drawn) return;
    this._drawn = drawn;
    fill(this._head, ...drawHead(image));
    this._drawMounts(image);
    this._drawButtons(image);
  }

  /** Whether there is a kernel with a live filesystem. */
  private get _canAsk(): boolean {
    const { kernel } = this.model.link;
    return kernel !== null && !kernel.native;
  }

  private _drawMounts(image: IImageRow): void {
    const { model } = this;
    fill(
      this._mounts,
      ...model.mountsOf(image).map(({ path, writable, system }) =>
        el(
          'div',
          { class: 'jp-FrozenPanel-mount' },
          el(
            'span',
            {},
            'Mounted at ',
            el('code', {}, path),
            writable ? ', writable' : '',
            system ? ': the kernel runs from it' : ''
          ),
          !system &&
            button('Unmount', () => this._unmount(path), {
              'aria-label': `Unmount ${path}`
            })
        )
      )
    );
  }

  private _drawButtons(image: IImageRow): void {
    const actions = this._actions(image);
    const before = (document.activeElement as HTMLElement | null)?.dataset.action;
    const hadFocus = this._buttons.contains(document.activeElement);
    fill(
      this._buttons,
      ...actions.map(action =>
        button(action.text, () => this._start(action, image), {
          'data-action': action.id,
          'aria-expanded': action.form ? action.id === this._openId : null
        })
      )
    );
    if (hadFocus && before) this._button(before)?.focus();
  }

  private _actions(image: IImageRow): IAction[] {
    const { images } = this.model;
    const may = (verb: Verb) => allows(images, image, verb);
    const { slot } = this;
    const all: (IAction | false)[] = [
      this._canAsk && { id: 'mount', text: 'Mount at…', form: mountForm },
      this._canAsk && { id: 'thaw', text: 'Thaw…', form: thawForm },
      may('extract') && { id: 'extract', text: 'Extract…', form: extractForm },
      may('rename') && { id: 'rename', text: 'Rename…', form: renameForm },
      may('note') && { id: 'note', text: 'Note…', form: noteForm },
      may('autoload') && { id: 'autoload', text: 'Autoload…', form: autoloadForm },
      may('import') && {
        id: 'keep',
        text: 'Keep in this browser…',
        form: keepForm
      },
      may('export') && {
        id: 'export',
        text: 'Export',
        run: one =>
          void slot.run(
            `Exporting ${one.name}`,
            'page',
            how => images.export(one, how),
            () => 'checked, and handed to the browser as a download'
          )
      },
      may('verify') && {
        id: 'verify',
        text: 'Verify',
        run: one =>
          void slot.run(
            `Verifying ${one.name}`,
            image.place === 'disk' ? 'kernel' : 'page',
            how => images.verify(one, how),
            () => 'all of it is as it was made'
          )
      },
      may('remove') && { id: 'delete', text: 'Delete…', form: deleteForm },
      (image.place === 'file' || image.place === 'address') && {
        id: 'forget',
        text: 'Take off the list',
        run: one => images.forget(one)
      }
    ];
    return all.filter(action => action !== false);
  }

  private _start(action: IAction, image: IImageRow): void {
    const isOpen = this._openId === action.id;
    this._close();
    if (action.run) action.run(image);
    else if (!isOpen) {
      this._openId = action.id;
      this._form = action.form!({
        ...this.context,
        image,
        slot: this.slot,
        close: () => this._close()
      });
      this._formPlace.append(this._form.node);
      setAttribute(this._button(action.id)!, 'aria-expanded', true);
      this._form.node
        .querySelector<HTMLElement>('input, select, button, summary')
        ?.focus();
    }
  }

  private _close(): void {
    const id = this._openId;
    if (!id) return;
    const hadFocus = this._formPlace.contains(document.activeElement);
    this._form?.dispose?.();
    this._form = null;
    this._openId = null;
    fill(this._formPlace);
    const opener = this._button(id);
    if (!opener) return;
    setAttribute(opener, 'aria-expanded', false);
    if (hadFocus) opener.focus();
  }

  private _button(id: string): HTMLElement | null {
    return this._buttons.querySelector(`[data-action="${id}"]`);
  }

  private _unmount(path: string): void {
    void this.slot.run(
      `Unmounting ${path}`,
      'kernel',
      how => this.model.link.request('unmount', { path }, how),
      () => 'unmounted'
    );
  }

  private readonly _head = el('div', { class: 'jp-FrozenPanel-head' });
  private readonly _mounts = el('div', { class: 'jp-FrozenPanel-mounts' });
  private readonly _buttons = el('div', {
    class: 'jp-FrozenPanel-buttons',
    role: 'group',
    'aria-label': 'Actions'
  });
  private readonly _formPlace = el('div', { class: 'jp-FrozenPanel-formPlace' });
  private _image: IImageRow | undefined;
  private _form: IForm | null = null;
  private _openId: string | null = null;
  private _drawn = '';
}

function drawHead(image: IImageRow): HTMLElement[] {
  const { packages } = image;
  const facts: (readonly [string, string])[] = [
    ...(image.note ? [['Note', image.note] as const] : []),
    ...(image.base
      ? [['Layer on', image.baseName ?? 'an image that is not here'] as const]
      : []),
    ...(image.root !== '/' ? [['Files from', image.root] as const] : []),
    ...(image.autoload.length
      ? [['Thawed at each start of', image.autoload.join(', ')] as const]
      : []),
    ...(image.url ? [['Address', image.url] as const] : []),
    ...(image.sha256 ? [['SHA-256', image.sha256] as const] : [])
  ];
  return [
    el('h3', { class: 'jp-FrozenPanel-title' }, image.name),
    el('p', { class: 'jp-FrozenPanel-facts' }, factsOf(image).join(' · ')),
    el(
      'details',
      { class: 'jp-FrozenPanel-more' },
      el(
        'summary',
        {},
        packages ? `About it, and ${count(packages.length)} packages` : 'About it'
      ),
      drawList(facts),
      packages && drawPackages(packages)
    )
  ].filter(node => node.tagName !== 'DETAILS' || facts.length > 0 || packages);
}

function drawPackages(packages: readonly { name: string; version: string }[]): Node {
  return el(
    'table',
    { class: 'jp-FrozenPanel-table' },
    el('caption', {}, 'Packages that it was made from'),
    el(
      'thead',
      {},
      el(
        'tr',
        {},
        el('th', { scope: 'col' }, 'Package'),
        el('th', { scope: 'col' }, 'Version')
      )
    ),
    el(
      'tbody',
      {},
      ...packages.map(({ name, version }) =>
        el('tr', {}, el('td', {}, name), el('td', {}, version))
      )
    )
  );
}
