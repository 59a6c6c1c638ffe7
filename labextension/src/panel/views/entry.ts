import { NONE, type Outline } from '../outline';
import type { IImageRow } from '../types';
import { button, el, fill } from './dom';
import { type IContext, Part } from './part';
import { PreviewView } from './preview-view';
import { baseName, bytes, counted, mode, when } from './text';

const KIND = { file: 'File', directory: 'Folder', link: 'Symbolic link' };

/** What is known of one entry of an image. */
export class EntryView extends Part {
  readonly node = el('section', {
    class: 'jp-FrozenPanel-entry',
    'aria-label': 'Chosen entry',
    hidden: true
  });

  constructor(context: IContext) {
    super(context);
    const { model } = context;
    this._preview = new PreviewView(context);
    model.insideChanged.connect(this._draw, this);
    model.sharedChanged.connect((_, { path }) => {
      if (path !== undefined) this._draw();
    }, this);
    this._draw();
  }

  override dispose(): void {
    this._preview.dispose();
    super.dispose();
  }

  private _draw(): void {
    const { inside, path } = this.model;
    const outline = inside.state === 'ready' ? inside.outline : null;
    const entry = outline && path !== '/' ? outline.find(path) : NONE;
    this.node.hidden = entry === NONE;
    if (entry === NONE) {
      this._preview.show(null);
      fill(this.node);
      return;
    }
    const { image } = inside as { image: IImageRow };
    const isFile = outline!.kind(entry) === 'file';
    fill(
      this.node,
      el(
        'div',
        { class: 'jp-FrozenPanel-titleRow' },
        el('h3', { class: 'jp-FrozenPanel-title' }, baseName(path)),
        isFile &&
          button('Download', () => this._download(image, path), {
            'aria-label': `Download ${baseName(path)}`
          })
      ),
      this.slot.node,
      drawFacts(outline!, entry),
      this._preview.node
    );
    this._preview.show(isFile ? path : null);
  }

  private readonly _preview: PreviewView;

  private _download(image: IImageRow, path: string): void {
    void this.slot.run(`Downloading ${baseName(path)}`, 'page', how =>
      this.model.images.saveFile(image, path, how)
    );
  }
}

function drawFacts(outline: Outline, entry: number): HTMLElement {
  const kind = outline.kind(entry);
  const facts: [string, string][] = [
    ['Path', outline.path(entry)],
    ['Kind', KIND[kind]],
    ...(kind === 'file'
      ? [['Size', `${bytes(outline.size(entry))}`] satisfies [string, string]]
      : []),
    ...(kind === 'directory'
      ? [
          [
            'Holds',
            counted(outline.children(entry).length, 'entry', 'entries')
          ] satisfies [string, string]
        ]
      : []),
    ...(kind === 'link'
      ? [['Points to', outline.target(entry)] satisfies [string, string]]
      : []),
    ['Changed', when(outline.mtime(entry) * 1000)],
    ['Mode', mode(outline.mode(entry))]
  ];
  return drawList(facts);
}

/** Names and what they are of. */
export function drawList(facts: readonly (readonly [string, string])[]): HTMLElement {
  return el(
    'dl',
    { class: 'jp-FrozenPanel-list' },
    ...facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])
  );
}
