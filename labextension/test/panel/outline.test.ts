import { describe, expect, test } from 'vitest';

import { ImageReader } from '../../src/image';
import { columnsOf } from '../../src/panel/columns';
import { Outline } from '../../src/panel/outline';
import { MemorySource } from '../../src/source';
import { type ITestEntry, makeImage } from '../image/make-image';

async function outlineOf(entries: ITestEntry[], missing: string | null = null) {
  const image = await ImageReader.open(new MemorySource(makeImage(entries), 'x.img'));
  return Outline.decode(columnsOf(image.index.root, missing));
}

const TREE: ITestEntry[] = [
  { path: '/lib', mode: 0o755, mtime: 7 },
  { path: '/lib/python', mode: 0o700 },
  {
    path: '/lib/python/os.py',
    content: 'import sys',
    mode: 0o644,
    mtime: 1_600_000_000
  },
  { path: '/lib/python/Zeta.py', content: '' },
  { path: '/lib/python/site', mode: 0o755 },
  { path: '/lib/python/site/OS.txt', content: 'x' },
  { path: '/lib/zlib.so', target: 'libz.so.1' },
  { path: '/lib/a.so', target: '../a' },
  { path: '/os', content: 'abc' }
];

describe('an outline', () => {
  test('tells of each entry what the image says', async () => {
    const outline = await outlineOf(TREE);
    expect(outline.count).toBe(TREE.length + 1);
    const os = outline.find('/lib/python/os.py');
    expect(outline.name(os)).toBe('os.py');
    expect(outline.path(os)).toBe('/lib/python/os.py');
    expect(outline.kind(os)).toBe('file');
    expect(outline.size(os)).toBe(10);
    expect(outline.mode(os)).toBe(0o644);
    expect(outline.mtime(os)).toBe(1_600_000_000);
    expect(outline.target(os)).toBe('');
    expect(outline.path(outline.parent(os))).toBe('/lib/python');
    expect(outline.mode(outline.find('/lib/python'))).toBe(0o700);
    expect(outline.target(outline.find('/lib/zlib.so'))).toBe('libz.so.1');
    expect(outline.target(outline.find('/lib/a.so'))).toBe('../a');
    expect(outline.path(0)).toBe('/');
    expect(outline.parent(0)).toBe(0);
  });

  test('has directories first, each by the bytes of their names', async () => {
    const outline = await outlineOf([
      ...TREE,
      { path: '/lib/python/\u{1f600}', content: '' },
      { path: '/lib/python/\uffee', content: '' }
    ]);
    const names = [...outline.children(outline.find('/lib/python'))].map(entry =>
      outline.name(entry)
    );
    expect(names).toEqual(['site', 'Zeta.py', 'os.py', '\uffee', '\u{1f600}']);
    expect([...outline.children(outline.find('/os'))]).toEqual([]);
  });

  test('is the same whatever order its columns have', async () => {
    const outline = Outline.decode({
      names: '\0b\0a\0z\0y',
      parent: Uint32Array.of(0, 0, 0, 0, 3),
      kind: Uint8Array.of(1, 0, 0, 1, 2),
      size: new Float64Array(5),
      mode: new Uint16Array(5),
      mtime: new Float64Array(5),
      targets: 'there',
      missing: null
    });
    expect([...outline.children(0)].map(entry => outline.name(entry))).toEqual([
      'z',
      'a',
      'b'
    ]);
    expect(outline.find('/b')).toBe(1);
    expect(outline.target(outline.find('/z/y'))).toBe('there');
  });

  test('finds nothing at a path that is not there', async () => {
    const outline = await outlineOf(TREE);
    for (const path of ['/nowhere', '/os/x', '/lib/python/os', '/lib/zlib.so/x']) {
      expect(outline.find(path)).toBe(-1);
    }
    expect(outline.find('/')).toBe(0);
  });

  test.each([
    ['a child before its directory', { parent: Uint32Array.of(0, 2, 0) }],
    [
      'a child of a file',
      { kind: Uint8Array.of(1, 0, 0), parent: Uint32Array.of(0, 0, 1) }
    ],
    ['too few sizes', { size: new Float64Array(2) }],
    ['too few names', { names: '\0a' }]
  ])('refuses %s', (_what, wrong) => {
    const columns = {
      names: '\0a\0b',
      parent: Uint32Array.of(0, 0, 0),
      kind: Uint8Array.of(1, 1, 1),
      size: new Float64Array(3),
      mode: new Uint16Array(3),
      mtime: new Float64Array(3),
      targets: '',
      missing: null
    };
    expect(Outline.decode(columns).count).toBe(3);
    expect(() => Outline.decode({ ...columns, ...wrong })).toThrow(RangeError);
  });
});

describe('a search', () => {
  const found = async (query: string, limit = 100) => {
    const outline = await outlineOf(TREE);
    const { entries, total } = outline.search(query, limit);
    return { paths: entries.map(entry => outline.path(entry)).sort(), total };
  };

  test('looks at names, whatever their case', async () => {
    expect(await found('oS')).toEqual({
      paths: ['/lib/python/os.py', '/lib/python/site/OS.txt', '/os'],
      total: 3
    });
  });

  test('answers no more than it is asked for, and counts all', async () => {
    const { paths, total } = await found('.', 2);
    expect(paths.length).toBe(2);
    expect(total).toBe(5);
  });

  test('counts a name once that holds the text twice', async () => {
    const outline = await outlineOf([{ path: '/banana', content: '' }]);
    expect(outline.search('an', 10)).toEqual({ entries: [1], total: 1 });
  });

  test('finds the last entry', async () => {
    const outline = await outlineOf([
      { path: '/a', content: '' },
      { path: '/zz', content: '' }
    ]);
    expect(outline.search('zz', 10).entries.map(entry => outline.path(entry))).toEqual([
      '/zz'
    ]);
  });

  test('finds accents however they are written', async () => {
    const outline = await outlineOf([
      { path: '/cafe\u0301', content: '' },
      { path: '/CAFÉ au lait', content: '' },
      { path: '/İstanbul', content: '' },
      { path: '/zoo', content: '' }
    ]);
    expect(outline.search('café', 10).total).toBe(2);
    expect(outline.search('zoo', 10).entries.map(entry => outline.path(entry))).toEqual(
      ['/zoo']
    );
  });

  test.each(['', '\0', 'o\0s', 'no such name'])('finds nothing for %j', async query => {
    expect((await found(query)).total).toBe(0);
  });

  test.each([
    'python/os',
    'b/pyTHon/',
    '/lib/',
    '/os',
    'n/site/o',
    '/',
    '//',
    'x/os',
    'lib/python/os.py'
  ])('with a slash looks at paths: %s', async query => {
    const outline = await outlineOf(TREE);
    const paths = Array.from({ length: outline.count - 1 }, (_, i) =>
      outline.path(i + 1)
    );
    const text = query.toLowerCase();
    expect((await found(query)).paths).toEqual(
      paths.filter(path => path.toLowerCase().includes(text)).sort()
    );
  });
});
