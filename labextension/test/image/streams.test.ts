import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';

import { ImageError, ImageReader } from '../../src/image';
import { MemorySource } from '../../src/source';
import { makeImage } from './make-image';

test('a chunk whose deflate stream ends before the chunk is refused, though its bytes are right', async () => {
  const image = makeImage([{ path: '/f', content: 'text' }], { compress: true });
  const body = new Uint8Array(makeImage([{ path: '/f', content: 'text' }])).subarray(
    0,
    1024
  );
  const junk = Buffer.from([0, 0, 0, 0xff, 0xff]);
  const bytes = replaceChunk(image, 0, Buffer.concat([deflateRawSync(body), junk]));
  const reader = await ImageReader.open(new MemorySource(bytes));
  expect(() => reader.readSync(512, 516)).toThrow('chunk 0 does not inflate');
});

test('a last chunk with something behind the end of its stream is refused', async () => {
  const image = makeImage([{ path: '/f', content: 'text' }], { compress: true });
  const at = 36 + 4 * 2 + new DataView(image.buffer).getUint32(36, true);
  const last = image.subarray(at, image.length - 8);
  const bytes = replaceChunk(image, 1, Buffer.concat([last, Buffer.from('junk')]));
  const opening = ImageReader.open(new MemorySource(bytes));
  await expect(opening).rejects.toThrow(ImageError);
  await expect(opening).rejects.toThrow('chunk 1 does not inflate');
});

/** Another stream in the place of one of the two chunks of a compressed image. */
function replaceChunk(image: Uint8Array, chunk: 0 | 1, stream: Uint8Array): Uint8Array {
  const head = 36 + 4 * 2;
  const first = new DataView(image.buffer).getUint32(36, true);
  const streams = [
    image.subarray(head, head + first),
    image.subarray(head + first, image.length - 8)
  ];
  streams[chunk] = stream;
  const bytes = Buffer.concat([
    image.subarray(0, head),
    ...streams,
    image.subarray(-8)
  ]);
  streams.forEach((one, i) => bytes.writeUInt32LE(one.length, 36 + 4 * i));
  return new Uint8Array(bytes);
}
