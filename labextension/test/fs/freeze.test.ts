import { beforeAll, describe, expect, test } from 'vitest';

import type { IEmscriptenFS } from '../../src/emscripten';
import { freeze } from '../../src/fs';
import { BytesSink, Stack } from '../../src/image';
import type { ITestEntry } from '../image/make-image';
import { frozen, image, laid, opened } from './freezing';
import { GROUNDS, Kernel } from './kernel';

const TREE: ITestEntry[] = [
  { path: '/a.txt', content: 'alpha', mode: 0o600, mtime: 5 },
  { path: '/empty', content: '' },
  { path: '/lib', mode: 0o700, mtime: 7 },
  { path: '/lib/b.py', content: 'b = 1' },
  { path: '/lib/none' },
  { path: '/lib/loop', target: 'loop' },
  { path: '/lib/up', target: '../a.txt' },
  { path: '/dangling', target: '/no/where' },
  { path: '/\u00e9', content: 'NFC' },
  { path: '/e\u0301', content: 'NFD' }
];

let kernel: Kernel;
let FS: IEmscriptenFS;

beforeAll(async () => {
  kernel = await Kernel.start();
  ({ FS } = kernel);
});

function paths({ index }: Awaited<ReturnType<typeof image>>): string[] {
  return [...index.files.map(({ path }) => path)].sort();
}

describe.each(GROUNDS)('what lies on %s', ground => {
  test('is frozen with contents, modes, times, links and empty directories', async () => {
    const root = await laid(kernel, ground, TREE);
    const { index } = await image(FS, { root });
    for (const { path, content, target, mode, mtime } of TREE) {
      const entry = index.lookup(path)!;
      const kind =
        content !== undefined ? 'file' : target !== undefined ? 'link' : 'directory';
      expect(entry).toMatchObject({
        kind,
        mode: mode ?? { file: 0o644, link: 0o777, directory: 0o755 }[kind],
        mtime: mtime ?? 1_700_000_000
      });
      if (entry.kind === 'link') expect(entry.target).toBe(target);
    }
  });

  test('gives the same bytes wherever it lies', async () => {
    const [one, other] = [
      await frozen(FS, { root: await laid(kernel, ground, TREE) }),
      await frozen(FS, { root: await laid(kernel, 'MEMFS', TREE) })
    ];
    expect(Buffer.compare(one, other)).toBe(0);
  });
});

test('a layer holds what changed relative to any base', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const base = await image(FS, { root });
  FS.writeFile(`${root}/lib/b.py`, 'b = 2');
  FS.unlink(`${root}/a.txt`);
  const layer = await image(FS, { root, base });
  expect(paths(layer)).toEqual(['/lib/b.py']);
  expect(layer.index.whiteouts).toEqual(['/a.txt']);
  expect(new Stack(base, [layer]).lookup('/lib/b.py')).toMatchObject({ kind: 'file' });
});

test('without the digest, the same bytes come', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const sink = new BytesSink();
  const summary = await freeze(FS, sink, { root, sha256: false });
  expect(summary.sha256).toBeUndefined();
  expect(await frozen(FS, { root })).toEqual(sink.bytes);
  expect((await opened(sink.bytes)).size).toBe(summary.size);
});
