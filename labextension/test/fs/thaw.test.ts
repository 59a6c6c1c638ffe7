import { beforeAll, describe, expect, test } from 'vitest';

import type { IEmscriptenFS } from '../../src/emscripten';
import { planThaw, thaw } from '../../src/fs';
import type { ITestEntry } from '../image/make-image';
import { image, laid, listing } from './freezing';
import { Kernel, MOUNTS } from './kernel';

const TREE: ITestEntry[] = [
  { path: '/a.txt', content: 'alpha', mode: 0o600, mtime: 5 },
  { path: '/empty', content: '' },
  { path: '/lib', mode: 0o500, mtime: 7 },
  { path: '/lib/b.py', content: 'b = 1' },
  { path: '/lib/none' },
  { path: '/lib/loop', target: 'loop' },
  { path: '/dangling', target: '/no/where' }
];

let kernel: Kernel;
let FS: IEmscriptenFS;

beforeAll(async () => {
  kernel = await Kernel.start();
  ({ FS } = kernel);
});

test('what was frozen is thawed into an empty directory as it was', async () => {
  const root = await laid(kernel, 'MEMFS', TREE);
  const other = kernel.place();
  const done = await thaw(FS, await image(FS, { root }), { root: other });
  expect(done.created).toEqual(TREE.map(({ path }) => path).sort());
  expect(listing(FS, other)).toEqual(listing(FS, root));
});

describe.each(MOUNTS)('a tree on %s', ground => {
  test('is made as it was when it was frozen', async () => {
    const root = await laid(kernel, ground, TREE);
    const before = await image(FS, { root });
    const was = listing(FS, root);
    FS.writeFile(`${root}/a.txt`, 'other');
    FS.writeFile(`${root}/new`, 'new');
    FS.unlink(`${root}/dangling`);
    const options = { root, clean: true };
    const plan = await planThaw(FS, before, options);
    expect(plan).toMatchObject({
      created: ['/dangling'],
      changed: ['/a.txt'],
      removed: ['/new']
    });
    expect(await thaw(FS, before, options)).toEqual(plan);
    expect(listing(FS, root)).toEqual(was);
  });
});
