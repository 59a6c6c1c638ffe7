import { describe, expect, test } from 'vitest';

import { previewOf } from '../../src/panel/preview';
import { noise } from '../image/noise';

const KIB = 1024;
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0);

/** Look into a file; `read` is how many bytes of it were. */
async function look(name: string, content: string | Uint8Array, size?: number) {
  const bytes =
    typeof content === 'string' ? new TextEncoder().encode(content) : content;
  let read = 0;
  const preview = await previewOf(name, size ?? bytes.length, async (start, end) => {
    read = Math.max(read, end);
    const all = new Uint8Array(end - start);
    all.set(bytes.subarray(start, end));
    return all;
  });
  return { ...preview, read };
}

describe('a text', () => {
  test('is shown', async () => {
    expect(await look('a.py', 'import sys\n')).toMatchObject({
      kind: 'text',
      text: 'import sys\n',
      encoding: 'utf-8',
      isCut: false
    });
  });

  test('that is long is read no further than it is shown', async () => {
    const preview = await look('a.log', 'é'.repeat(100 * KIB));
    expect(preview).toMatchObject({ kind: 'text', isCut: true, read: 64 * KIB });
    expect(preview).toMatchObject({ text: 'é'.repeat(32 * KIB) });
  });

  test('that is cut within a character has no broken one', async () => {
    const preview = await look('a.log', `x${'é'.repeat(100 * KIB)}`);
    expect(preview).toMatchObject({ text: `x${'é'.repeat(32 * KIB - 1)}` });
  });

  test.each([
    ['utf-16le', Uint8Array.of(0xff, 0xfe, 0x68, 0, 0xe9, 0)],
    ['utf-16be', Uint8Array.of(0xfe, 0xff, 0, 0x68, 0, 0xe9)],
    ['windows-1252', Uint8Array.of(0x68, 0xe9)]
  ])('in %s is decoded', async (encoding, bytes) => {
    expect(await look('a.txt', bytes)).toMatchObject({
      kind: 'text',
      text: 'hé',
      encoding
    });
  });

  test('that is none is shown as bytes', async () => {
    const bytes = Uint8Array.of(
      0x7f,
      0x45,
      0x4c,
      0x46,
      0,
      1,
      2,
      3,
      4,
      5,
      6,
      7,
      8,
      9,
      10,
      11,
      65
    );
    expect(await look('a.so', bytes)).toMatchObject({
      kind: 'hex',
      isCut: false,
      text: [
        '00000000  7f 45 4c 46 00 01 02 03  04 05 06 07 08 09 0a 0b  |.ELF............|',
        `00000010  41${' '.repeat(48)}|A|`
      ].join('\n')
    });
    expect(await look('noise', noise(9000, 1))).toMatchObject({
      kind: 'hex',
      isCut: true
    });
  });

  test('that is empty says so', async () => {
    expect(await look('__init__.py', '')).toMatchObject({ kind: 'empty', read: 0 });
  });
});

describe('a table', () => {
  test('has cells with quotes, delimiters and line ends in them', async () => {
    const text = 'a,b\r\n1,"x, ""y"""\r\n2,"two\nlines"\r\n';
    expect(await look('a.csv', text)).toMatchObject({
      kind: 'table',
      header: ['a', 'b'],
      rows: [
        ['1', 'x, "y"'],
        ['2', 'two\nlines']
      ],
      isCut: false
    });
  });

  test.each([
    ['a.csv', 'a;b\n1,5;2', ['1,5', '2']],
    ['a.csv', 'a|b\n1|2', ['1', '2']],
    ['a.tsv', 'a\tb\n1\t2,3\n', ['1', '2,3']],
    ['a.csv', 'a,b\n,', ['', '']]
  ])('%s: %j', async (name, text, row) => {
    expect(await look(name, text)).toMatchObject({ kind: 'table', rows: [row] });
  });

  test('that is long ends with a whole row', async () => {
    const preview = await look('a.csv', `a,b\n${'1,two\n'.repeat(50_000)}`);
    expect(preview).toMatchObject({ kind: 'table', isCut: true, read: 64 * KIB });
    const { rows } = preview as unknown as { rows: string[][] };
    expect(rows.length).toBe(500);
    const wide = await look('a.csv', `a,b\n${`${'1'.repeat(20_000)},2\n`.repeat(5)}`);
    expect(
      (wide as unknown as { rows: string[][] }).rows.map(({ length }) => length)
    ).toEqual([2, 2, 2]);
  });

  test('that never ends its quotes is read all the same', async () => {
    expect(await look('a.csv', 'a,"b\nc')).toMatchObject({
      header: ['a', 'b\nc'],
      rows: []
    });
  });
});

describe('a picture', () => {
  test('is told by its bytes, not by its name', async () => {
    const preview = await look('a.txt', PNG);
    expect(preview.kind).toBe('picture');
    expect((preview as unknown as { blob: Blob }).blob.type).toBe('image/png');
    expect(await look('a.png', 'no picture')).toMatchObject({ kind: 'text' });
  });

  test('is read whole, or not at all when it is large', async () => {
    expect(await look('a.png', PNG, 100 * KIB)).toMatchObject({
      kind: 'picture',
      read: 100 * KIB
    });
    expect(await look('a.png', PNG, 9 * KIB * KIB)).toMatchObject({
      kind: 'large',
      read: 64 * KIB
    });
  });

  test('an SVG is one, too', async () => {
    const preview = await look('a.svg', '<svg/>');
    expect((preview as unknown as { blob: Blob }).blob.type).toBe('image/svg+xml');
  });
});

describe('a notebook', () => {
  const notebook = {
    nbformat: 4,
    metadata: { language_info: { name: 'python' } },
    cells: [
      { cell_type: 'markdown', source: ['# Title\n', 'text'] },
      {
        cell_type: 'code',
        source: 'print(1)',
        execution_count: 3,
        outputs: [
          { output_type: 'stream', name: 'stdout', text: ['1\n'] },
          { output_type: 'stream', name: 'stderr', text: 'careful' },
          {
            output_type: 'display_data',
            data: {
              'image/png': Buffer.from(PNG).toString('base64'),
              'text/plain': 'Figure'
            }
          },
          {
            output_type: 'execute_result',
            data: {
              'text/html': '<script>alert(1)</script>',
              'text/plain': ['<Table>']
            }
          },
          {
            output_type: 'display_data',
            data: { 'application/javascript': 'alert(1)' }
          },
          {
            output_type: 'error',
            ename: 'E',
            evalue: 'v',
            traceback: ['\u001b[31mE\u001b[0m: v']
          }
        ]
      }
    ]
  };

  test('is shown as it was saved, and nothing of it is run', async () => {
    const preview = await look('a.ipynb', JSON.stringify(notebook));
    expect(preview).toMatchObject({
      kind: 'notebook',
      language: 'python',
      isCut: false,
      cells: [
        { type: 'markdown', source: '# Title\ntext', count: null, outputs: [] },
        {
          type: 'code',
          source: 'print(1)',
          count: 3,
          outputs: [
            { kind: 'text', text: '1\n', isError: false },
            { kind: 'text', text: 'careful', isError: true },
            { kind: 'picture' },
            { kind: 'text', text: '<Table>', isError: false },
            { kind: 'other', types: ['application/javascript'] },
            { kind: 'text', text: 'E: v', isError: true }
          ]
        }
      ]
    });
    const { cells } = preview as unknown as {
      cells: { outputs: { blob: Blob }[] }[];
    };
    expect(new Uint8Array(await cells[1].outputs[2].blob.arrayBuffer())).toEqual(PNG);
  });

  test('that is longer than a text is read whole', async () => {
    const long = { ...notebook, padding: 'x'.repeat(200 * KIB) };
    expect(await look('a.ipynb', JSON.stringify(long))).toMatchObject({
      kind: 'notebook'
    });
  });

  test.each([
    ['no JSON', 'not json'],
    ['no cells', '{"nbformat": 3}'],
    ['null', 'null']
  ])('that is none (%s) is a text', async (_what, text) => {
    expect(await look('a.ipynb', text)).toMatchObject({ kind: 'text', text });
  });

  test('with anything in the wrong place is shown as far as it goes', async () => {
    const broken = {
      cells: [null, { source: 5, outputs: [7, { data: { 'image/png': '***' } }] }]
    };
    expect(await look('a.ipynb', JSON.stringify(broken))).toMatchObject({
      kind: 'notebook',
      cells: [
        { type: 'raw', source: '', outputs: [] },
        { type: 'raw', source: '', outputs: [{ kind: 'other' }, { kind: 'other' }] }
      ]
    });
  });
});
