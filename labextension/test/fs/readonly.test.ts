import { beforeAll, describe, expect, test } from 'vitest';

import type { ITestEntry } from '../image/make-image';
import { Kernel } from './kernel';

const TREE: ITestEntry[] = [
  { path: '/top.txt', content: 'top' },
  { path: '/lib' },
  { path: '/lib/pkg' },
  { path: '/lib/tool', content: '#!/bin/sh\n', mode: 0o755 }
];

let kernel: Kernel;

beforeAll(async () => {
  kernel = await Kernel.start();
});

describe('a read-only mount', () => {
  test('answers EROFS to every attempt to change it', async () => {
    const { path } = await kernel.mount(TREE, { writable: false });
    const found = kernel.python(
      path,
      `
top, lib = root + "/top.txt", root + "/lib"
attempts = {
    "write": lambda: open(top, "w"), "append": lambda: open(top, "a"), "update": lambda: open(top, "r+"),
    "create": lambda: open(root + "/new", "w"), "truncate": lambda: os.truncate(top, 1),
    "mkdir": lambda: os.mkdir(root + "/d"), "symlink": lambda: os.symlink("t", root + "/l"),
    "unlink": lambda: os.unlink(top), "rmdir": lambda: os.rmdir(lib + "/pkg"),
    "rename": lambda: os.rename(top, root + "/x"), "replace": lambda: os.rename(top, lib + "/tool"),
    "chmod": lambda: os.chmod(top, 0o600), "utime": lambda: os.utime(top, (1, 1)),
    "utime of the root": lambda: os.utime(root, (1, 1)), "temporary": lambda: tempfile.mkstemp(dir=root),
}
return {name: error(attempt) for name, attempt in attempts.items()}`
    ) as Record<string, string>;
    expect(new Set(Object.values(found))).toEqual(new Set(['EROFS']));
    expect(Object.keys(found)).toHaveLength(15);
  });

  test('does not claim to be writable', async () => {
    const { path } = await kernel.mount(TREE, { writable: false });
    const found = kernel.python(
      path,
      `
paths = [root, root + "/top.txt", root + "/lib/pkg"]
return [[os.access(path, mode) for path in paths] for mode in (os.W_OK, os.R_OK | os.W_OK, os.R_OK)]`
    );
    expect(found).toEqual([
      [false, false, false],
      [false, false, false],
      [true, true, true]
    ]);
  });

  test('shows the modes of the image, so that copies can be written', async () => {
    const { path } = await kernel.mount(TREE, { writable: false });
    const found = kernel.python(
      path,
      `
copy = shutil.copy(root + "/lib/tool", tempfile.mkdtemp())
write(copy, "changed", "a")
return [oct(os.stat(root + "/lib/tool").st_mode), oct(os.stat(copy).st_mode), read(root + "/lib/tool")]`
    );
    expect(found).toEqual(['0o100755', '0o100755', '#!/bin/sh\n']);
  });

  test('leaves the other mounts as they are', async () => {
    const { path } = await kernel.mount(TREE, { writable: true });
    await kernel.mount(TREE, { writable: false });
    const found = kernel.python(
      path,
      `
write(root + "/top.txt", "x")
write("/tmp/other", "y")
os.chmod("/tmp/other", 0o444)
return [read(root + "/top.txt"), os.access(root, os.W_OK), error(open, "/tmp/other", "w")]`
    );
    expect(found).toEqual(['x', true, 'EACCES']);
  });
});
