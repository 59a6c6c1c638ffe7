import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';

import type { INewEntry, INewFile, ISpool, IWriteOptions } from '../../src/image';
import {
  bootList,
  entriesOf,
  ImageError,
  ImageReader,
  writeImage
} from '../../src/image';
import { MemorySource } from '../../src/source';
import { noise } from './noise';

const FOLDER = new URL('../../../tests/vectors/', import.meta.url);
const { images } = JSON.parse(
  readFileSync(new URL('vectors.json', FOLDER), 'utf8')
) as {
  images: {
    name: string;
    files: string[];
    uncompressed_sha256: string;
    boot: string[];
    base: string | null;
    whiteouts: string[];
  }[];
};

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const CHUNK = 262144;

function file(path: string, content: Uint8Array | string, more = {}): INewFile {
  const bytes = Buffer.from(content as string);
  return {
    kind: 'file',
    path,
    mode: 0o644,
    mtime: 1,
    size: bytes.length,
    content: () => bytes,
    ...more
  };
}

async function written(
  entries: Iterable<INewEntry> | AsyncIterable<INewEntry>,
  options?: IWriteOptions
) {
  const pieces: Uint8Array[] = [];
  const summary = await writeImage(piece => void pieces.push(piece), entries, options);
  return { bytes: new Uint8Array(Buffer.concat(pieces)), summary };
}

const open = (bytes: Uint8Array) => ImageReader.open(new MemorySource(bytes));

describe.each(
  images.flatMap(vector => vector.files.map(name => [name, vector] as const))
)('the image %s', (name, vector) => {
  const { boot, base, whiteouts } = vector;
  const original = new Uint8Array(readFileSync(new URL(name, FOLDER)));

  test('is written again, byte for byte when uncompressed', async () => {
    const entries = [...entriesOf(await open(original))].reverse();
    const { bytes } = await written(entries, {
      boot,
      base,
      whiteouts,
      compress: false
    });
    expect(sha256(bytes)).toBe(vector.uncompressed_sha256);
    if (!name.includes('packed')) expect(sha256(bytes)).toBe(sha256(original));
  });

  test('is written again, compressed, and every gunzip reads it', async () => {
    const entries = entriesOf(await open(original));
    const { bytes, summary } = await written(entries, { boot, base, whiteouts });
    expect(sha256(gunzipSync(bytes))).toBe(vector.uncompressed_sha256);
    expect(summary.sha256).toBe(sha256(bytes));
    expect(summary.size).toBe(bytes.length);
  });
});

test.each(images)('the boot list of $name is found again', async ({ files, boot }) => {
  const bytes = readFileSync(new URL(files[0], FOLDER));
  expect(bootList(await open(bytes))).toEqual(boot);
});

test.each([0, 1, 6, 9])('level %i gives what was put in', async level => {
  const content = Buffer.concat([noise(CHUNK), Buffer.alloc(CHUNK, 'text '), noise(3)]);
  const { bytes, summary } = await written([file('/f', content)], { level });
  const image = await open(bytes);
  const [{ start, end }] = image.index.files;
  expect(Buffer.compare(image.readSync(start, end), content)).toBe(0);
  expect(summary.chunks).toBe(4);
});

test('the summary tells where the boot prefix and the index are', async () => {
  const { bytes, summary } = await written(
    [file('/a', noise(3 * CHUNK)), file('/b', noise(1000, 2))],
    { boot: ['/b'] }
  );
  const hint = { lastChunk: { offset: summary.lastChunk } };
  const image = await ImageReader.open(
    {
      name: 'image',
      size: bytes.length,
      read: async (offset, length) => {
        if (offset < summary.lastChunk) {
          expect(offset + length).toBeLessThanOrEqual(summary.boot);
        }
        return bytes.slice(offset, offset + length);
      }
    },
    hint
  );
  await image.preload();
  expect(image.index.files[0].path).toBe('/b');
  expect(summary.files).toBe(2);
});

test('the bytes go into a stream, which is closed at the end', async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const [summary, bytes] = await Promise.all([
    writeImage(writable, [file('/a', 'alpha')]),
    new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>).bytes()
  ]);
  expect(sha256(bytes)).toBe(summary.sha256);
});

test('entries and contents may come piece by piece', async () => {
  async function* entries(): AsyncGenerator<INewEntry> {
    yield file('/a', 'alpha', {
      content: async function* () {
        yield Buffer.from('al');
        yield Buffer.from('pha');
      }
    });
    yield file('/b', 'beta', { content: async () => Buffer.from('beta') });
    yield file('/c', 'ab', { content: () => ['a', 'b'].map(one => Buffer.from(one)) });
  }
  const { bytes } = await written(entries(), { compress: false });
  const plain = await written(
    [file('/a', 'alpha'), file('/b', 'beta'), file('/c', 'ab')],
    { compress: false }
  );
  expect(sha256(bytes)).toBe(sha256(plain.bytes));
});

/** A spool that holds nothing but counts, for what is too large for a test's memory. */
class Counting implements ISpool {
  constructor(private readonly onWrite: () => void) {}

  write(): void {
    this.onWrite();
  }

  // eslint-disable-next-line require-yield
  async *read(): AsyncGenerator<Uint8Array> {
    return;
  }
}

test.each([false, true])(
  'no more is held than a chunk and a piece, compressed: %s',
  async compress => {
    const PIECE = 65536;
    const COUNT = 512;
    let read = 0;
    let passed = 0;
    let most = 0;
    const pass = () => {
      passed += CHUNK;
      most = Math.max(most, read - passed);
    };
    const content = function* () {
      for (; read < PIECE * COUNT; read += PIECE) yield noise(PIECE, read);
    };
    const spool = new Counting(pass);
    await writeImage(
      () => {
        if (!compress) pass();
      },
      [file('/big', '', { size: PIECE * COUNT, content })],
      { compress, spool, level: 0 }
    );
    expect(read).toBe(PIECE * COUNT);
    expect(most).toBeLessThanOrEqual(PIECE);
  }
);

test('progress runs up to the whole', async () => {
  const told: [number, number][] = [];
  const { bytes } = await written([file('/a', noise(2 * CHUNK))], {
    compress: false,
    onProgress: (...numbers) => void told.push(numbers)
  });
  const { index } = await open(bytes);
  const end = index.files[0].end;
  expect(told.map(([done]) => done)).toEqual([CHUNK, 2 * CHUNK, end]);
  expect(told.every(([, total]) => total === end)).toBe(true);
});

test('an abort stops the writer, and the stream', async () => {
  const stopping = new AbortController();
  let reason: unknown;
  const writing = writeImage(
    new WritableStream({ abort: found => void (reason = found) }),
    [file('/a', noise(3 * CHUNK))],
    {
      compress: false,
      signal: stopping.signal,
      onProgress: () => stopping.abort(new Error('enough'))
    }
  );
  await expect(writing).rejects.toThrow('enough');
  expect(reason).toEqual(new Error('enough'));
});

test('an abort that comes as an event is heard while nothing else waits', async () => {
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(), 20);
  const content = function* () {
    for (;;) yield new Uint8Array(CHUNK);
  };
  const endless = file('/a', '', { size: 2 ** 31, content });
  const writing = writeImage(() => {}, [endless], {
    compress: false,
    signal: stopping.signal
  });
  await expect(writing).rejects.toThrow('aborted');
});

test('a sink that fails makes the writer fail with its reason', async () => {
  const writing = writeImage(async () => {
    throw new Error('disk full');
  }, [file('/a', 'alpha')]);
  await expect(writing).rejects.toThrow('disk full');
});

const link = (path: string, target: string, mode = 0o777): INewEntry => ({
  kind: 'link',
  path,
  mode,
  mtime: 1,
  target
});

test.each<[string, INewEntry[], IWriteOptions?]>([
  ['is not absolute', [file('a', '')]],
  ['segment', [file('/a/../b', '')]],
  ['segment', [file('/a//b', '')]],
  ['segment', [file('/a/', '')]],
  ['holds a NUL', [file('/a\0', '')]],
  ['is not valid UTF-8', [file('/a\ud800', '')]],
  ['never stored', [file('/proc/1', '')]],
  ['keeps its index', [file('/.vfs-index.json', '')]],
  ['expected 0 to 4095', [file('/a', '', { mode: 0o10000 })]],
  ['expected 0 to 2**53-1', [file('/a', '', { mtime: -1 })]],
  ['expected 0 to 2**53-1', [file('/a', '', { mtime: 0.5 })]],
  ['has size -1', [file('/a', '', { size: -1 })]],
  ['is a file without content', [file('/a', '', { content: undefined })]],
  ['is empty', [link('/a', '')]],
  ['expected 0o777', [link('/a', 'b', 0o644)]],
  ['was given twice', [file('/a', ''), file('/a', '')]],
  ['which is a file, not a directory', [file('/a', ''), file('/a/b', '')]],
  ['which is a link, not a directory', [link('/a', 'b'), file('/a/b', '')]],
  ['is not in the tree', [file('/a', '')], { boot: ['/b'] }],
  ['is a link, expected a regular file', [link('/a', 'b')], { boot: ['/a'] }],
  ['refers to itself', [file('/a', '', { target: '/a', content: undefined })]],
  ['is not a file of the tree', [file('/a', '', { target: '/b', content: undefined })]],
  ['no base was given', [file('/a', '')], { whiteouts: ['/b'] }],
  ['expected a SHA-256', [file('/a', '')], { base: 'ABC' }],
  ['found more', [file('/a', 'ab', { size: 1 })]],
  ['expected 3 bytes, found 2', [file('/a', 'ab', { size: 3 })]]
])('what the format cannot hold is refused: %s', async (reason, entries, options) => {
  const writing = written(entries, options);
  await expect(writing).rejects.toBeInstanceOf(ImageError);
  await expect(writing).rejects.toThrow(reason);
});

test('a file that cannot be read is named, with the reason', async () => {
  const broken = file('/lib/broken', '', {
    content: () => {
      throw new Error('no such chunk');
    }
  });
  const writing = written([broken]);
  await expect(writing).rejects.toThrow(
    '"/lib/broken": it cannot be read: no such chunk'
  );
});
