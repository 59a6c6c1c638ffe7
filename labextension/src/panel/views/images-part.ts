import { Signal } from '@lumino/signaling';

import { button, el, fill, setText } from './dom';
import { field } from './form';
import { ImageListView } from './image-list';
import { type IContext, Part } from './part';
import { counted } from './text';

/** The images, and what adds one: a file of this computer, an address, or on a native kernel a folder. */
export class ImagesPart extends Part {
  readonly node: HTMLElement;

  constructor(context: IContext) {
    super(context);
    const { model } = context;
    this._file.addEventListener('change', () => {
      this.addFiles([...(this._file.files ?? [])]);
      this._file.value = '';
    });
    this._addFile = button('Add a file', () => this._file.click());
    this._addAddress = button('Add an address', () => this._toggleAddress(), {
      'aria-expanded': 'false'
    });
    this._addressForm = el(
      'form',
      {
        class: 'jp-FrozenPanel-form',
        'aria-label': 'Add an address',
        hidden: true,
        onsubmit: (event: SubmitEvent) => {
          event.preventDefault();
          void this._add(this._address.value.trim());
        },
        onkeydown: (event: KeyboardEvent) => {
          if (event.key === 'Escape') this._toggleAddress();
        }
      },
      field('Address of an image', this._address),
      el(
        'div',
        { class: 'jp-FrozenPanel-buttons' },
        el('button', { class: 'jp-FrozenPanel-button jp-mod-accept' }, 'Add'),
        button('Close', () => this._toggleAddress())
      )
    );
    this._folderForm = el(
      'form',
      {
        class: 'jp-FrozenPanel-form',
        'aria-label': 'Folder of images',
        onsubmit: (event: SubmitEvent) => {
          event.preventDefault();
          model.share({ folder: this._folder.value.trim() });
        }
      },
      field('Folder', this._folder),
      el('button', { class: 'jp-FrozenPanel-button' }, 'Show')
    );
    this.node = el(
      'section',
      { class: 'jp-FrozenPanel-imagesPart', 'aria-label': 'Images' },
      el(
        'div',
        { class: 'jp-FrozenPanel-buttons' },
        this._addFile,
        this._addAddress,
        this._file
      ),
      this._addressForm,
      this._folderForm,
      this.slot.node,
      this._hint,
      this._list.node
    );
    this._list.chosen.connect((_, key) => model.select(key), this);
    model.rowsChanged.connect(this._draw, this);
    model.mountsChanged.connect(this._draw, this);
    model.link.changed.connect(this._draw, this);
    model.sharedChanged.connect(this._draw, this);
    this._draw();
  }

  override dispose(): void {
    Signal.clearData(this._list);
    super.dispose();
  }

  /** Whether files of this computer can be added. */
  get takesFiles(): boolean {
    return this.model.images.can.has('add') && !this._isNative;
  }

  /** Add files of this computer, and look at the last of them. */
  addFiles(files: readonly File[]): void {
    for (const file of files) void this._add(file);
  }

  private get _isNative(): boolean {
    return this.model.link.kernel?.native ?? false;
  }

  private async _add(source: File | string): Promise<void> {
    if (!source) return;
    const name = typeof source === 'string' ? source : source.name;
    const { images } = this.model;
    const row = await this.slot.run(
      `Opening ${name}`,
      'page',
      how => images.add(source, how),
      ({ files }) => (files === null ? 'added' : `added, ${counted(files, 'file')}`)
    );
    if (!row) return;
    this._addressForm.hidden = true;
    this._addAddress.setAttribute('aria-expanded', 'false');
    this._address.value = '';
    await this.model.refresh();
    this.model.select(row.key);
  }

  private _toggleAddress(): void {
    const isOpen = this._addressForm.hidden;
    this._addressForm.hidden = !isOpen;
    this._addAddress.setAttribute('aria-expanded', String(isOpen));
    (isOpen ? this._address : this._addAddress).focus();
  }

  private _draw(): void {
    const { model } = this;
    this._addFile.hidden = this._addAddress.hidden = !this.takesFiles;
    this._folderForm.hidden = !this._isNative;
    if (document.activeElement !== this._folder) {
      this._folder.value = model.shared.folder || (model.link.kernel?.cwd ?? '');
    }
    this._list.show(model.rows, model.mounts ?? [], model.selected);
    this._hint.classList.toggle('jp-mod-failed', model.problem !== null);
    setText(this._hint, this._hintText());
    if (model.problem !== null) {
      fill(
        this._hint,
        `${model.problem} `,
        button('Try again', () => void model.refresh())
      );
    }
  }

  private _hintText(): string {
    const { isListed, problem, rows } = this.model;
    if (problem !== null) return problem;
    if (!isListed) return 'Looks for images …';
    if (rows.length) return '';
    return this._isNative
      ? 'There is no image in this folder.'
      : 'There is no image yet: freeze this session, add a file, or drop one here.';
  }

  private readonly _list = new ImageListView();
  private readonly _hint = el('div', { class: 'jp-FrozenPanel-hint', role: 'status' });
  private readonly _file = el('input', {
    type: 'file',
    'aria-label': 'Image file to add',
    multiple: true,
    hidden: true
  });
  private readonly _address = el('input', {
    type: 'url',
    required: true,
    class: 'jp-FrozenPanel-input',
    placeholder: 'https://…'
  });
  private readonly _folder = el('input', {
    class: 'jp-FrozenPanel-input',
    spellcheck: 'false'
  });
  private readonly _addFile: HTMLButtonElement;
  private readonly _addAddress: HTMLButtonElement;
  private readonly _addressForm: HTMLFormElement;
  private readonly _folderForm: HTMLFormElement;
}
