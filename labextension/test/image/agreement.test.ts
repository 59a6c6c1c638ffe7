import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { IEntry, IFileEntry } from '../../src/image';
import { diff, ImageReader, Stack, walk, writeImage } from '../../src/image';
import { MemorySource } from '../../src/source';
import type { ITree } from './trees';
import { newEntry, smallTree, tree } from './trees';

/** How many random trees; `make soak` has the time for more. */
const RUNS = process.env.FROZENFS_SOAK ? 3000 : 100;
const TIMEOUT = 1_800_000;
const ROOT = new URL('../../../', import.meta.url);

/** Writes each tree with Python, plain and packed, and tells what it reads of those written here. */
const PYTHON = `
import hashlib, io, json, sys
from pathlib import Path
from jupyter_frozenfs.image import Entry, Image, diff, layer_of, write_image
folder = Path(sys.argv[1])
CYCLE = bytes(range(251)) * 2100

def entry(size=0, first=0, **fields):
    return Entry(**fields, size=size, content=None if fields.get("target") else lambda: io.BytesIO(CYCLE[first : first + size]))

def described(image):
    for path, one in sorted(image.entries.items()):
        row = [path, one.kind, one.mode, one.mtime]
        if one.kind == "link":
            row.append(one.target)
        if one.kind == "file":
            row.append(hashlib.sha256(image.read(path)).hexdigest())
        yield row

found = []
for number, tree in enumerate(json.loads((folder / "trees.json").read_text("utf-8"))):
    entries = [entry(**fields) for fields in tree.pop("entries")]
    summaries = []
    for kind, compress in {"plain": False, "packed": True}.items():
        summary = write_image(folder / f"{number}.{kind}.py", entries, compress=compress, level=1, **tree)
        summaries.append([getattr(summary, name) for name in ("size", "sha256", "uncompressed_size", "boot", "last_chunk", "files", "chunks")])
    read = []
    for kind in ("plain", "packed"):
        with Image.open(folder / f"{number}.{kind}.ts") as image:
            image.verify()
            read.append([list(described(image)), list(image.boot_list), image.index.base, list(image.index.whiteouts)])
    found.append([summaries, read])

# Each tree as a layer on the one before it, and how the two differ.
previous = None
for number in range(len(found)):
    image = Image.open(folder / f"{number}.plain.py")
    if image.index.base is not None:
        continue
    changes = []
    if previous:
        layer = layer_of(previous.entries, image.entries.values())
        write_image(folder / f"{number}.layer", layer.entries, base=previous.summary.sha256, whiteouts=layer.whiteouts)
        changes = [[change.path, change.kind, *change.differs] for change in diff(previous.entries.values(), image.entries.values())]
    found[number].append(changes)
    previous = image
(folder / "found.json").write_text(json.dumps(found), "utf-8")
`;

type Row = (string | number)[];
type Found = [
  summaries: Row[],
  read: [Row[], string[], string | null, string[]][],
  changes?: Row[]
];

let folder: string;
let trees: ITree[];
let summaries: Row[][];
let found: Found[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'frozenfs-'));
  trees = [tree, smallTree].flatMap(kind =>
    fc.sample(kind, { numRuns: RUNS / 2, seed: 20261120 })
  );
  summaries = [];
  for (const [number, { entries, ...options }] of trees.entries()) {
    const both: Row[] = [];
    for (const [kind, compress] of [
      ['plain', false],
      ['packed', true]
    ] as const) {
      const pieces: Uint8Array[] = [];
      const { size, sha256, uncompressedSize, boot, lastChunk, files, chunks } =
        await writeImage(piece => void pieces.push(piece), entries.map(newEntry), {
          ...options,
          compress,
          level: 1
        });
      both.push([size, sha256, uncompressedSize, boot, lastChunk, files, chunks]);
      writeFileSync(join(folder, `${number}.${kind}.ts`), Buffer.concat(pieces));
    }
    summaries.push(both);
  }
  writeFileSync(join(folder, 'trees.json'), JSON.stringify(trees));
  execFileSync('python3', ['-c', PYTHON, folder], { cwd: ROOT });
  found = JSON.parse(readFileSync(join(folder, 'found.json'), 'utf8')) as Found[];
}, TIMEOUT);

afterAll(() => rmSync(folder, { recursive: true }));

const bytesOf = (number: number, kind: string) =>
  readFileSync(join(folder, `${number}.${kind}`));

async function opened(number: number, kind: string, sha256?: string) {
  const name = `${number}.${kind}`;
  const source = new MemorySource(bytesOf(number, kind), name);
  return ImageReader.open(source, { sha256 });
}

/** What a reader must find of a tree, sorted as Python sorts. */
function rowsOf(
  root: { children: ReadonlyMap<string, IEntry> },
  imageOf: (file: IFileEntry) => ImageReader
): Row[] {
  const rows: Row[] = [];
  for (const entry of walk(root.children)) {
    const { path, kind, mode, mtime } = entry;
    const row: Row = [path, kind, mode, mtime];
    if (entry.kind === 'link') row.push(entry.target);
    if (entry.kind === 'file') {
      const content = imageOf(entry).readSync(entry.start, entry.end);
      row.push(createHash('sha256').update(content).digest('hex'));
    }
    rows.push(row);
  }
  return rows.sort((a, b) =>
    Buffer.compare(Buffer.from(String(a[0])), Buffer.from(String(b[0])))
  );
}

async function described(number: number, kind: string): Promise<Row[]> {
  const image = await opened(number, kind);
  return rowsOf(image.index.root, () => image);
}

describe(`of ${RUNS} random trees`, { timeout: TIMEOUT }, () => {
  test('Python and TypeScript write the same uncompressed bytes', () => {
    for (let number = 0; number < RUNS; number++) {
      const [ours, theirs] = ['plain.ts', 'plain.py'].map(kind =>
        bytesOf(number, kind)
      );
      expect([number, ours.equals(theirs)]).toEqual([number, true]);
      expect(summaries[number][0]).toEqual(found[number][0][0]);
    }
  });

  test('compressed images differ only in deflate streams and their lengths', () => {
    for (let number = 0; number < RUNS; number++) {
      const [ours, theirs] = ['packed.ts', 'packed.py'].map(kind =>
        bytesOf(number, kind)
      );
      expect(gunzipSync(ours).equals(gunzipSync(theirs))).toBe(true);
      // The head up to the table, and the trailer.
      expect(ours.subarray(0, 36).equals(theirs.subarray(0, 36))).toBe(true);
      expect(ours.subarray(-8).equals(theirs.subarray(-8))).toBe(true);
      const [mine, other] = [summaries[number][1], found[number][0][1]];
      expect([mine[2], mine[5], mine[6]]).toEqual([other[2], other[5], other[6]]);
      expect([mine[0], mine[1]]).toEqual([
        ours.length,
        createHash('sha256').update(ours).digest('hex')
      ]);
    }
  });

  test('each reads what the other wrote, and finds the tree that went in', async () => {
    for (const [number, { boot, base, whiteouts }] of trees.entries()) {
      const whole = await described(number, 'plain.ts');
      expect(await described(number, 'packed.ts')).toEqual(whole);
      expect(await described(number, 'packed.py')).toEqual(whole);
      for (const [rows, list, digest, gone] of found[number][1]) {
        expect(rows).toEqual(whole);
        expect(list).toEqual(boot);
        expect(digest).toBe(base);
        expect([...gone].sort()).toEqual([...new Set(whiteouts)].sort());
      }
      for (const entry of trees[number].entries) {
        expect(whole).toContainEqual(
          expect.arrayContaining([entry.path, entry.kind, entry.mode, entry.mtime])
        );
      }
    }
  });

  test('a layer that Python made is put on its base as Python means it', async () => {
    const chain = [...found.keys()].filter(number => found[number][2]);
    expect(chain.length).toBeGreaterThan(RUNS / 4);
    for (const [i, number] of chain.slice(1).entries()) {
      const base = await opened(chain[i], 'plain.py');
      await base.digest();
      const image = await opened(number, 'plain.py');
      const layer = await opened(number, 'layer');
      const stack = new Stack(base, [layer]);
      const whole = rowsOf(image.index.root, () => image);
      expect(rowsOf(stack.root, file => stack.imageOf(file))).toEqual(whole);
      for (const { path } of walk(image.index.root.children)) {
        expect(stack.lookup(path)?.path).toBe(path);
      }
      const changes: Row[] = [];
      for await (const { path, kind, differs } of diff(base, image)) {
        changes.push([path, kind, ...differs]);
      }
      expect(changes).toEqual(found[number][2]);
      for await (const change of diff(image, stack)) expect(change).toBeUndefined();
    }
  });
});
