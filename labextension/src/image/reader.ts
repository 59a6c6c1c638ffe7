import { createSHA256 } from 'hash-wasm';

import { ChunkCache } from './cache';
import { Chunks } from './chunks';
import { loadCrc32 } from './crc32';
import { ImageError } from './error';
import type { ImageIndex } from './image-index';
import { readLayout } from './layout';
import { inflateRun } from './preload';
import { Pacer } from './pause';
import type { IReadable } from './readable';

/** How an image is opened. */
export interface IImageOptions {
  /** Bytes of inflated chunks to keep in memory; 32 MiB by default. */
  cacheBytes?: number;

  /** Where the last chunk lies in the file, when that is known: it saves waiting for the head. */
  lastChunk?: { offset: number };

  /** SHA-256 of the file, when that is known: layers name their base by it. */
  sha256?: string;
}

/** How much of the file is in memory at once when it is read whole. */
const PIECE = 2 ** 20;

/**
 * How many uncompressed bytes are gone through without looking up. A browser takes as long to begin a read of a part of a
 * Blob as to read 16 MiB of it.
 */
const RUN = 2 ** 26;

/**
 * Reads ranges of the uncompressed archive of an image, compressed or not.
 *
 * No byte is handed out before the CRC-32 of its chunk has been checked.
 */
export class ImageReader {
  // Of the read before: most reads stay in its chunk.
  private lastStart = 0;
  private lastBytes: Uint8Array = new Uint8Array(0);
  private readonly chunkSize: number;

  private constructor(
    private readonly source: IReadable,
    private readonly chunks: Chunks,
    private readonly cache: ChunkCache,
    private knownSha256: string | undefined
  ) {
    this.chunkSize = chunks.layout.index.chunk;
  }

  /**
   * Read the index of an image.
   *
   * @throws ImageError when it is no image, or a damaged one.
   */
  static async open(
    source: IReadable,
    options: IImageOptions = {}
  ): Promise<ImageReader> {
    const crc32 = await loadCrc32();
    const layout = await readLayout(source, crc32, options.lastChunk?.offset);
    // What is in memory already costs nothing to keep: each chunk is then checked once.
    const free = source.bytes !== undefined && !layout.compressed;
    const budget = free ? Infinity : (options.cacheBytes ?? 32 * 2 ** 20);
    return new ImageReader(
      source,
      new Chunks(source, layout, crc32),
      new ChunkCache(budget),
      options.sha256
    );
  }

  get name(): string {
    return this.source.name;
  }

  /** Bytes of the file. */
  get size(): number {
    return this.source.size;
  }

  /** Bytes of the tar archive. */
  get uncompressedSize(): number {
    return this.chunks.layout.uncompressedSize;
  }

  get compressed(): boolean {
    return this.chunks.layout.compressed;
  }

  get index(): ImageIndex {
    return this.chunks.layout.index;
  }

  /** SHA-256 of the file, when it was given or found out; 64 hexadecimal digits in lower case. */
  get sha256(): string | undefined {
    return this.knownSha256;
  }

  /** Find out the SHA-256 of the file, by reading all of it. */
  async digest(): Promise<string> {
    const hasher = await createSHA256();
    for await (const piece of this.bytes()) hasher.update(piece);
    return (this.knownSha256 = hasher.digest());
  }

  /** The file itself, piece by piece. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    const { source } = this;
    for (let at = 0; at < source.size; at += PIECE) {
      yield await source.read(at, Math.min(PIECE, source.size - at));
    }
  }

  /** Uncompressed bytes of the boot prefix. */
  get bootSize(): number {
    return this.index.boot;
  }

  /**
   * Have the chunks of `[0, end)` in memory until `release`.
   *
   * @param end - In uncompressed bytes; the boot prefix by default.
   * @param onProgress - Is told how many uncompressed bytes are there, and of how many.
   */
  async preload(
    end = this.bootSize,
    onProgress?: (done: number, total: number) => void
  ): Promise<void> {
    this.check(0, end);
    const count = Math.ceil(end / this.chunkSize);
    const total = Math.min(count * this.chunkSize, this.chunks.layout.end);
    let first = 0;
    while (first < count && this.cache.isPinned(first)) first++;
    await inflateRun(this.chunks, first, count, (chunk, bytes) => {
      this.cache.pin(chunk, bytes);
      onProgress?.(Math.min((chunk + 1) * this.chunkSize, total), total);
    });
  }

  /**
   * Go through all chunks in their order, each checked, and keep none.
   *
   * @param accept - Is given some bytes of the uncompressed archive, where they begin, and whether their buffer is
   * nobody else's: otherwise they may be a view of what is not to be written to.
   *
   * @throws ImageError when a chunk is damaged.
   */
  async scan(
    accept: (bytes: Uint8Array, start: number, isOwn: boolean) => void,
    signal?: AbortSignal
  ): Promise<void> {
    const { chunks, chunkSize, compressed } = this;
    const pacer = new Pacer(signal);
    const run = Math.max(1, Math.floor(RUN / chunkSize));
    const isOwn = !compressed && this.source.givesOwn;
    const load = (first: number) => {
      if (!isOwn || first >= chunks.count) return undefined;
      const loading = chunks.loadRun(first, Math.min(first + run, chunks.count));
      loading.catch(() => undefined); // reported by who waits for it
      return loading;
    };
    // The next bytes are on their way while these are checked.
    let loading = load(0);
    for (let first = 0; first < chunks.count; first += run) {
      const end = Math.min(first + run, chunks.count);
      if (loading) {
        const next = load(end);
        accept(await loading, first * chunkSize, true);
        loading = next;
      } else {
        await inflateRun(chunks, first, end, (chunk, bytes) =>
          accept(bytes, chunk * chunkSize, compressed)
        );
      }
      await pacer.rest();
    }
  }

  /** Uncompressed bytes of the files, with their headers. */
  get archiveSize(): number {
    return this.chunks.layout.end;
  }

  /** What was preloaded may leave memory from now on. */
  release(): void {
    this.cache.release();
  }

  /**
   * Bytes `[start, end)` of the uncompressed archive. They may be a view: do not write to them.
   *
   * @throws ImageError when a chunk is damaged; what the source throws when it cannot be read.
   */
  readSync(start: number, end: number): Uint8Array {
    this.check(start, end);
    const chunk = Math.floor(start / this.chunkSize);
    const from = chunk * this.chunkSize;
    if (end > start && end <= from + this.chunkSize) {
      return this.chunkSync(chunk).subarray(start - from, end - from);
    }
    const bytes = new Uint8Array(end - start);
    this.readIntoSync(bytes, start);
    return bytes;
  }

  /**
   * The same, copied straight into `target[offset, offset + length)`.
   *
   * @param start - Where to begin in the uncompressed archive.
   */
  readIntoSync(
    target: Uint8Array,
    start: number,
    offset = 0,
    length = target.length - offset
  ): void {
    const within = start - this.lastStart;
    if (within >= 0 && length > 0 && within + length <= this.lastBytes.length) {
      target.set(this.lastBytes.subarray(within, within + length), offset);
      return;
    }
    this.check(start, start + length);
    while (length > 0) {
      const chunk = Math.floor(start / this.chunkSize);
      const bytes = this.chunkSync(chunk);
      const from = start - chunk * this.chunkSize;
      const count = Math.min(length, bytes.length - from);
      target.set(bytes.subarray(from, from + count), offset);
      start += count;
      offset += count;
      length -= count;
    }
  }

  /** Bytes `[start, end)` of the uncompressed archive. */
  async read(start: number, end: number): Promise<Uint8Array> {
    this.check(start, end);
    const bytes = new Uint8Array(end - start);
    for (let at = start; at < end;) {
      const chunk = Math.floor(at / this.chunkSize);
      let loaded = this.cache.get(chunk);
      if (!loaded) {
        loaded = await this.chunks.load(chunk);
        this.cache.add(chunk, loaded);
      }
      const from = at - chunk * this.chunkSize;
      const count = Math.min(end - at, loaded.length - from);
      bytes.set(loaded.subarray(from, from + count), at - start);
      at += count;
    }
    return bytes;
  }

  private chunkSync(chunk: number): Uint8Array {
    let bytes = this.cache.get(chunk);
    if (!bytes) {
      bytes = this.chunks.loadSync(chunk);
      this.cache.add(chunk, bytes);
    }
    this.lastStart = chunk * this.chunkSize;
    this.lastBytes = bytes;
    return bytes;
  }

  private check(start: number, end: number): void {
    if (!(start >= 0 && start <= end && end <= this.chunks.layout.end)) {
      throw new ImageError(
        this.name,
        `bytes ${start} to ${end} are not within its ${this.chunks.layout.end} bytes of files`,
        'This is an error of the program that asked for them.'
      );
    }
  }
}
