import { beforeAll, describe, expect, test } from 'vitest';

import type { IFSType } from '../../src/emscripten';
import { changes, createFrozenFS } from '../../src/fs';
import { ImageError, ImageReader } from '../../src/image';
import { MemorySource } from '../../src/source';
import { makeImage } from '../image/make-image';
import { CONTENT, dice, forge, mutate, TREE } from '../image/mutate';
import { Kernel } from './kernel';

/** How many images each test damages; `make soak` has the time for more. */
const RUNS = process.env.FROZENFS_SOAK ? 100_000 : 5000;
const TIMEOUT = 3_600_000;
const BASE = 'ab'.repeat(32);
const MOST_NODES = 200;

let kernel: Kernel;
let type: IFSType;
let ground: string;
let base: ImageReader;

beforeAll(async () => {
  kernel = await Kernel.start();
  type = createFrozenFS(kernel.FS, { onWarning: () => undefined });
  ground = kernel.place();
  base = await ImageReader.open(new MemorySource(makeImage(TREE)), { sha256: BASE });
});

/** Mount an image, alone or on a base, or say that it was refused. */
async function mount(bytes: Uint8Array, below?: ImageReader): Promise<boolean> {
  try {
    const image = await ImageReader.open(new MemorySource(bytes));
    const options = below ? { image: below, layers: [image] } : { image };
    kernel.FS.mount(type, { ...options, writable: true }, ground);
    return true;
  } catch (error) {
    if (error instanceof ImageError) return false;
    throw error;
  }
}

/** What an operation answers, or the number of its error; any other kind of error is a crash. */
function answer<T>(operation: () => T): T | number {
  try {
    return operation();
  } catch (error) {
    if (error instanceof kernel.FS.ErrnoError) return error.errno;
    throw error;
  }
}

/** The bytes of a file. (`FS.readFile` would leave it open when it cannot be read.) */
function contentOf(path: string): Uint8Array {
  const { FS } = kernel;
  const stream = FS.open(path, 'r');
  try {
    const bytes = new Uint8Array(FS.stat(path).size);
    expect(FS.read(stream, bytes, 0, bytes.length)).toBe(bytes.length);
    return bytes;
  } finally {
    FS.close(stream);
  }
}

/** Visit and read everything below the mount. */
function readAll(): Map<string, Uint8Array> {
  const { FS } = kernel;
  const files = new Map<string, Uint8Array>();
  const waiting = [''];
  let nodes = 0;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const at = ground + path;
    expect((nodes += 1)).toBeLessThan(MOST_NODES);
    const status = answer(() => FS.lstat(at));
    if (typeof status === 'number') continue;
    if (FS.isDir(status.mode)) {
      const names = answer(() => FS.readdir(at));
      for (const name of typeof names === 'number' ? [] : names) {
        expect(name).not.toMatch(/[/\0]/);
        if (name !== '.' && name !== '..') waiting.push(`${path}/${name}`);
      }
    } else if (FS.isLink(status.mode)) {
      FS.readlink(at);
      answer(() => FS.stat(at));
    } else {
      const bytes = answer(() => contentOf(at));
      if (typeof bytes !== 'number') files.set(path, bytes);
    }
  }
  return files;
}

/** Change things here and there. */
function change(paths: string[], roll: (limit: number) => number): void {
  const { FS } = kernel;
  const any = () => ground + paths[roll(paths.length)];
  for (let times = 4; times > 0; times--) {
    const [one, other] = [any(), any()];
    answer(() => {
      switch (roll(5)) {
        case 0:
          return FS.close(FS.open(one, roll(2) ? 'w' : 'a'));
        case 1:
          return FS.unlink(one);
        case 2:
          return FS.rename(one, other);
        case 3:
          return FS.truncate(one, roll(5000));
        default:
          return FS.chmod(one, roll(0o7777));
      }
    });
  }
}

describe('of a mounted image', { timeout: TIMEOUT }, () => {
  test('that is damaged at random, no bytes are wrong and nothing crashes', async () => {
    const images = [false, true].map(compress =>
      makeImage(TREE, { compress, boot: ['/lib/b.bin'] })
    );
    let mounted = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      if (!(await mount(mutate(images[seed % 2], seed)))) continue;
      mounted += 1;
      for (const [path, bytes] of readAll()) {
        const right = Buffer.compare(bytes, CONTENT.get(path)!) === 0;
        expect([seed, path, right]).toEqual([seed, path, true]);
      }
      change([...CONTENT.keys(), '/lib', '/lib/c', '/lib/link', '/new'], dice(seed));
      readAll();
      expect(changes(kernel.FS.lookupPath(ground).node)).toBeDefined();
      kernel.FS.unmount(ground);
    }
    expect(mounted).toBeGreaterThan(RUNS / 10);
  });

  test.each([
    ['alone', undefined],
    ['as a layer', BASE]
  ])(
    'that was forged and is mounted %s, every path lies below the mount',
    async (_how, digest) => {
      const above = ground.slice(0, ground.lastIndexOf('/'));
      const before = kernel.FS.readdir(above);
      let mounted = 0;
      for (let seed = 1; seed <= RUNS / 5; seed++) {
        const options = {
          compress: seed % 2 === 0,
          base: digest,
          whiteouts: digest ? ['/lib/a.txt', '/lib/c/d.txt', '/lib/x/y', '/e'] : []
        };
        if (!(await mount(forge(options, seed), digest ? base : undefined))) continue;
        mounted += 1;
        const paths = [...readAll().keys(), '/lib', '/new'];
        change(paths, dice(seed));
        readAll();
        expect(changes(kernel.FS.lookupPath(ground).node)).toBeDefined();
        kernel.FS.unmount(ground);
      }
      expect(mounted).toBeGreaterThan(RUNS / 50);
      expect(kernel.FS.readdir(above)).toEqual(before);
    }
  );
});
