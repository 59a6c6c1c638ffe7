import { isCancel } from '../error';
import { messageOf } from '../jobs';
import {
  type INotebookCell,
  type NotebookOutput,
  type Preview,
  previewOf
} from '../preview';
import { el, fill } from './dom';
import { type IContext, Part } from './part';
import { baseName, bytes } from './text';

/** What a file looks like. Nothing of it is run: texts are texts, pictures are `<img>`. */
export class PreviewView extends Part {
  readonly node = el('div', {
    class: 'jp-FrozenPanel-preview',
    role: 'region',
    'aria-label': 'Preview',
    tabindex: '0',
    hidden: true
  });

  constructor(context: IContext) {
    super(context);
  }

  override dispose(): void {
    this._let();
    super.dispose();
  }

  /** Show a file of the open image, by its path; null for none. */
  show(path: string | null): void {
    this._let();
    const { inside, images } = this.model;
    if (path === null || inside.state !== 'ready') {
      this.node.hidden = true;
      fill(this.node);
      return;
    }
    const { image, outline } = inside;
    const reading = (this._reading = new AbortController());
    const { signal } = reading;
    const size = outline.size(outline.find(path));
    this.node.hidden = false;
    this.node.dataset.kind = 'loading';
    fill(this.node, el('p', { class: 'jp-FrozenPanel-hint' }, 'Reads the file …'));
    previewOf(path, size, (start, end) =>
      images.read(image, path, { start, end }, signal)
    ).then(
      preview => {
        if (signal.aborted) return;
        this.node.dataset.kind = preview.kind;
        fill(this.node, ...this._draw(preview, baseName(path)));
      },
      (error: unknown) => {
        if (signal.aborted || isCancel(error)) return;
        this.node.dataset.kind = 'failed';
        fill(this.node, el('p', { class: 'jp-FrozenPanel-error' }, messageOf(error)));
      }
    );
  }

  private _let(): void {
    this._reading?.abort();
    for (const url of this._urls) URL.revokeObjectURL(url);
    this._urls = [];
  }

  private _draw(preview: Preview, name: string): Node[] {
    switch (preview.kind) {
      case 'empty':
        return [hint('The file is empty.')];
      case 'text':
        return [el('pre', {}, preview.text), ...cut(preview.isCut)];
      case 'hex':
        return [el('pre', {}, preview.text), ...cut(preview.isCut)];
      case 'picture':
        return [this._picture(preview.blob, name)];
      case 'large':
        return [
          hint(`It is larger than ${bytes(preview.limit)}: download it to see it.`)
        ];
      case 'table':
        return [drawTable(preview.header, preview.rows, name), ...cut(preview.isCut)];
      case 'notebook':
        return [
          ...preview.cells.map(cell => this._cell(cell, name)),
          ...cut(preview.isCut)
        ];
    }
  }

  private _cell({ type, source, outputs }: INotebookCell, name: string): HTMLElement {
    return el(
      'div',
      { class: 'jp-FrozenPanel-cell', 'data-type': type },
      el('pre', {}, source),
      ...outputs.map(output => this._output(output, name))
    );
  }

  private _output(output: NotebookOutput, name: string): Node {
    switch (output.kind) {
      case 'text':
        return el('pre', { class: output.isError ? 'jp-mod-failed' : '' }, output.text);
      case 'picture':
        return this._picture(output.blob, `Output of ${name}`);
      case 'other':
        return hint(`An output that is not shown here: ${output.types.join(', ')}`);
    }
  }

  private _picture(blob: Blob, alt: string): HTMLImageElement {
    const url = URL.createObjectURL(blob);
    this._urls.push(url);
    return el('img', { src: url, alt });
  }

  private _reading: AbortController | null = null;
  private _urls: string[] = [];
}

function hint(text: string): HTMLElement {
  return el('p', { class: 'jp-FrozenPanel-hint' }, text);
}

function cut(isCut: boolean): Node[] {
  return isCut ? [hint('There is more of it: download it to see all.')] : [];
}

function drawTable(
  header: readonly string[],
  rows: readonly string[][],
  name: string
): HTMLElement {
  const line = (row: readonly string[]) =>
    el('tr', {}, ...header.map((_, i) => el('td', {}, row[i] ?? '')));
  return el(
    'table',
    { class: 'jp-FrozenPanel-table', 'aria-label': name },
    el(
      'thead',
      {},
      el('tr', {}, ...header.map(title => el('th', { scope: 'col' }, title)))
    ),
    el('tbody', {}, ...rows.map(line))
  );
}
