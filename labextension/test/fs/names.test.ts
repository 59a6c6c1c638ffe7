import { beforeAll, describe, expect, test } from 'vitest';

import type { ITestEntry } from '../image/make-image';
import { GROUNDS, Kernel } from './kernel';

const TREE: ITestEntry[] = [
  { path: '/a.txt', content: 'alpha' },
  { path: '/b.txt', content: 'beta' },
  { path: '/dir' },
  { path: '/dir/inner' },
  { path: '/dir/inner/deep.txt', content: 'deep' },
  { path: '/dir/c.txt', content: 'gamma' },
  { path: '/empty' },
  { path: '/link', target: 'dir/c.txt' },
  { path: '/dangling', target: 'nowhere' },
  { path: '/loop', target: 'pool' },
  { path: '/pool', target: 'loop' },
  { path: '/up', target: 'dir/../dir/inner' }
];

const EVERYTHING = {
  'a.txt': 'alpha',
  'b.txt': 'beta',
  dir: '/',
  'dir/inner': '/',
  'dir/inner/deep.txt': 'deep',
  'dir/c.txt': 'gamma',
  empty: '/',
  link: '-> dir/c.txt',
  dangling: '-> nowhere',
  loop: '-> pool',
  pool: '-> loop',
  up: '-> dir/../dir/inner'
};

/** All of it but some paths. */
function without(...paths: string[]): Record<string, string> {
  const entries = Object.entries(EVERYTHING);
  return Object.fromEntries(
    entries.filter(([path]) => !paths.some(gone => `${path}/`.startsWith(`${gone}/`)))
  );
}

let kernel: Kernel;

beforeAll(async () => {
  kernel = await Kernel.start();
});

describe.each(GROUNDS)('names on %s', ground => {
  const python = async (body: string) =>
    kernel.python(await kernel.lay(ground, TREE), body);

  test('are listed', async () => {
    expect(await python('return tree(root)')).toEqual(EVERYTHING);
  });

  test('that are not there are ENOENT, however often one asks', async () => {
    expect(
      await python(`
missing = root + "/none"
return [error(f, missing) for f in (open, os.stat, os.listdir, os.unlink, os.rmdir, os.readlink, os.stat)]`)
    ).toEqual(Array(7).fill('ENOENT'));
  });

  test('are removed', async () => {
    expect(
      await python(`
os.unlink(root + "/a.txt")
os.unlink(root + "/link")
os.rmdir(root + "/empty")
return [tree(root), error(os.stat, root + "/a.txt"), error(os.unlink, root + "/a.txt")]`)
    ).toEqual([without('a.txt', 'link', 'empty'), 'ENOENT', 'ENOENT']);
  });

  test('of directories are removed only when they are empty', async () => {
    expect(
      await python(`
found = [error(os.rmdir, root + "/dir"), error(os.unlink, root + "/dir") is not None]
os.unlink(root + "/dir/inner/deep.txt")
os.rmdir(root + "/dir/inner")
os.unlink(root + "/dir/c.txt")
os.rmdir(root + "/dir")
return found + [tree(root)]`)
    ).toEqual(['ENOTEMPTY', true, without('dir')]);
  });

  test('can be used again, for another kind of thing too', async () => {
    expect(
      await python(`
shutil.rmtree(root + "/dir")
write(root + "/dir", "now a file")
os.unlink(root + "/a.txt")
os.mkdir(root + "/a.txt")
write(root + "/a.txt/inside", "now a directory")
os.unlink(root + "/b.txt")
write(root + "/b.txt", "again")
return tree(root)`)
    ).toEqual({
      ...without('dir', 'a.txt'),
      'a.txt': '/',
      'a.txt/inside': 'now a directory',
      dir: 'now a file',
      'b.txt': 'again'
    });
  });

  test('of a directory that was made again do not bring back what it held', async () => {
    expect(
      await python(`
shutil.rmtree(root + "/dir")
os.mkdir(root + "/dir")
return [os.listdir(root + "/dir"), error(os.stat, root + "/dir/c.txt")]`)
    ).toEqual([[], 'ENOENT']);
  });

  test('are changed', async () => {
    expect(
      await python(`
os.rename(root + "/a.txt", root + "/z.txt")
os.rename(root + "/b.txt", root + "/dir/inner/b.txt")
os.rename(root + "/link", root + "/chain")
return tree(root)`)
    ).toEqual({
      ...without('a.txt', 'b.txt', 'link'),
      'z.txt': 'alpha',
      'dir/inner/b.txt': 'beta',
      chain: '-> dir/c.txt'
    });
  });

  test('are taken over', async () => {
    expect(
      await python(`
os.rename(root + "/a.txt", root + "/b.txt")
os.replace(root + "/dir/c.txt", root + "/link")
return [tree(root), error(os.stat, root + "/a.txt")]`)
    ).toEqual([
      { ...without('a.txt', 'dir/c.txt'), 'b.txt': 'alpha', link: 'gamma' },
      'ENOENT'
    ]);
  });

  test('of whole directories are changed, with all that is in them', async () => {
    expect(
      await python(`
write(root + "/dir/inner/new.txt", "new")
os.unlink(root + "/dir/c.txt")
os.rename(root + "/dir", root + "/folder")
moved = tree(root)
write(root + "/folder/inner/deep.txt", "deeper", "a")
os.rename(root + "/folder/inner", root + "/empty")
return [moved, tree(root), os.listdir(root + "/folder"), error(os.stat, root + "/dir/inner")]`)
    ).toEqual([
      {
        ...without('dir'),
        folder: '/',
        'folder/inner': '/',
        'folder/inner/deep.txt': 'deep',
        'folder/inner/new.txt': 'new'
      },
      {
        ...without('dir'),
        folder: '/',
        'empty/deep.txt': 'deepdeeper',
        'empty/new.txt': 'new'
      },
      [],
      'ENOENT'
    ]);
  });

  test('are changed there and back', async () => {
    expect(
      await python(`
os.rename(root + "/dir", root + "/other")
os.rename(root + "/other", root + "/dir")
os.rename(root + "/a.txt", root + "/dir/a.txt")
os.rename(root + "/dir/a.txt", root + "/a.txt")
os.rename(root + "/a.txt", root + "/a.txt")
return tree(root)`)
    ).toEqual(EVERYTHING);
  });

  test('are not changed where POSIX forbids it', async () => {
    expect(
      await python(`
rename = lambda old, new: error(os.rename, root + old, root + new)
return [
    rename("/dir", "/dir/inner/x"), rename("/empty", "/dir"), rename("/a.txt", "/empty"),
    rename("/empty", "/a.txt"), rename("/none", "/x"), rename("/a.txt", "/none/x"), tree(root)]`)
    ).toEqual([
      'EINVAL',
      'ENOTEMPTY',
      'EISDIR',
      'ENOTDIR',
      'ENOENT',
      'ENOENT',
      EVERYTHING
    ]);
  });

  test('are made', async () => {
    expect(
      await python(`
os.makedirs(root + "/dir/x/y", exist_ok=True)
os.symlink("../c.txt", root + "/dir/x/l")
found = [error(os.mkdir, root + "/dir"), error(os.symlink, "t", root + "/a.txt"), error(os.mkdir, root + "/no/d")]
return found + [read(root + "/dir/x/l"), os.listdir(root + "/dir/x/y")]`)
    ).toEqual(['EEXIST', 'EEXIST', 'ENOENT', 'gamma', []]);
  });

  test('give a directory a new time when they come or go', async () => {
    expect(
      await python(`
times = []
for change in (
    lambda: write(root + "/dir/new", ""), lambda: os.unlink(root + "/dir/new"),
    lambda: os.mkdir(root + "/dir/d"), lambda: os.rmdir(root + "/dir/d"),
    lambda: os.rename(root + "/a.txt", root + "/dir/a.txt"),
):
    os.utime(root + "/dir", (1, 1))
    change()
    times.append(os.stat(root + "/dir").st_mtime > 1)
return times`)
    ).toEqual([true, true, true, true, true]);
  });

  test('are followed through links', async () => {
    expect(
      await python(`
return [
    read(root + "/link"), os.listdir(root + "/up"), read(root + "/up/deep.txt"),
    error(os.stat, root + "/dangling"), error(open, root + "/loop"), os.path.lexists(root + "/loop"),
    os.path.realpath(root + "/up") == root + "/dir/inner"]`)
    ).toEqual(['gamma', ['deep.txt'], 'deep', 'ENOENT', 'ELOOP', true, true]);
  });

  test('are walked, copied and removed by shutil', async () => {
    expect(
      await python(`
shutil.copytree(root + "/dir", root + "/copy", symlinks=True)
shutil.move(root + "/copy/inner", root + "/moved")
shutil.rmtree(root + "/dir")
shutil.copy2(root + "/a.txt", root + "/copy/a.txt")
return [tree(root), os.stat(root + "/copy/a.txt").st_mtime]`)
    ).toEqual([
      {
        ...without('dir'),
        copy: '/',
        'copy/c.txt': 'gamma',
        'copy/a.txt': 'alpha',
        moved: '/',
        'moved/deep.txt': 'deep'
      },
      1_700_000_000
    ]);
  });

  test('are found, made and removed by pathlib', async () => {
    expect(
      await python(`
path = pathlib.Path(root)
found = sorted(str(p.relative_to(path)) for p in path.rglob("*.txt"))
(path / "dir" / "new" / "er").mkdir(parents=True)
(path / "dir" / "new" / "er" / "f").write_text("f")
(path / "a.txt").rename(path / "A.TXT")
(path / "b.txt").unlink()
(path / "touched").touch()
return [found, (path / "dir/new/er/f").read_text(), (path / "A.TXT").exists(), (path / "b.txt").exists(),
        (path / "touched").stat().st_size, path.joinpath("up").resolve().name]`)
    ).toEqual([
      ['a.txt', 'b.txt', 'dir/c.txt', 'dir/inner/deep.txt'],
      'f',
      true,
      false,
      0,
      'inner'
    ]);
  });

  test('are given to temporary files and directories', async () => {
    expect(
      await python(`
with tempfile.TemporaryDirectory(dir=root + "/dir") as folder:
    with tempfile.NamedTemporaryFile("w+", dir=folder) as file:
        file.write("kept")
        file.flush()
        named = read(file.name)
    with tempfile.TemporaryFile("w+", dir=folder) as file:
        file.write("unnamed")
        file.seek(0)
        unnamed = file.read()
    left = os.listdir(folder)
return [named, unnamed, left, tree(root)]`)
    ).toEqual(['kept', 'unnamed', [], EVERYTHING]);
  });
});
