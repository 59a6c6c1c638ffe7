import { pathOf } from '../disk-images';
import type { IChangeRow, IImageRow } from '../types';
import { ChangeList } from './change-list';
import { button, el, fill } from './dom';
import { choice, field, textInput } from './form';
import { PLACES } from './image-list';
import { type IContext, Part } from './part';
import { sourceOf } from './source';

/** Stands for the filesystem that the kernel has now. */
const LIVE = '';

/** What changed: from the selected image to another, or to what the kernel has now. */
export class ChangesPart extends Part {
  readonly node: HTMLElement;

  constructor(context: IContext) {
    super(context);
    const { model } = context;
    this._compare = button('Compare', () => void this._start(), {
      class: 'jp-mod-accept'
    });
    this._form = el('div', { class: 'jp-FrozenPanel-form', role: 'group' });
    this._form.setAttribute('aria-label', 'Compare');
    this.node = el(
      'div',
      { class: 'jp-FrozenPanel-part' },
      this._hint,
      this._form,
      this.slot.node,
      this._list.node
    );
    model.rowsChanged.connect(this._draw, this);
    model.link.changed.connect(this._draw, this);
    model.sharedChanged.connect((_, { selected }) => {
      if (selected !== undefined) this._draw();
    }, this);
    this._draw();
  }

  override dispose(): void {
    this._list.dispose();
    super.dispose();
  }

  private get _isNative(): boolean {
    return this.model.link.kernel?.native ?? false;
  }

  private _draw(): void {
    const { model } = this;
    const image = model.row(model.selected);
    fill(
      this._hint,
      !image && 'Choose an image to see what has changed since it was made.'
    );
    this._form.hidden = !image;
    if (!image) {
      this._list.show(null);
      return;
    }
    const others = model.rows.filter(({ key }) => key !== image.key);
    const canAsk = model.link.kernel !== null;
    const drawn = JSON.stringify([image.key, others.map(({ key }) => key), canAsk]);
    if (drawn === this._drawn) return;
    if (image.key !== this._image?.key) this._list.show(null);
    this._drawn = drawn;
    this._image = image;
    const titles = new Map(PLACES);
    const options = [
      ...(canAsk
        ? [
            [
              LIVE,
              this._isNative ? 'A folder as it is now' : 'The live filesystem'
            ] as const
          ]
        : []),
      ...others.map(
        ({ key, name, place }) => [key, `${name} (${titles.get(place)})`] as const
      )
    ];
    const before = this._with?.value;
    const start = options.some(([key]) => key === before) ? before! : options[0]?.[0];
    this._with = choice(options, start ?? '');
    this._with.addEventListener('change', () => this._drawFolder());
    fill(
      this._form,
      el('p', {}, `What has changed since ${image.name}?`),
      options.length > 0
        ? field('Compare with', this._with)
        : 'There is nothing to compare it with: open a notebook, or add another image.',
      this._folderField,
      options.length > 0 && this._compare
    );
    this._drawFolder();
  }

  private _drawFolder(): void {
    this._folderField.hidden = !(this._isNative && this._with?.value === LIVE);
    this._folder.placeholder = this.model.link.kernel?.cwd ?? '';
  }

  private async _start(): Promise<void> {
    const image = this._image!;
    const other = this.model.row(this._with!.value);
    this._list.show(null);
    const changes = other
      ? await this.slot.run(
          `Comparing ${image.name} with ${other.name}`,
          this._isNative ? 'kernel' : 'page',
          how => this.model.images.compare(image, other, how),
          () => 'done'
        )
      : await this._compareLive(image);
    if (changes && this._image === image) this._list.show(changes);
  }

  private _compareLive(image: IImageRow): Promise<IChangeRow[] | undefined> {
    const { link, images } = this.model;
    if (this._isNative) {
      const folder = this._folder.value.trim() || link.kernel!.cwd;
      return this.slot.run(
        `Comparing ${image.name} with ${folder}`,
        'kernel',
        how =>
          link.request<IChangeRow[]>(
            'compare_folder',
            { image: pathOf(image), folder },
            how
          ),
        () => 'done'
      );
    }
    const { options, file } = sourceOf(images, image);
    return this.slot.run(
      `Comparing ${image.name} with the live filesystem`,
      'kernel',
      how =>
        link.request<IChangeRow[]>('compare_live', options, {
          ...how,
          file
        }),
      () => 'done'
    );
  }

  private readonly _hint = el('div', { class: 'jp-FrozenPanel-hint' });
  private readonly _form: HTMLElement;
  private readonly _compare: HTMLButtonElement;
  private readonly _folder = textInput('');
  private readonly _folderField = field('Folder', this._folder);
  private readonly _list = new ChangeList();
  private _with: HTMLSelectElement | null = null;
  private _image: IImageRow | null = null;
  private _drawn = '';
}
