import { beforeAll, describe, expect, test } from 'vitest';

import { noise } from '../image/noise';
import type { ITestEntry } from '../image/make-image';
import { GROUNDS, Kernel } from './kernel';

const BIG = noise(600_000);

const TREE: ITestEntry[] = [
  { path: '/a.txt', content: 'alpha' },
  { path: '/big.bin', content: BIG },
  { path: '/empty', content: '' },
  { path: '/locked.txt', content: 'locked', mode: 0o444 },
  { path: '/sub' },
  { path: '/sub/b.txt', content: 'beta\n' },
  { path: '/link', target: 'a.txt' }
];

let kernel: Kernel;

beforeAll(async () => {
  kernel = await Kernel.start();
});

describe.each(GROUNDS)('a file on %s', ground => {
  const python = async (body: string) =>
    kernel.python(await kernel.lay(ground, TREE), body);

  test('is read whole', async () => {
    expect(
      await python('return [read(root + "/a.txt"), read(root + "/empty")]')
    ).toEqual(['alpha', '']);
  });

  test('is read in pieces, from anywhere, and past its end', async () => {
    const root = await kernel.lay(ground, TREE);
    kernel.python(root, 'shutil.copyfile(root + "/big.bin", "/tmp/copy")');
    expect(Buffer.compare(kernel.FS.readFile('/tmp/copy'), BIG)).toBe(0);
    const found = kernel.python(
      root,
      `
with open(root + "/big.bin", "rb", buffering=0) as file:
    pieces = [list(file.read(3))]
    for at in (262140, 524280, 599998, 600000, 700000):
        file.seek(at)
        pieces.append(list(file.read(10)))
    pieces.append([file.seek(-2, os.SEEK_END), *file.read()])
    pieces.append(list(os.pread(file.fileno(), 2, 300000)) + [file.tell()])
return pieces`
    );
    const slice = (from: number, to: number) => [...BIG.subarray(from, to)];
    expect(found).toEqual([
      slice(0, 3),
      slice(262140, 262150),
      slice(524280, 524290),
      slice(599998, 600000),
      [],
      [],
      [599998, ...slice(599998, 600000)],
      [...slice(300000, 300002), 600000]
    ]);
  });

  test('is refused a position before its beginning', async () => {
    expect(
      await python(`
with open(root + "/a.txt", "rb") as file:
    return error(os.lseek, file.fileno(), -1, os.SEEK_SET)`)
    ).toBe('EINVAL');
  });

  test('is overwritten', async () => {
    expect(
      await python(`
write(root + "/a.txt", "new")
return [read(root + "/a.txt"), os.stat(root + "/a.txt").st_size]`)
    ).toEqual(['new', 3]);
  });

  test('is changed in the middle', async () => {
    expect(
      await python(`
with open(root + "/a.txt", "r+b") as file:
    file.seek(2)
    file.write(b"XY")
return read(root + "/a.txt")`)
    ).toBe('alXYa');
  });

  test('is appended to', async () => {
    expect(
      await python(`
write(root + "/a.txt", " and on", "a")
write(root + "/a.txt", " and on", "a")
return read(root + "/a.txt")`)
    ).toBe('alpha and on and on');
  });

  test('is appended to from two places at once', async () => {
    expect(
      await python(`
with open(root + "/a.txt", "a") as one, open(root + "/a.txt", "a") as two:
    for file in (one, two, one):
        file.write("!")
        file.flush()
return read(root + "/a.txt")`)
    ).toBe('alpha!!!');
  });

  test('shows what another has written since it was opened', async () => {
    expect(
      await python(`
with open(root + "/a.txt", "rb", buffering=0) as file:
    before = file.read(2).decode()
    write(root + "/a.txt", "ALPHABET")
    return [before, file.read().decode()]`)
    ).toEqual(['al', 'PHABET']);
  });

  test('is filled with zeros where nothing was written', async () => {
    expect(
      await python(`
with open(root + "/a.txt", "r+b") as file:
    file.seek(8)
    file.write(b"end")
return read(root + "/a.txt")`)
    ).toBe('alpha\0\0\0end');
  });

  test('is cut and lengthened', async () => {
    expect(
      await python(`
path = root + "/a.txt"
os.truncate(path, 2)
short = read(path)
os.truncate(path, 5)
with open(path, "r+b") as file:
    file.truncate(4)
return [short, read(path), error(os.truncate, path, -1)]`)
    ).toEqual(['al', 'al\0\0', 'EINVAL']);
  });

  test('does not bring back what was cut off', async () => {
    expect(
      await python(`
path = root + "/sub/b.txt"
write(path, "x" * 300, "a")
os.truncate(path, 1)
os.truncate(path, 3)
with open(path, "r+b") as file:
    file.seek(5)
    file.write(b"y")
return read(path)`)
    ).toBe('b\0\0\0\0y');
  });

  test('grows byte by byte to any size', async () => {
    expect(
      await python(`
path = root + "/empty"
with open(path, "wb", buffering=0) as file:
    for i in range(3000):
        file.write(bytes([i % 251]))
with open(path, "rb") as file:
    return file.read() == bytes(i % 251 for i in range(3000))`)
    ).toBe(true);
  });

  test('is written through its link', async () => {
    expect(
      await python(`
write(root + "/link", "through")
return [read(root + "/a.txt"), os.readlink(root + "/link")]`)
    ).toEqual(['through', 'a.txt']);
  });

  test('has the mode and time that it was given', async () => {
    expect(
      await python(`
path = root + "/a.txt"
before = os.stat(path)
os.chmod(path, 0o600)
os.utime(path, (5, 1234567890))
after = os.stat(path)
return [oct(before.st_mode), before.st_mtime, oct(after.st_mode), after.st_mtime, after.st_atime, read(path)]`)
    ).toEqual(['0o100644', 1_700_000_000, '0o100600', 1_234_567_890, 5, 'alpha']);
  });

  test('has a new time once it was written', async () => {
    expect(
      await python(`
start = int(time.time())
write(root + "/a.txt", "now")
return os.stat(root + "/a.txt").st_mtime >= start`)
    ).toBe(true);
  });

  test('is protected by its mode', async () => {
    expect(
      await python(`
path = root + "/locked.txt"
found = [error(open, path, "w"), os.access(path, os.W_OK), os.access(path, os.R_OK)]
os.chmod(path, 0o644)
write(path, "open")
return found + [os.access(path, os.W_OK), read(path)]`)
    ).toEqual(['EACCES', false, true, true, 'open']);
  });

  test('lives on while it is open, after it was removed', async () => {
    expect(
      await python(`
path = root + "/sub/b.txt"
with open(path, "r+b", buffering=0) as file:
    os.unlink(path)
    first = file.read(2).decode()
    file.write(b"TA")
    file.seek(0)
    rest = file.read().decode()
    write(path, "another")
    file.seek(0)
    return [first, rest, file.read().decode(), read(path), os.fstat(file.fileno()).st_size]`)
    ).toEqual(['be', 'beTA\n', 'beTA\n', 'another', 5]);
  });

  test('lives on while it is open, after another took its place', async () => {
    expect(
      await python(`
with open(root + "/a.txt", "rb", buffering=0) as file:
    os.rename(root + "/sub/b.txt", root + "/a.txt")
    return [file.read().decode(), read(root + "/a.txt")]`)
    ).toEqual(['alpha', 'beta\n']);
  });

  test('is mapped into memory', async () => {
    expect(
      await python(`
with open(root + "/big.bin", "rb") as file:
    expected = file.read()
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        whole = mapped[:] == expected
    with mmap.mmap(file.fileno(), 1000, offset=mmap.ALLOCATIONGRANULARITY * 5, access=mmap.ACCESS_COPY) as mapped:
        mapped[0] = 0
        start = mmap.ALLOCATIONGRANULARITY * 5
        part = mapped[1:] == expected[start + 1:start + 1000]
return [whole, part]`)
    ).toEqual([true, true]);
  });

  test('is written by way of memory that it is mapped into', async () => {
    expect(
      await python(`
path = root + "/a.txt"
with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
    mapped[1:3] = b"LP"
    mapped.flush()
    during = read(path)
return [during, read(path)]`)
    ).toEqual(['aLPha', 'aLPha']);
  });

  test('is made with the mode of the umask', async () => {
    expect(
      await python(`
path = root + "/new.txt"
with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o640), "w+") as file:
    file.write("made")
return [read(path), oct(os.stat(path).st_mode & 0o777), error(os.open, path, os.O_CREAT | os.O_EXCL)]`)
    ).toEqual(['made', '0o640', 'EEXIST']);
  });

  test('is no directory', async () => {
    expect(
      await python(`
path = root + "/a.txt"
return [error(os.listdir, path), error(os.stat, path + "/x"), error(os.rmdir, path), error(os.readlink, path)]`)
    ).toEqual(['ENOTDIR', 'ENOTDIR', 'ENOTDIR', 'EINVAL']);
  });
});
