import { beforeAll, describe, expect, test, vi } from 'vitest';

import { createFrozenFS } from '../../src/fs';
import { ImageReader } from '../../src/image';
import { MemorySource } from '../../src/source';
import type { ITestEntry } from '../image/make-image';
import { makeImage } from '../image/make-image';
import { noise } from '../image/noise';
import { Kernel, MOUNTS } from './kernel';

const TREE: ITestEntry[] = [
  { path: '/top.txt', content: 'top' },
  { path: '/lib', mode: 0o750, mtime: 7 },
  { path: '/lib/pkg' },
  {
    path: '/lib/pkg/__init__.py',
    content: 'from .inner import value\nfrom importlib import resources\n'
  },
  { path: '/lib/pkg/inner.py', content: 'value = 6 * 7\n' },
  { path: '/lib/pkg/data.txt', content: 'resource' },
  { path: '/lib/tool', content: '#!/bin/sh\n', mode: 0o755, mtime: 8 },
  { path: '/lib/out', target: '../top.txt', mtime: 9 },
  { path: '/lib/grüße', target: 'tool' }
];

let kernel: Kernel;

beforeAll(async () => {
  kernel = await Kernel.start();
});

describe.each(MOUNTS)('on %s', ground => {
  const compress = ground !== 'FrozenFS';

  test('a package is imported, with its resources', async () => {
    const { path } = await kernel.mount(TREE, { compress, root: '/lib' });
    const found = kernel.python(
      path,
      `
import importlib
sys.path.insert(0, root)
try:
    importlib.invalidate_caches()
    import pkg
    return [pkg.value, pkg.__file__ == root + "/pkg/__init__.py",
            pkg.resources.files(pkg).joinpath("data.txt").read_text()]
finally:
    sys.path.remove(root)
    sys.modules.pop("pkg", None)
    sys.modules.pop("pkg.inner", None)`
    );
    expect(found).toEqual([42, true, 'resource']);
  });

  test('a package that was written beside others is imported', async () => {
    const { path } = await kernel.mount(TREE, { compress, root: '/lib' });
    const found = kernel.python(
      path,
      `
sys.path.insert(0, root)
try:
    import pkg.inner
    write(root + "/pkg/later.py", "later = 'found'")
    os.utime(root + "/pkg", (2e9, 2e9))
    from pkg.later import later
    return later
finally:
    sys.path.remove(root)
    for name in [name for name in sys.modules if name.split(".")[0] == "pkg"]:
        del sys.modules[name]`
    );
    expect(found).toBe('found');
  });

  test('only the subtree that was asked for is there', async () => {
    const { path } = await kernel.mount(TREE, { compress, root: '/lib/pkg/' });
    expect(kernel.FS.readdir(path)).toEqual([
      '.',
      '..',
      '__init__.py',
      'data.txt',
      'inner.py'
    ]);
  });

  test('modes, times, sizes and links are those of the image', async () => {
    const { path } = await kernel.mount(TREE, { compress });
    const found = kernel.python(
      path,
      `
rows = []
for name in ("/lib", "/lib/tool", "/lib/out", "/lib/grüße", "/lib/pkg/data.txt"):
    s = os.lstat(root + name)
    rows.append([oct(s.st_mode), s.st_mtime, s.st_size, s.st_nlink, s.st_uid, s.st_blocks])
return rows`
    );
    expect(found).toEqual([
      ['0o40750', 7, 4096, 1, 0, 8],
      ['0o100755', 8, 10, 1, 0, 1],
      ['0o120777', 9, 10, 1, 0, 1],
      ['0o120777', 1_700_000_000, 4, 1, 0, 1],
      ['0o100644', 1_700_000_000, 8, 1, 0, 1]
    ]);
  });

  test('each file has an inode of its own, which stays the same', async () => {
    const { path } = await kernel.mount(TREE, { compress });
    const found = kernel.python(
      path,
      `
inodes = lambda: [os.stat(root + name).st_ino for name in ("/top.txt", "/lib", "/lib/tool")]
first = inodes()
write(root + "/top.txt", "changed")
return [first == inodes(), len(set(first)), os.path.samefile(root + "/top.txt", root + "/lib/out")]`
    );
    expect(found).toEqual([true, 3, true]);
  });

  test('names come sorted by their bytes, whatever they are', async () => {
    const names = [
      '10',
      '9',
      '__proto__',
      'constructor',
      'e\u0301',
      'toString',
      '\u00e9',
      '\uffee',
      '\u{1f40d}'
    ];
    const entries = names.map(name => ({ path: `/${name}`, content: name }));
    const { path } = await kernel.mount(entries, { compress });
    expect(kernel.FS.readdir(path)).toEqual(['.', '..', ...names]);
    const found = kernel.python(
      path,
      `
for name in ("__proto__", "e\\u0301", "hasOwnProperty"):
    write(root + "/" + name, "new")
os.unlink(root + "/constructor")
os.rename(root + "/9", root + "/valueOf")
return {name: read(root + "/" + name) for name in os.listdir(root)}`
    ) as Record<string, string>;
    expect(new Map(Object.entries(found))).toEqual(
      new Map([
        ...names
          .filter(name => !['9', 'constructor'].includes(name))
          .map(name => [name, name] as [string, string]),
        ['hasOwnProperty', 'new'],
        ['valueOf', '9'],
        // Python's JSON has it as a key of its own.
        ['__proto__', 'new'],
        ['e\u0301', 'new']
      ])
    );
  });

  test('the first read of each file of the image is reported, once, where the mount has it', async () => {
    const read: string[] = [];
    const { path } = await kernel.mount(
      TREE,
      { compress, root: '/lib' },
      { onRead: name => read.push(name) }
    );
    kernel.python(
      path,
      `
os.listdir(root + "/pkg")
os.stat(root + "/tool")
open(root + "/tool").close()
write(root + "/pkg/inner.py", "replaced")
read(root + "/pkg/inner.py")`
    );
    expect(read).toEqual([]);
    kernel.python(
      path,
      `
read(root + "/tool")
read(root + "/tool")
os.rename(root + "/pkg", root + "/gkp")
write(root + "/gkp/data.txt", "!", "a")
with open(root + "/gkp/__init__.py", "rb") as file:
    mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ).close()`
    );
    expect(read).toEqual([
      `${path}/tool`,
      `${path}/pkg/data.txt`,
      `${path}/pkg/__init__.py`
    ]);
  });

  test('a damaged chunk is EIO and is told once; the rest is read', async () => {
    const bad = noise(600_000);
    const bytes = makeImage(
      [
        { path: '/bad.bin', content: bad },
        { path: '/good.txt', content: 'good' }
      ],
      { compress }
    );
    bytes[Buffer.from(bytes).indexOf(bad.subarray(300_000, 300_016))] ^= 4;
    const image = await ImageReader.open(new MemorySource(bytes, 'course.img'));
    const warnings: string[] = [];
    const type = createFrozenFS(kernel.FS, { onWarning: text => warnings.push(text) });
    const path = kernel.place();
    kernel.FS.mount(type, { image, writable: true }, path);
    const found = kernel.python(
      path,
      `
with open(root + "/bad.bin", "rb", buffering=0) as file:
    first = len(file.read(1000))
    file.seek(300_000)
    def fails():
        file.read(10)
    second = error(fails)
def appends():
    write(root + "/bad.bin", "more", "a")
def maps():
    with open(root + "/bad.bin", "rb") as file:
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
return [first, second, error(read, root + "/bad.bin"), error(appends), error(maps) is not None,
        os.stat(root + "/bad.bin").st_size, read(root + "/good.txt")]`
    );
    expect(found).toEqual([1000, 'EIO', 'EIO', 'EIO', true, 600_000, 'good']);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(
      `${path}/bad.bin cannot be read. course.img: chunk 1 `
    );
  });

  test('mounting reads nothing but the index', async () => {
    const bytes = makeImage([{ path: '/big.bin', content: noise(2_000_000) }], {
      compress
    });
    let read = 0;
    const source = {
      name: 'big.img',
      size: bytes.length,
      read: async (offset: number, length: number) => {
        read += length;
        return bytes.slice(offset, offset + length);
      }
    };
    const image = await ImageReader.open(source);
    const path = kernel.place();
    kernel.FS.mount(createFrozenFS(kernel.FS), { image }, path);
    expect(kernel.FS.stat(`${path}/big.bin`).size).toBe(2_000_000);
    expect(read).toBeLessThan(10_000);
  });
});

describe('a mount', () => {
  test('refuses to move files out of it: EXDEV, and shutil copies', async () => {
    const one = await kernel.mount(TREE);
    const two = await kernel.mount(TREE);
    const found = kernel.python(
      one.path,
      `
other = ${JSON.stringify(two.path)}
found = [error(os.rename, root + "/top.txt", other + "/x"), error(os.rename, root + "/top.txt", "/tmp/x")]
shutil.move(root + "/top.txt", other + "/moved.txt")
return found + [os.path.exists(root + "/top.txt"), read(other + "/moved.txt"), read(other + "/top.txt")]`
    );
    expect(found).toEqual(['EXDEV', 'EXDEV', false, 'top', 'top']);
  });

  test('of an image that is mounted twice has changes of its own', async () => {
    const image = await ImageReader.open(new MemorySource(makeImage(TREE)));
    const type = createFrozenFS(kernel.FS);
    const paths = [kernel.place(), kernel.place()];
    paths.forEach(path => kernel.FS.mount(type, { image, writable: true }, path));
    kernel.FS.writeFile(`${paths[0]}/top.txt`, 'changed');
    expect(
      paths.map(path => kernel.FS.readFile(`${path}/top.txt`, { encoding: 'utf8' }))
    ).toEqual(['changed', 'top']);
  });

  test('can hold another mount', async () => {
    const outer = await kernel.mount(TREE);
    const image = await ImageReader.open(new MemorySource(makeImage(TREE)));
    const inside = `${outer.path}/lib/pkg`;
    kernel.FS.mount(createFrozenFS(kernel.FS), { image, root: '/lib' }, inside);
    const found = kernel.python(
      outer.path,
      'return [os.listdir(root + "/lib/pkg"), error(os.rmdir, root + "/lib/pkg"), read(root + "/lib/pkg/tool")]'
    );
    expect(found).toEqual([['grüße', 'out', 'pkg', 'tool'], 'EBUSY', '#!/bin/sh\n']);
  });

  test('can be taken away and made again', async () => {
    const { path, image } = await kernel.mount(TREE);
    kernel.FS.writeFile(`${path}/top.txt`, 'changed');
    kernel.FS.unmount(path);
    expect(kernel.FS.readdir(path)).toEqual(['.', '..']);
    kernel.FS.mount(createFrozenFS(kernel.FS), { image, writable: true }, path);
    expect(kernel.FS.readFile(`${path}/top.txt`, { encoding: 'utf8' })).toBe('top');
  });

  test('takes over a buffer that it is given, and copies one that it is not', async () => {
    const { path } = await kernel.mount([]);
    const given = new TextEncoder().encode('given');
    const lent = new TextEncoder().encode('lent');
    const part = new TextEncoder().encode('-part-').subarray(1, 5);
    kernel.FS.writeFile(`${path}/given`, given, { canOwn: true });
    kernel.FS.writeFile(`${path}/lent`, lent);
    kernel.FS.writeFile(`${path}/part`, part, { canOwn: true });
    [given, lent, part].forEach(bytes => bytes.fill(120));
    const text = (name: string) =>
      kernel.FS.readFile(`${path}/${name}`, { encoding: 'utf8' });
    expect(['given', 'lent', 'part'].map(text)).toEqual(['xxxxx', 'lent', 'part']);
  });

  test('has no room for more than there is memory, and lives on', async () => {
    const { path } = await kernel.mount([{ path: '/f', content: 'small' }]);
    const found = kernel.python(
      path,
      `f = root + "/f"
fd = os.open(f, os.O_RDWR)
found = [error(os.truncate, f, 2**50), error(os.pwrite, fd, b"x", 2**45), read(f)]
os.close(fd)
return found`
    );
    expect(found).toEqual(['ENOSPC', 'ENOSPC', 'small']);
  });

  test('shows times that are later than a Date can be', async () => {
    const entry = { path: '/late', content: '', mtime: Number.MAX_SAFE_INTEGER };
    const { path } = await kernel.mount([entry]);
    expect(kernel.python(path, 'return os.stat(root + "/late").st_mtime > 2**42')).toBe(
      true
    );
  });

  test('refuses a root that the image does not have', async () => {
    await expect(kernel.mount(TREE, { root: '/usr' })).rejects.toThrow(
      'memory has no directory /usr to mount, found nothing there'
    );
    await expect(kernel.mount(TREE, { root: '/top.txt' })).rejects.toThrow(
      'found a file there'
    );
  });

  test('tells of damage on the console when nobody else listens', async () => {
    const bytes = makeImage([{ path: '/f', content: 'damaged' }]);
    const image = await ImageReader.open(new MemorySource(bytes));
    bytes[520] ^= 1;
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const path = kernel.place();
    kernel.FS.mount(createFrozenFS(kernel.FS), { image }, path);
    expect(() => kernel.FS.readFile(`${path}/f`)).toThrow(kernel.FS.ErrnoError);
    expect(error).toHaveBeenCalledWith(expect.stringContaining('chunk 0 is damaged'));
    error.mockRestore();
  });
});
