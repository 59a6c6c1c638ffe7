/** What the tests of freezing and thawing share. */
import type { IEmscriptenFS } from '../../src/emscripten';
import type { IFreezeOptions } from '../../src/fs';
import { freeze, thaw } from '../../src/fs';
import { BytesSink, ImageReader } from '../../src/image';
import { MemorySource } from '../../src/source';
import type { ITestEntry } from '../image/make-image';
import { makeImage } from '../image/make-image';
import type { Ground, Kernel } from './kernel';

/** Freeze into memory. */
export async function frozen(
  FS: IEmscriptenFS,
  options: IFreezeOptions = {}
): Promise<Uint8Array> {
  const sink = new BytesSink();
  await freeze(FS, sink, options);
  return sink.bytes;
}

/** Open an image whose digest is known. */
export async function opened(bytes: Uint8Array, name = 'image'): Promise<ImageReader> {
  const image = await ImageReader.open(new MemorySource(bytes, name));
  await image.digest();
  return image;
}

/** Freeze, and open what was frozen. */
export async function image(
  FS: IEmscriptenFS,
  options: IFreezeOptions = {}
): Promise<ImageReader> {
  return opened(await frozen(FS, options));
}

/** Have a tree somewhere, exactly: on MEMFS, it is thawed. */
export async function laid(
  kernel: Kernel,
  ground: Ground,
  entries: ITestEntry[]
): Promise<string> {
  if (ground !== 'MEMFS') return kernel.lay(ground, entries);
  const root = kernel.place();
  await thaw(kernel.FS, await opened(makeImage(entries)), { root });
  return root;
}

/** Everything below a directory, as lines that can be compared: also what no image holds. */
export function listing(FS: IEmscriptenFS, root: string): string[] {
  const lines: string[] = [];
  const waiting = [root];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const { mode, mtime, size } = FS.lstat(path);
    const kind = mode.toString(8);
    const detail = FS.isLink(mode)
      ? `-> ${FS.readlink(path)}`
      : FS.isFile(mode)
        ? `${size} ${Buffer.from(FS.readFile(path)).toString('base64')}`
        : '';
    if (path !== root) {
      lines.push(`${path.slice(root.length)} ${kind} ${mtime.getTime()} ${detail}`);
    }
    if (!FS.isDir(mode)) continue;
    for (const name of FS.readdir(path)) {
      if (name !== '.' && name !== '..') waiting.push(`${path}/${name}`);
    }
  }
  return lines.sort();
}

/** A tree of entries of every kind. */
export const TREE: ITestEntry[] = [
  { path: '/a.txt', content: 'alpha', mode: 0o600, mtime: 5 },
  { path: '/empty', content: '' },
  { path: '/lib', mode: 0o500, mtime: 7 },
  { path: '/lib/b.py', content: 'b = 1' },
  { path: '/lib/none' },
  { path: '/lib/loop', target: 'loop' },
  { path: '/locked', mode: 0 },
  { path: '/locked/secret', content: 'secret', mode: 0 },
  { path: '/dangling', target: '/no/where' }
];

/** An image of some entries, opened. */
export const imageOf = (entries: ITestEntry[]) => opened(makeImage(entries));
