import { createSHA256 } from 'hash-wasm';

import type { IWatchOptions } from './archive';
import { archiveChunks, watched } from './archive';
import type { Crc32 } from './crc32';
import { loadCrc32 } from './crc32';
import { deflateChunk } from './deflate';
import { encodeGzipHead, encodeGzipTrailer, gzipHeaderSize } from './gzip';
import { chunkSize } from './index-json';
import { LastChunk } from './last-chunk';
import type { INewEntry } from './new-entry';
import type { IPlan, IPlanOptions } from './plan';
import { plan } from './plan';
import type { IOpenSink, Sink } from './sink';
import { openSink } from './sink';
import type { ISpool } from './spool';
import { BlobSpool } from './spool';

/** How an image is written. */
export interface IWriteOptions extends IPlanOptions, IWatchOptions {
  /** Make it one gzip member that can be read at random, otherwise a plain tar; true by default. */
  compress?: boolean;

  /** How much to compress, 0 to 9; 6 by default, which costs a quarter of the time of 9. */
  level?: number;

  /** Is told how many uncompressed bytes of files are written, and of how many. */
  onProgress?: (done: number, total: number) => void;

  /** Aborting stops the writer, which then throws the reason. */
  signal?: AbortSignal;

  /** Where compressed chunks wait for the header; Blobs by default. */
  spool?: ISpool;
}

/** Sizes and digest of the file of an image. */
export interface IImageSummary {
  /** Bytes of the file. */
  size: number;

  /** Digest of the file, 64 hexadecimal digits in lower case. */
  sha256: string;

  /** Bytes of the tar archive. */
  uncompressedSize: number;

  /** Bytes of the file's prefix that hold the whole boot list, its last chunk included. */
  boot: number;

  /** Offset in the file of the last chunk, which holds the index. */
  lastChunk: number;

  /** Count of regular files, hard links included. */
  files: number;

  /** Count of chunks, the last one included. */
  chunks: number;
}

/** Takes the bytes of the file. */
type Emit = (bytes: Uint8Array) => Promise<void>;

/** What was written, when nobody asked for the digest. */
export type IUndigested = Omit<IImageSummary, 'sha256'>;

/**
 * Write a tree as an image.
 *
 * The same tree and boot list give the same uncompressed bytes, here and in Python. Contents are
 * streamed: memory grows with the number of entries, not with their sizes.
 *
 * ```ts
 * const pieces: Uint8Array[] = [];
 * const { sha256 } = await writeImage(bytes => void pieces.push(bytes), entries);
 * ```
 *
 * @param sink - Gets the bytes of the file, from its first to its last. A stream is closed when the
 * image is complete, and aborted when it will never be.
 * @param entries - The tree, in any order. Missing parents are added.
 *
 * @throws ImageError when the format cannot hold the tree, or a file changes meanwhile.
 */
export async function writeImage(
  sink: Sink,
  entries: Iterable<INewEntry> | AsyncIterable<INewEntry>,
  options?: IWriteOptions
): Promise<IImageSummary>;
/** The same; `sha256: false` leaves the digest out, which takes longer than all the rest. */
export async function writeImage(
  sink: Sink,
  entries: Iterable<INewEntry> | AsyncIterable<INewEntry>,
  options: IWriteOptions & { sha256?: boolean }
): Promise<IUndigested & Partial<IImageSummary>>;
export async function writeImage(
  sink: Sink,
  entries: Iterable<INewEntry> | AsyncIterable<INewEntry>,
  options: IWriteOptions & { sha256?: boolean } = {}
): Promise<IUndigested & Partial<IImageSummary>> {
  const { compress = true, level = 6 } = options;
  if (!Number.isInteger(level) || level < 0 || level > 9) {
    throw new RangeError(`expected a level from 0 to 9, found ${level}`);
  }
  const out = openSink(sink);
  try {
    const given = Symbol.iterator in entries ? entries : await gathered(entries);
    const planned = plan(given, options);
    const crc32 = await loadCrc32();
    const hasher = options.sha256 === false ? null : await createSHA256();
    let size = 0;
    const emit: Emit = async bytes => {
      hasher?.update(bytes);
      size += bytes.length;
      await out.write(bytes);
    };
    const sizes = compress
      ? await writeCompressed(planned, crc32, emit, { ...options, level })
      : await writePlain(planned, crc32, emit, out, options);
    await out.close();
    return {
      size,
      ...(hasher && { sha256: hasher.digest() }),
      files: planned.index.files.length,
      ...sizes
    };
  } catch (error) {
    await out.abort(error).catch(() => undefined);
    throw error;
  }
}

type Sizes = Pick<IImageSummary, 'uncompressedSize' | 'boot' | 'lastChunk' | 'chunks'>;

async function writePlain(
  planned: IPlan,
  crc32: Crc32,
  emit: Emit,
  out: IOpenSink,
  options: IWriteOptions
): Promise<Sizes> {
  const { boot } = planned.index.frozenfs;
  const end = planned.index.remote_package_size;
  const crcs: number[] = [];
  const last = new LastChunk(planned);
  out.reserve?.(end + last.longest);
  const chunks = archiveChunks(planned, chunkSize(end), out.allocate?.bind(out));
  for await (const chunk of watched(chunks, end, options)) {
    crcs.push(crc32(chunk));
    await emit(chunk);
  }
  const bytes = last.make(crcs, crc32);
  await emit(bytes);
  const uncompressedSize = end + bytes.length;
  return { uncompressedSize, boot, lastChunk: end, chunks: crcs.length + 1 };
}

async function writeCompressed(
  planned: IPlan,
  crc32: Crc32,
  emit: Emit,
  options: IWriteOptions & { level: number }
): Promise<Sizes> {
  const { level, spool = new BlobSpool() } = options;
  const end = planned.index.remote_package_size;
  const chunk = chunkSize(end);
  let total = 0;
  const crcs: number[] = [];
  const lengths: number[] = [];
  const add = async (bytes: Uint8Array, isLast: boolean) => {
    total = crc32(bytes, total);
    const deflated = deflateChunk(bytes, level, isLast);
    lengths.push(deflated.length);
    await spool.write(deflated);
  };
  for await (const bytes of watched(archiveChunks(planned, chunk), end, options)) {
    crcs.push(crc32(bytes));
    await add(bytes, false);
  }
  const last = new LastChunk(planned).make(crcs, crc32);
  await add(last, true);
  const uncompressedSize = end + last.length;
  const head = { chunk, size: uncompressedSize, lastCrc: crc32(last) };
  await emit(encodeGzipHead(head, lengths));
  for await (const bytes of spool.read()) {
    options.signal?.throwIfAborted();
    await emit(bytes);
  }
  await emit(encodeGzipTrailer(total, uncompressedSize));
  const offset = (count: number) =>
    lengths.slice(0, count).reduce((sum, n) => sum + n, gzipHeaderSize(lengths.length));
  return {
    uncompressedSize,
    boot: offset(Math.ceil(planned.index.frozenfs.boot / chunk)),
    lastChunk: offset(crcs.length),
    chunks: lengths.length
  };
}

async function gathered(entries: AsyncIterable<INewEntry>): Promise<INewEntry[]> {
  const list: INewEntry[] = [];
  for await (const entry of entries) list.push(entry);
  return list;
}
