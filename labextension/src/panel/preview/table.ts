/** The beginning of a table. */
export interface ITable {
  /** Its first row. */
  header: string[];
  rows: string[][];
  /** Whether there are more rows or columns. */
  isCut: boolean;
}

const MOST_ROWS = 500;
const MOST_COLUMNS = 100;

/** What stands between the cells of a table, told by the end of its name and its first line; null for no table. */
export function delimiterOf(end: string, text: string): string | null {
  if (end === '.tsv' || end === '.tab') return '\t';
  if (end !== '.csv') return null;
  const [line] = text.replace(/"(?:[^"]|"")*"/g, '').split(/\r\n?|\n/, 1);
  const counts = [',', ';', '\t', '|'].map(
    delimiter => [delimiter, line.split(delimiter).length] as const
  );
  return counts.reduce((most, count) => (count[1] > most[1] ? count : most))[0];
}

/**
 * Split a text into rows and cells (RFC 4180).
 *
 * @param isCut - Whether the text ends in the middle: the last row is then left out.
 */
export function tableOf(text: string, delimiter: string, isCut: boolean): ITable {
  const all: string[][] = [];
  let more = isCut;
  for (const row of rowsOf(text, delimiter)) {
    if (all.length > MOST_ROWS + 1) {
      more = true;
      break;
    }
    all.push(row);
  }
  if (isCut && all.length > 1 && all.length <= MOST_ROWS + 1) all.pop();
  const wide = all.some(({ length }) => length > MOST_COLUMNS);
  const [header = [], ...rows] = all.map(row => row.slice(0, MOST_COLUMNS));
  return {
    header,
    rows: rows.slice(0, MOST_ROWS),
    isCut: more || wide || rows.length > MOST_ROWS
  };
}

function* rowsOf(text: string, delimiter: string): Generator<string[]> {
  const quoted = /"((?:[^"]|"")*)(?:"|$)/y;
  const plain = new RegExp(`[^\\r\\n${delimiter}]*`, 'y');
  let row: string[] = [];
  let at = 0;
  while (at <= text.length) {
    let cell = '';
    if (text[at] === '"') {
      quoted.lastIndex = at;
      cell = quoted.exec(text)![1].replaceAll('""', '"');
      at = quoted.lastIndex;
    }
    plain.lastIndex = at;
    cell += plain.exec(text)![0];
    at = plain.lastIndex;
    row.push(cell);
    if (text[at] === delimiter) {
      at++;
      continue;
    }
    // A last line that is empty is no row.
    if (row.length > 1 || row[0] !== '' || at < text.length) yield row;
    row = [];
    at += text.startsWith('\r\n', at) ? 2 : 1;
  }
}
