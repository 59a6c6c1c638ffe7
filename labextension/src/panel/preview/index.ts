import { isPlainText, type IText, textOf } from './text';
import { hexOf } from './hex';
import { type INotebook, notebookOf } from './notebook';
import { pictureType } from './picture';
import { delimiterOf, type ITable, tableOf } from './table';

export type { INotebook, INotebookCell, NotebookOutput } from './notebook';
export type { ITable } from './table';
export type { IText } from './text';

/** What a file looks like. Nothing of it is ever run. */
export type Preview =
  | { kind: 'empty' }
  | ({ kind: 'text' } & IText)
  | ({ kind: 'table' } & ITable)
  | ({ kind: 'notebook' } & INotebook)
  /** To be shown by an `<img>`, which runs no script of an SVG. */
  | { kind: 'picture'; blob: Blob }
  /** Lines as `hexdump -C` writes them. */
  | { kind: 'hex'; text: string; isCut: boolean }
  /** A picture or a notebook that is too large to be shown. */
  | { kind: 'large'; limit: number };

/** Reads bytes `[start, end)` of a file. */
export type ReadRange = (
  start: number,
  end: number
) => Promise<Uint8Array<ArrayBuffer>>;

/** So much is read of a text, in bytes. */
const HEAD = 64 * 2 ** 10;

/** So much is read of what is shown whole or not at all, in bytes. */
const WHOLE = 8 * 2 ** 20;

/** So much is shown of what nobody can read, in bytes. */
const HEX = 4096;

/**
 * Look into a file; no more of it is read than is shown.
 *
 * @param name - Its name, or path.
 * @param size - In bytes.
 */
export async function previewOf(
  name: string,
  size: number,
  read: ReadRange
): Promise<Preview> {
  if (size === 0) return { kind: 'empty' };
  const end = /\.[^./]*$/.exec(name.toLowerCase())?.[0] ?? '';
  const head = await read(0, Math.min(size, HEAD));
  const whole = async () => (size <= HEAD ? head : read(0, size));

  const type = pictureType(head, end);
  if (type !== null) {
    if (size > WHOLE) return { kind: 'large', limit: WHOLE };
    return { kind: 'picture', blob: new Blob([await whole()], { type }) };
  }
  const text = textOf(head, size > HEAD);
  if (text === null || !isPlainText(text)) {
    const isCut = size > HEX;
    return { kind: 'hex', text: hexOf(head.subarray(0, HEX)), isCut };
  }
  if (end === '.ipynb') {
    if (size > WHOLE) return { kind: 'large', limit: WHOLE };
    const notebook = notebookOf(await whole());
    if (notebook) return { kind: 'notebook', ...notebook };
  }
  const delimiter = delimiterOf(end, text.text);
  if (delimiter !== null) {
    return { kind: 'table', ...tableOf(text.text, delimiter, text.isCut) };
  }
  return { kind: 'text', ...text };
}
