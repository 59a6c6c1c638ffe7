import type { IWatchOptions } from './archive';
import { archiveChunks, watched } from './archive';
import { loadCrc32 } from './crc32';
import { ImageError } from './error';
import { encodeGzipHead, gzipHeadSize, parseGzipHead } from './gzip';
import { chunkSize } from './index-json';
import { LastChunk } from './last-chunk';
import { plan } from './plan';
import type { ImageReader } from './reader';
import { bootList, entriesOf } from './rewrite';

/**
 * Check every byte of an image, also those that readers that go through the index never look at.
 *
 * It is written again, chunks checked by their CRC-32, and compared with what tar and gunzip see (section 8 of
 * the format).
 *
 * @throws ImageError at the first fault.
 */
export async function verify(
  image: ImageReader,
  options: IWatchOptions = {}
): Promise<void> {
  const { base, whiteouts } = image.index;
  const boot = bootList(image);
  const planned = plan(entriesOf(image), { boot, base, whiteouts });
  const end = planned.index.remote_package_size;
  const crc32 = await loadCrc32();
  const crcs: number[] = [];
  const archive = new Archive(image);
  try {
    const chunks = archiveChunks(planned, chunkSize(end));
    for await (const chunk of watched(chunks, end, options)) {
      crcs.push(crc32(chunk));
      await archive.compare(chunk);
    }
    await archive.compare(new LastChunk(planned).make(crcs, crc32));
    await archive.end();
  } finally {
    await archive.close();
  }
}

/** The archive of an image, from its first byte to its last, as other programs read it. */
class Archive {
  private readonly pieces: AsyncGenerator<Uint8Array>;
  private piece: Uint8Array = new Uint8Array(0);
  private position = 0;

  constructor(private readonly image: ImageReader) {
    this.pieces = image.compressed ? gunzipped(image) : image.bytes();
  }

  /** Refuse bytes that are not what should come next. */
  async compare(expected: Uint8Array): Promise<void> {
    for (let at = 0; at < expected.length;) {
      if (this.piece.length === 0 && !(await this.next())) {
        throw this.differs('ends');
      }
      const count = Math.min(expected.length - at, this.piece.length);
      for (let i = 0; i < count; i++, at++) {
        if (this.piece[i] !== expected[at]) {
          this.position += i;
          throw this.differs('is not what a writer makes of its index');
        }
      }
      this.position += count;
      this.piece = this.piece.subarray(count);
    }
  }

  /** Refuse anything more. */
  async end(): Promise<void> {
    if (this.piece.length > 0 || (await this.next())) throw this.differs('goes on');
  }

  async close(): Promise<void> {
    await this.pieces.return(undefined);
  }

  private async next(): Promise<boolean> {
    const { done, value } = await this.pieces.next();
    if (!done) this.piece = value;
    return !done;
  }

  private differs(how: string): ImageError {
    return new ImageError(
      this.image.name,
      `its archive ${how} at byte ${this.position}`
    );
  }
}

/** What the platform's gunzip makes of a compressed image, whose header is checked first. */
async function* gunzipped(image: ImageReader): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream('gzip');
  const writer = stream.writable.getWriter();
  let failure: unknown;
  const feeding = (async () => {
    let first = true;
    for await (const piece of image.bytes()) {
      if (first) checkHead(image, piece);
      first = false;
      await writer.write(piece as Uint8Array<ArrayBuffer>);
    }
    await writer.close();
  })().catch(async error => {
    failure = error;
    await writer.abort(error).catch(() => undefined);
  });
  const reader = stream.readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
  } catch (error) {
    await feeding;
    if (failure instanceof ImageError) throw failure;
    throw new ImageError(
      image.name,
      `gunzip stumbles over it: ${(error as Error).message}`,
      undefined,
      { cause: error }
    );
  } finally {
    await reader.cancel().catch(() => undefined);
    await feeding;
  }
}

/** Refuse a header that says the same as a writer would in other bytes. */
function checkHead(image: ImageReader, piece: Uint8Array): void {
  const bytes = piece.subarray(0, gzipHeadSize(piece));
  const { offsets, ...head } = parseGzipHead(image.name, bytes, image.size);
  const lengths = [...offsets.subarray(1)].map((offset, i) => offset - offsets[i]);
  const expected = encodeGzipHead(head, lengths);
  if (
    bytes.length !== expected.length ||
    bytes.some((byte, i) => byte !== expected[i])
  ) {
    throw new ImageError(
      image.name,
      'its gzip header is not in canonical form (section 4 of the format)'
    );
  }
}
