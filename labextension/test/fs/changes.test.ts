import { beforeAll, expect, test } from 'vitest';

import { changes } from '../../src/fs';
import type { ITestEntry } from '../image/make-image';
import { Kernel } from './kernel';

const TREE: ITestEntry[] = [
  { path: '/a.txt', content: 'alpha' },
  { path: '/b.txt', content: 'beta' },
  { path: '/dir' },
  { path: '/dir/c.txt', content: 'gamma' },
  { path: '/dir/sub' },
  { path: '/dir/sub/d.txt', content: 'delta' },
  { path: '/link', target: 'a.txt' }
];

let kernel: Kernel;

beforeAll(async () => {
  kernel = await Kernel.start();
});

test.each<[string, string, string[], string[]]>([
  [
    'reading changes nothing',
    'tree(root); os.stat(root); open(root + "/a.txt", "r+").close()',
    [],
    []
  ],
  ['a new file is written', 'write(root + "/dir/new", "")', ['dir/new'], []],
  [
    'a changed file is written',
    'write(root + "/dir/sub/d.txt", "!", "a")',
    ['dir/sub/d.txt'],
    []
  ],
  ['a cut file is written', 'os.truncate(root + "/a.txt", 1)', ['a.txt'], []],
  [
    'a file with another mode is written',
    'os.chmod(root + "/a.txt", 0o600)',
    ['a.txt'],
    []
  ],
  [
    'a directory with another time is written',
    'os.utime(root + "/dir", (1, 1))',
    ['dir'],
    []
  ],
  ['the root with another mode is written', 'os.chmod(root, 0o700)', ['.'], []],
  ['a new link is written', 'os.symlink("x", root + "/dir/l")', ['dir/l'], []],
  ['a removed file is removed', 'os.unlink(root + "/dir/c.txt")', [], ['dir/c.txt']],
  [
    'a removed directory stands for what was in it',
    'shutil.rmtree(root + "/dir")',
    [],
    ['dir']
  ],
  [
    'a file that came and went was never there',
    'write(root + "/new", ""); os.unlink(root + "/new")',
    [],
    []
  ],
  [
    'a directory that came and went was never there',
    'os.makedirs(root + "/x/y"); write(root + "/x/y/z", ""); shutil.rmtree(root + "/x")',
    [],
    []
  ],
  [
    'a file that was removed and made again is written',
    'os.unlink(root + "/a.txt"); write(root + "/a.txt", "")',
    ['a.txt'],
    []
  ],
  [
    'a file that was written to after it was removed is removed',
    `
with open(root + "/a.txt", "r+") as file:
    os.unlink(root + "/a.txt")
    file.write("!")`,
    [],
    ['a.txt']
  ],
  [
    'a renamed file is removed and written',
    'os.rename(root + "/a.txt", root + "/z")',
    ['z'],
    ['a.txt']
  ],
  [
    'a file that took the place of another is written there',
    'os.rename(root + "/a.txt", root + "/b.txt")',
    ['b.txt'],
    ['a.txt']
  ],
  [
    'a renamed directory is written with all that is in it',
    'os.unlink(root + "/dir/c.txt"); os.rename(root + "/dir", root + "/e")',
    ['e', 'e/sub', 'e/sub/d.txt'],
    ['dir']
  ],
  [
    'what was renamed there and back is not changed',
    'os.rename(root + "/dir", root + "/e"); os.rename(root + "/e", root + "/dir")',
    [],
    []
  ],
  [
    'a directory in place of a file is removed and written',
    'os.unlink(root + "/a.txt"); os.mkdir(root + "/a.txt"); write(root + "/a.txt/f", "")',
    ['a.txt', 'a.txt/f'],
    ['a.txt']
  ],
  [
    'a file in place of a directory is removed and written',
    'shutil.rmtree(root + "/dir"); write(root + "/dir", "")',
    ['dir'],
    ['dir']
  ],
  [
    'a directory that was made again is removed and written',
    'shutil.rmtree(root + "/dir"); os.mkdir(root + "/dir"); write(root + "/dir/c.txt", "")',
    ['dir', 'dir/c.txt'],
    ['dir']
  ],
  [
    'names are sorted by their bytes',
    'for n in ("\\U0001f40d", "\\uffee", "z", "Z"): write(root + "/" + n, "")',
    ['Z', 'z', '\uffee', '\u{1f40d}'],
    []
  ]
])('%s', async (_name, body, written, removed) => {
  const { path, root } = await kernel.mount(TREE);
  kernel.python(path, body);
  expect(changes(root)).toEqual({ written, removed });
});

test('the changes of a mount are found from any of its nodes', async () => {
  const { path } = await kernel.mount(TREE);
  kernel.FS.writeFile(`${path}/new`, '');
  const { mount } = kernel.FS.lookupPath(`${path}/dir/sub`).node;
  expect(changes(mount).written).toEqual(['new']);
});

test('of a mount that is no image, no changes are known', () => {
  expect(() => changes(kernel.FS.lookupPath('/').node)).toThrow(TypeError);
});
