/** What is frozen is what Python packs: the same bytes, for any tree, and for layers. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createFrozenFS, diffLive, freeze, thaw } from '../../src/fs';
import { compileGlobs } from '../../src/fs/globs';
import type { INewEntry } from '../../src/image';
import { BytesSink, ImageReader, Stack, writeImage } from '../../src/image';
import { MemorySource } from '../../src/source';
import type { IPlainEntry } from '../image/trees';
import { newEntry, smallTree, tree } from '../image/trees';
import { frozen, opened } from './freezing';
import { Kernel } from './kernel';

const ROOT = new URL('../../../', import.meta.url);
const RUNS = process.env.FROZENFS_SOAK ? 3000 : 150;
const TIMEOUT = 1_800_000;

/** Makes layers with Python: reads pairs of images, writes what the second has that the first has not. */
const LAYERS = `
import sys
from pathlib import Path
from jupyter_frozenfs.image import Image, write_layer
folder = Path(sys.argv[1])
for number in range(int(sys.argv[2])):
    with Image.open(folder / f"{number}.base") as base, Image.open(folder / f"{number}.full") as full:
        write_layer(folder / f"{number}.layer", [base], full.entries.values(), compress=False)
`;

const GLOBS = `
import json, sys
from jupyter_frozenfs.image.globs import compile_globs
answers = []
for patterns, path in json.load(sys.stdin):
    try:
        answers.append(compile_globs(patterns).match(path) is not None)
    except Exception:
        answers.append(None)
print(json.dumps(answers))
`;

let kernel: Kernel;
let folder: string;

beforeAll(async () => {
  kernel = await Kernel.start();
  folder = mkdtempSync(join(tmpdir(), 'frozenfs-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** An image of a tree of the generator's, without what only an image can have: hard links, a boot list, layers. */
async function imageOf(entries: IPlainEntry[]): Promise<Uint8Array> {
  const sink = new BytesSink();
  const plain: INewEntry[] = entries
    .filter(({ kind, target }) => kind !== 'file' || !target)
    .map(entry => newEntry(entry))
    // A `Date` knows no later moments.
    .map(entry => ({ ...entry, mtime: Math.min(entry.mtime, 8.64e12) }));
  await writeImage(sink, plain, { compress: false });
  return sink.bytes;
}

test(
  'thawed and frozen again, any tree gives the same bytes, on MEMFS and on mounts',
  async () => {
    await fc.assert(
      fc.asyncProperty(tree, async ({ entries }) => {
        const { FS } = kernel;
        const bytes = await imageOf(entries);
        const [plain, mounted] = [kernel.place(), kernel.place()];
        const image = await opened(bytes);
        const { created } = await thaw(FS, image, { root: plain });
        expect(Buffer.compare(await frozen(FS, { root: plain }), bytes)).toBe(0);
        FS.mount(createFrozenFS(FS), { image, writable: true }, mounted);
        expect(Buffer.compare(await frozen(FS, { root: mounted }), bytes)).toBe(0);
        const again = await thaw(FS, await opened(bytes), { root: plain, clean: true });
        expect(again).toMatchObject({
          created: [],
          changed: [],
          removed: [],
          bytes: 0
        });
        for (const { path } of image.index.files) expect(created).toContain(path);
        FS.unmount(mounted);
      }),
      { numRuns: RUNS, seed: 20261121 }
    );
  },
  TIMEOUT
);

test(
  'a layer is that of Python, and puts any tree in the place of any other',
  async () => {
    const pairs = fc.sample(fc.tuple(smallTree, smallTree), {
      numRuns: RUNS,
      seed: 20261121
    });
    const { FS } = kernel;
    const layers: Uint8Array[] = [];
    for (const [number, [one, other]] of pairs.entries()) {
      const [base, full] = [await imageOf(one.entries), await imageOf(other.entries)];
      writeFileSync(join(folder, `${number}.base`), base);
      writeFileSync(join(folder, `${number}.full`), full);
      const root = kernel.place();
      const [lower, upper] = [await opened(base), await opened(full)];
      await thaw(FS, upper, { root });
      const layer = await frozen(FS, { root, base: lower });
      layers.push(layer);
      // The same on the mount of the base: from what was changed in it.
      const mounted = kernel.place();
      const mount = { image: lower, writable: true };
      FS.mount(createFrozenFS(FS), mount, mounted);
      const stack = new Stack(lower, [await opened(layer)]);
      await thaw(FS, stack, { root: mounted, clean: true });
      const onMount = await frozen(FS, { root: mounted, base: lower });
      expect([number, Buffer.compare(onMount, layer)]).toEqual([number, 0]);
      const whole = await frozen(FS, { root: mounted });
      expect([number, Buffer.compare(whole, full)]).toEqual([number, 0]);
      for await (const change of diffLive(FS, upper, { root: mounted })) {
        expect([number, change.path]).toEqual([number, 'no change']);
      }
      FS.unmount(mounted);
    }
    execFileSync('python3', ['-c', LAYERS, folder, String(pairs.length)], {
      cwd: ROOT
    });
    layers.forEach((layer, number) => {
      const theirs = readFileSync(join(folder, `${number}.layer`));
      expect([number, Buffer.compare(theirs, layer)]).toEqual([number, 0]);
    });
  },
  TIMEOUT
);

test('globs select what they select in Python', () => {
  const piece = fc.constantFrom(
    ...['a', 'b', '.', '*', '**', '?', '/', '[ab]', '[!a]', '[]a]', '[!]', '[a-c]'],
    ...[
      '[',
      ']',
      '[^a]',
      '\\',
      '(',
      ')',
      '+',
      '$',
      '|',
      '{',
      '\u{1f40d}',
      '\n',
      '-',
      '&&'
    ]
  );
  const pattern = fc
    .array(piece, { minLength: 1, maxLength: 5 })
    .map(all => all.join(''));
  const name = fc.constantFrom(
    'a',
    'b',
    'ab',
    '.a',
    '[',
    '\u{1f40d}',
    'a\nb',
    '\\',
    'c',
    ']'
  );
  const path = fc
    .array(name, { minLength: 1, maxLength: 4 })
    .map(all => `/${all.join('/')}`);
  const cases = fc.sample(fc.tuple(fc.array(pattern, { maxLength: 2 }), path), {
    numRuns: 5000,
    seed: 20261121
  });
  const input = JSON.stringify(cases);
  const output = execFileSync('python3', ['-c', GLOBS], { cwd: ROOT, input });
  const ours = cases.map(([patterns, one]) => {
    try {
      return compileGlobs(patterns).test(one);
    } catch {
      return null;
    }
  });
  const theirs = JSON.parse(output.toString()) as (boolean | null)[];
  cases.forEach((one, i) => expect([one, ours[i]]).toEqual([one, theirs[i]]));
  expect(theirs.filter(Boolean).length).toBeGreaterThan(200);
});

test('a compressed image holds the same archive', async () => {
  const root = kernel.place();
  kernel.FS.writeFile(`${root}/a`, 'x'.repeat(300_000));
  const [plain, packed] = [new BytesSink(), new BytesSink()];
  await freeze(kernel.FS, plain, { root });
  await freeze(kernel.FS, packed, { root, compress: true });
  expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 10);
  const image = await ImageReader.open(new MemorySource(packed.bytes));
  const other = kernel.place();
  await thaw(kernel.FS, image, { root: other });
  expect(await frozen(kernel.FS, { root: other })).toEqual(plain.bytes);
});
