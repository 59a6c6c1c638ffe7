/** A notebook as it was saved. */
export interface INotebook {
  /** Name of the language of its code, such as `python`. */
  language: string;
  cells: INotebookCell[];
  /** Whether it has more cells. */
  isCut: boolean;
}

export interface INotebookCell {
  type: 'code' | 'markdown' | 'raw';
  source: string;
  /** The number that a code cell had; null when it was not run. */
  count: number | null;
  outputs: NotebookOutput[];
}

/** What a cell has put out, as far as it can be shown without running anything. */
export type NotebookOutput =
  | { kind: 'text'; text: string; isError: boolean }
  | { kind: 'picture'; blob: Blob }
  /** Types of what cannot be shown. */
  | { kind: 'other'; types: string[] };

const MOST_CELLS = 200;

/** So many characters of a text are shown. */
const MOST_TEXT = 20_000;

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const SVG = 'image/svg+xml';

/** Read a notebook of format 4. @returns null when it is none. */
export function notebookOf(bytes: Uint8Array): INotebook | null {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  const { cells, metadata } = record(json);
  if (!Array.isArray(cells)) return null;
  const { language_info: info, kernelspec } = record(metadata);
  const language = record(info).name ?? record(kernelspec).language;
  return {
    language: typeof language === 'string' ? language : '',
    cells: cells.slice(0, MOST_CELLS).map(cellOf),
    isCut: cells.length > MOST_CELLS
  };
}

function cellOf(value: unknown): INotebookCell {
  const { cell_type: type, source, outputs, execution_count: count } = record(value);
  return {
    type: type === 'code' || type === 'markdown' ? type : 'raw',
    source: cut(joined(source)),
    count: typeof count === 'number' ? count : null,
    outputs: Array.isArray(outputs) ? outputs.map(outputOf) : []
  };
}

function outputOf(value: unknown): NotebookOutput {
  const {
    output_type: type,
    text,
    name,
    data,
    traceback,
    ename,
    evalue
  } = record(value);
  if (type === 'stream') {
    return { kind: 'text', text: plain(joined(text)), isError: name === 'stderr' };
  }
  if (type === 'error') {
    const lines = Array.isArray(traceback) ? traceback.map(String) : [];
    const said =
      lines.length > 0 ? lines.join('\n') : `${String(ename)}: ${String(evalue)}`;
    return { kind: 'text', text: plain(said), isError: true };
  }
  const bundle = record(data);
  const picture = pictureOf(bundle);
  if (picture) return { kind: 'picture', blob: picture };
  if ('text/plain' in bundle) {
    return { kind: 'text', text: plain(joined(bundle['text/plain'])), isError: false };
  }
  return { kind: 'other', types: Object.keys(bundle) };
}

function pictureOf(bundle: Record<string, unknown>): Blob | null {
  for (const type of PICTURES) {
    if (!(type in bundle)) continue;
    try {
      const letters = atob(joined(bundle[type]).replace(/\s/g, ''));
      return new Blob([Uint8Array.from(letters, letter => letter.charCodeAt(0))], {
        type
      });
    } catch {
      return null;
    }
  }
  return SVG in bundle ? new Blob([joined(bundle[SVG])], { type: SVG }) : null;
}

/** Without the codes that colour a terminal. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return cut(text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, ''));
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}

/** Texts are stored as they are, or line by line. */
function joined(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join('');
  return typeof value === 'string' ? value : '';
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : {};
}
