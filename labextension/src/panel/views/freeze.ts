import { pathOf } from '../disk-images';
import { el, fill } from './dom';
import { choice, field, form, textInput, tick, tickInput } from './form';
import { type IContext, Part } from './part';
import { bytes, counted } from './text';

/** What a kernel says of an image that it has made. */
interface IFrozen {
  name: string | null;
  file: string | null;
  size: number;
  files: number;
  not_stored: string | null;
  skipped: { path: string; why: string }[];
}

/** Freeze now: the kernel's live filesystem, or on a native kernel a folder, into an image. */
export class FreezePart extends Part {
  readonly node = el('div', { class: 'jp-FrozenPanel-part' });

  constructor(context: IContext) {
    super(context);
    const { model } = context;
    this.node.append(this._place, this.slot.node, this._skipped);
    model.link.changed.connect(this._draw, this);
    model.rowsChanged.connect(this._drawBases, this);
    this._draw();
  }

  private _draw(): void {
    const { kernel } = this.model.link;
    const drawn = kernel === null ? 'none' : kernel.native ? 'folder' : 'live';
    if (drawn === this._drawn) return;
    this._drawn = drawn;
    fill(
      this._place,
      drawn === 'live'
        ? this._drawLive()
        : drawn === 'folder'
          ? this._drawFolder(kernel!.cwd)
          : el(
              'p',
              { class: 'jp-FrozenPanel-hint' },
              'There is nothing to freeze: open a notebook, its kernel has the files.'
            )
    );
    this._drawBases();
  }

  /** Images that a layer can lie on. */
  private _drawBases(): void {
    const before = this._base.value;
    const place = this.model.link.kernel?.native ? 'disk' : 'store';
    fill(
      this._base,
      ...choice(
        [
          [
            '',
            this._drawn === 'live'
              ? 'the image that the kernel runs from'
              : 'none: all files'
          ],
          ...this.model.rows
            .filter(row => row.place === place)
            .map(row => [place === 'disk' ? pathOf(row) : row.name, row.name] as const)
        ],
        ''
      ).children
    );
    this._base.value = before;
    if (this._base.selectedIndex < 0) this._base.value = '';
  }

  private _drawLive(): HTMLElement {
    const name = textInput('session.blob', { required: true });
    const note = textInput('', { spellcheck: 'true' });
    const what = choice(
      [
        ['full', 'All files'],
        ['layer', 'A layer: only what differs from another image']
      ],
      'full'
    );
    const base = field('The layer lies on', this._base);
    base.hidden = true;
    what.addEventListener('change', () => (base.hidden = what.value !== 'layer'));
    const root = textInput('', { placeholder: '/' });
    const exclude = textInput('', { placeholder: '**/*.tmp' });
    const gzip = tickInput(true);
    const force = tickInput();
    const download = tickInput();
    const submit = () => {
      const isLayer = what.value === 'layer';
      void this._run(`Freezing ${name.value}`, 'freeze', {
        name: name.value.trim(),
        note: note.value,
        layer: isLayer && !this._base.value,
        base: isLayer ? this._base.value || null : null,
        root: root.value.trim() || null,
        exclude: globs(exclude.value),
        gzip: gzip.checked,
        force: force.checked,
        download: download.checked
      });
    };
    return form(
      'Freeze now',
      'Freeze',
      submit,
      null,
      field('Name', name),
      field('Note', note),
      field('What', what),
      base,
      field('Only what lies in this folder (empty: everything)', root),
      field('Without these files (globs)', exclude),
      tick('Compress (gzip)', gzip),
      tick('Replace an image of that name', force),
      tick('Download it too', download)
    );
  }

  private _drawFolder(cwd: string): HTMLElement {
    const root = textInput(cwd, { required: true });
    const file = textInput('image.tar.gz', { required: true });
    const exclude = textInput('', { placeholder: '**/.git' });
    const gzip = tickInput(true);
    const force = tickInput();
    const submit = () =>
      void this._run(`Packing ${root.value}`, 'pack', {
        root: root.value.trim(),
        file: file.value.trim(),
        base: this._base.value || null,
        exclude: globs(exclude.value),
        gzip: gzip.checked,
        force: force.checked
      });
    return el(
      'div',
      { class: 'jp-FrozenPanel-part' },
      form(
        'Pack a folder',
        'Pack',
        submit,
        null,
        field('Folder', root),
        field('Into the file', file),
        field('Only what differs from', this._base),
        field('Without these files (globs)', exclude),
        tick('Compress (gzip)', gzip),
        tick('Replace a file of that name', force)
      ),
      el(
        'p',
        { class: 'jp-FrozenPanel-hint' },
        'Freezing a session, mounting and thawing need a kernel in a browser, such as JupyterLite’s.'
      )
    );
  }

  private async _run(title: string, verb: string, options: object): Promise<void> {
    const { link } = this.model;
    fill(this._skipped);
    const frozen = await this.slot.run(
      title,
      'kernel',
      how => link.request<IFrozen>(verb, options, how),
      ({ name, file, size, files, not_stored: problem }) =>
        `${name ?? file}: ${counted(files, 'file')}, ${bytes(size)}${problem ? `. ${problem}` : ''}`
    );
    if (!frozen) return;
    const { skipped } = frozen;
    fill(
      this._skipped,
      skipped.length > 0 &&
        el(
          'details',
          {},
          el('summary', {}, `${counted(skipped.length, 'path')} left out`),
          el(
            'ul',
            { class: 'jp-FrozenPanel-dangerous' },
            ...skipped.map(({ path, why }) =>
              el('li', {}, el('code', {}, path), ` ${why}`)
            )
          )
        )
    );
    await this.model.refresh();
    const made = this.model.rows.find(
      row =>
        (row.place === 'store' && row.name === frozen.name) ||
        (row.place === 'disk' && pathOf(row) === frozen.file)
    );
    if (made) this.model.select(made.key);
  }

  private readonly _place = el('div');
  private readonly _skipped = el('div');
  private readonly _base = choice([], '');
  private _drawn = '';
}

function globs(text: string): string[] {
  return text.split(/\s+/).filter(glob => glob);
}
