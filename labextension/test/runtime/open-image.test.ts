import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { IImageSummary } from '../../src/image';
import { ImageReader, writeImage } from '../../src/image';
import { Download } from '../../src/runtime/download';
import type { IManifest, Range } from '../../src/runtime/manifest';
import { RecordedSource } from '../../src/runtime/node/recorded-source';
import { openImage } from '../../src/runtime/open-image';
import { MemorySource } from '../../src/source';
import { noise } from '../image/noise';

const HEAD = 4096;
const SIZE = 600_000;

let image: Uint8Array;
let summary: IImageSummary;
let ranges: Range[];
let index: Uint8Array;
let server: Server;
let url: string;
const requests: string[] = [];

/** Where a file's contents lie in the uncompressed archive. */
async function placeOf(path: string): Promise<[start: number, end: number]> {
  const reader = await ImageReader.open(new MemorySource(image));
  const file = reader.index.lookup(path);
  if (file?.kind !== 'file') throw new Error(`there is no file ${path}`);
  return [file.start, file.end];
}

beforeAll(async () => {
  const pieces: Uint8Array[] = [];
  const entries = ['/a', '/b', '/c'].map((path, seed) => ({
    kind: 'file' as const,
    path,
    mode: 0o644,
    mtime: 1,
    size: SIZE,
    content: () => noise(SIZE, seed)
  }));
  summary = await writeImage(bytes => void pieces.push(bytes.slice()), entries);
  image = Buffer.concat(pieces);
  const source = new RecordedSource(new MemorySource(image));
  const reader = await ImageReader.open(source);
  source.ranges.length = 0;
  await reader.read(...(await placeOf('/b')));
  ranges = [...source.ranges];
  index = Buffer.concat([
    image.subarray(summary.lastChunk),
    image.subarray(0, HEAD),
    ...ranges.map(([offset, length]) => image.subarray(offset, offset + length))
  ]);
  server = createServer((request, response) => {
    const { range } = request.headers;
    requests.push(`${request.url} ${range ?? 'whole'}`);
    const file = request.url === '/index.img' ? index : image;
    const asked = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    const [start, end] = asked
      ? [Number(asked[1]), Number(asked[2]) + 1]
      : [0, file.length];
    response.writeHead(asked ? 206 : 200, {
      'Content-Length': end - start,
      ...(asked && { 'Content-Range': `bytes ${start}-${end - 1}/${file.length}` })
    });
    response.end(file.subarray(start, end));
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/environment.json`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise(done => server.close(done));
});

test('what a copy has of the image is not fetched again, also when the start is long over', async () => {
  const manifest = {
    name: 'course',
    image: {
      parts: [{ file: 'image.img', size: image.length }],
      size: image.length,
      boot: image.length, // more than the copy has
      last_chunk: summary.lastChunk
    }
  } as unknown as IManifest;
  const copy = {
    parts: [{ file: 'index.img', size: index.length }],
    boot: HEAD,
    ranges
  };
  const opened = await openImage(manifest, copy, new Download({ url }));
  expect(requests).toEqual(['/index.img whole']);
  opened.release();
  const [start, end] = await placeOf('/b');
  expect(Buffer.from(await opened.image.read(start, end)).equals(noise(SIZE, 1))).toBe(
    true
  );
  expect(requests).toEqual(['/index.img whole']);
  await opened.image.read(...(await placeOf('/c')));
  expect(requests.slice(1).every(line => /^\/image\.img bytes=/.test(line))).toBe(true);
  expect(requests.length).toBeGreaterThan(1);
});
