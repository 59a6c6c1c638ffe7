import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ImageReader } from '../../src/image';
import { MemorySource } from '../../src/source';

const ROOT = new URL('../../../', import.meta.url);

/** Writes a tree with Python and says, as JSON, what went in. */
const WRITE = `
import io, json, random, sys
from pathlib import Path
from jupyter_frozenfs.image import Entry, write_image
folder, draw = Path(sys.argv[1]), random.Random(7)
contents = {f"/d/f{i}": draw.randbytes(draw.choice([0, 1, 511, 512, 513, 70_000, 262_144])) for i in range(40)}
entries = [Entry("/d", "directory", 0o755, 1), Entry("/d/link", "link", 0o777, 2, target="f1")]
for path, data in contents.items():
    entries.append(Entry(path, "file", 0o644, 3, len(data), content=lambda data=data: io.BytesIO(data)))
boot = ["/d/f7", "/d/f3"]
summaries = {}
for name, compress in {"plain": False, "packed": True}.items():
    summary = write_image(folder / name, entries, boot=boot, compress=compress)
    summaries[name] = {"boot": summary.boot, "last_chunk": summary.last_chunk, "size": summary.size}
print(json.dumps({"summaries": summaries, "contents": {path: data.hex() for path, data in contents.items()}}))
`;

interface IWritten {
  summaries: Record<string, { boot: number; last_chunk: number; size: number }>;
  contents: Record<string, string>;
}

let folder: string;
let written: IWritten;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'frozenfs-'));
  const output = execFileSync('python3', ['-c', WRITE, folder], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26
  });
  written = JSON.parse(output) as IWritten;
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each(['plain', 'packed'])(
  'an image that Python wrote, %s, is read back equal',
  async name => {
    const source = new MemorySource(readFileSync(join(folder, name)), name);
    const image = await ImageReader.open(source, {
      lastChunk: { offset: written.summaries[name].last_chunk }
    });
    const found = image.index.files.map(({ path, start, end }) => [
      path,
      Buffer.from(image.readSync(start, end)).toString('hex')
    ]);
    expect(Object.fromEntries(found)).toEqual(written.contents);
    expect(image.index.lookup('/d/link')).toMatchObject({ kind: 'link', target: 'f1' });
  }
);

test('the boot prefix of a compressed image that Python wrote needs no byte after it', async () => {
  const name = 'packed';
  const { boot, last_chunk: last } = written.summaries[name];
  const bytes = readFileSync(join(folder, name));
  const image = await ImageReader.open(
    {
      name,
      size: bytes.length,
      read: async (offset, length) => {
        if (offset < last) expect(offset + length).toBeLessThanOrEqual(boot);
        return bytes.subarray(offset, offset + length);
      }
    },
    { lastChunk: { offset: last } }
  );
  await image.preload();
  const first = image.index.files.slice(0, 2);
  expect(first.map(file => file.path)).toEqual(['/d/f7', '/d/f3']);
  for (const { path, start, end } of first) {
    expect(Buffer.from(image.readSync(start, end)).toString('hex')).toBe(
      written.contents[path]
    );
  }
});
