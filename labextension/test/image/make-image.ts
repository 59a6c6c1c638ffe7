/**
 * Images for tests, made as docs/format.md says and no faster than they must be.
 *
 * It shares no code with the reader, so that the two do not share a mistake.
 */
import { constants, crc32, deflateRawSync } from 'node:zlib';

/** A file has content, a link a target, a directory neither. */
export interface ITestEntry {
  path: string;
  mode?: number;
  mtime?: number;
  content?: string | Uint8Array;
  target?: string;
  /** The path of an earlier file whose bytes this one shares. */
  hardLink?: string;
}

export interface ITestOptions {
  boot?: string[];
  compress?: boolean;
  base?: string | null;
  whiteouts?: string[];
  /** Change the index before it is written. */
  tamper?: (index: ITestIndex) => void;
}

/** The JSON of the index. */
export interface ITestIndex {
  files: { filename: string; start: number; end: number }[];
  frozenfs: {
    version: number;
    chunk: number;
    boot: number;
    base: string | null;
    modes: number[];
    mtimes: number[];
    directories: [string, number, number][];
    links: [string, string, number][];
    whiteouts: string[];
    crc32: number[];
  };
  remote_package_size: number;
}

const BLOCK = 512;
const CHUNK = 262144;

export function makeImage(
  entries: ITestEntry[],
  options: ITestOptions = {}
): Uint8Array {
  const { boot = [], compress = false } = options;
  const rest = entries
    .filter(({ path }) => !boot.includes(path))
    .sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const first = boot.map(path => entries.find(entry => entry.path === path)!);
  const isDirectory = ({ content, target, hardLink }: ITestEntry) =>
    content === undefined && target === undefined && hardLink === undefined;
  const leaves = rest.filter(entry => !isDirectory(entry));
  const directories = rest.filter(isDirectory).reverse();
  const archive = new Archive();
  const index = emptyIndex(options);
  for (const [i, entry] of [...first, ...leaves, ...directories].entries()) {
    if (i === boot.length && i > 0) index.frozenfs.boot = archive.size;
    addEntry(archive, index, entry);
  }
  if (boot.length > 0 && rest.length === 0) index.frozenfs.boot = archive.size;
  index.frozenfs.directories.reverse();
  const end = archive.size;
  const body = archive.bytes();
  for (let at = 0; at < end; at += CHUNK) {
    index.frozenfs.crc32.push(crc32(body.subarray(at, Math.min(at + CHUNK, end))));
  }
  index.remote_package_size = end;
  options.tamper?.(index);
  const last = indexTail(index, end);
  if (!compress) return new Uint8Array(Buffer.concat([body, last]));
  const chunks: Buffer[] = [];
  for (let at = 0; at < end; at += CHUNK) {
    chunks.push(deflateChunk(body.subarray(at, Math.min(at + CHUNK, end))));
  }
  return gzipMember(chunks, end, last, crc32(last, crc32(body)));
}

/** The index of no files. */
export function emptyIndex({
  base = null,
  whiteouts = []
}: ITestOptions = {}): ITestIndex {
  return {
    files: [],
    frozenfs: {
      version: 1,
      chunk: CHUNK,
      boot: 0,
      base,
      modes: [],
      mtimes: [],
      directories: [],
      links: [],
      whiteouts,
      crc32: []
    },
    remote_package_size: 0
  };
}

/** What follows the files of an archive: the index and the trailer. */
export function indexTail(index: ITestIndex, end: number): Uint8Array {
  const data = Buffer.from(JSON.stringify(index));
  const archive = new Archive();
  archive.header('.vfs-index.json', 0o644, 0, data.length, '0');
  archive.data(data);
  archive.push(new Uint8Array(2 * BLOCK));
  archive.push(trailer(data, end));
  return archive.bytes();
}

/** A chunk, deflated so that others can follow. */
export function deflateChunk(bytes: Uint8Array): Buffer {
  return deflateRawSync(bytes, { finishFlush: constants.Z_FULL_FLUSH });
}

/** A compressed image. */
export function gzipMember(
  deflated: Buffer[],
  end: number,
  last: Uint8Array,
  crc: number
): Uint8Array {
  const chunks = [...deflated, deflateRawSync(last)];
  const size = end + last.length;
  const head = Buffer.alloc(12 + 4 + 20 + 4 * chunks.length);
  head.set([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255]);
  head.writeUInt16LE(head.length - 12, 10);
  head.write('FZ', 12);
  head.writeUInt16LE(head.length - 16, 14);
  head.writeUInt16LE(1, 16);
  head.writeUInt32LE(CHUNK, 20);
  head.writeBigUInt64LE(BigInt(size), 24);
  head.writeUInt32LE(crc32(last), 32);
  chunks.forEach((bytes, i) => head.writeUInt32LE(bytes.length, 36 + 4 * i));
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc, 0);
  tail.writeUInt32LE(size % 2 ** 32, 4);
  return new Uint8Array(Buffer.concat([head, ...chunks, tail]));
}

function addEntry(archive: Archive, index: ITestIndex, entry: ITestEntry): void {
  const { path, mtime = 1_700_000_000 } = entry;
  const own = index.frozenfs;
  if (entry.target !== undefined) {
    archive.entry(path.slice(1), 0o777, mtime, 0, '2', entry.target);
    own.links.push([path, entry.target, mtime]);
  } else if (entry.hardLink !== undefined) {
    const mode = entry.mode ?? 0o644;
    const original = index.files.find(file => file.filename === entry.hardLink)!;
    archive.entry(path.slice(1), mode, mtime, 0, '1', entry.hardLink.slice(1));
    index.files.push({ ...original, filename: path });
    own.modes.push(mode);
    own.mtimes.push(mtime);
  } else if (entry.content !== undefined) {
    const mode = entry.mode ?? 0o644;
    const bytes = Buffer.from(entry.content as Uint8Array);
    archive.entry(path.slice(1), mode, mtime, bytes.length, '0');
    const start = archive.size;
    archive.data(bytes);
    index.files.push({ filename: path, start, end: start + bytes.length });
    own.modes.push(mode);
    own.mtimes.push(mtime);
  } else {
    const mode = entry.mode ?? 0o755;
    archive.entry(`${path.slice(1)}/`, mode, mtime, 0, '5');
    own.directories.push([path, mode, mtime]);
  }
}

function trailer(data: Uint8Array, end: number): Uint8Array {
  const bytes = Buffer.alloc(32);
  bytes.write('frzn', 0);
  bytes.writeUInt32BE(1, 4);
  bytes.writeUInt32BE(crc32(data), 8);
  bytes.write('webR', 16);
  bytes.writeUInt32BE(end / BLOCK + 1, 24);
  bytes.writeUInt32BE(data.length, 28);
  return bytes;
}

/** A tar archive that grows. */
class Archive {
  private readonly pieces: Uint8Array[] = [];
  size = 0;

  push(bytes: Uint8Array): void {
    this.pieces.push(bytes);
    this.size += bytes.length;
  }

  /** Bytes, padded to whole blocks. */
  data(bytes: Uint8Array): void {
    this.push(bytes);
    this.push(new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }

  /** A header, with the pax records that its fields have no room for. */
  entry(
    name: string,
    mode: number,
    mtime: number,
    size: number,
    type: string,
    target = ''
  ): void {
    const records = [
      ...(fits(target) ? [] : [['linkpath', target]]),
      ...(mtime < 8 ** 11 ? [] : [['mtime', String(mtime)]]),
      ...(fits(name) ? [] : [['path', name]])
    ].map(([key, value]) => paxRecord(key, value));
    if (records.length > 0) {
      const bytes = Buffer.concat(records);
      this.header('PaxHeader', 0o644, 0, bytes.length, 'x');
      this.data(bytes);
    }
    this.header(
      plain(name),
      mode,
      mtime < 8 ** 11 ? mtime : 0,
      size,
      type,
      plain(target)
    );
  }

  header(
    name: string,
    mode: number,
    mtime: number,
    size: number,
    type: string,
    target = ''
  ): void {
    const block = Buffer.alloc(BLOCK);
    const octal = (value: number, digits: number) =>
      `${value.toString(8).padStart(digits, '0')}\0`;
    block.write(name, 0, 'latin1');
    block.write(octal(mode, 7) + octal(0, 7) + octal(0, 7), 100);
    block.write(octal(size, 11) + octal(mtime, 11) + ' '.repeat(8) + type, 124);
    block.write(target, 157, 'latin1');
    block.write('ustar\x0000', 257, 'latin1');
    block.write(octal(0, 7) + octal(0, 7), 329);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${octal(sum, 6)} `, 148);
    this.push(block);
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.pieces));
  }
}

function fits(text: string): boolean {
  return text.length <= 100 && /^[\x20-\x7e]*$/.test(text);
}

function plain(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, '_')
    .slice(0, 100);
}

function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length;
  }
  return Buffer.concat([Buffer.from(String(length)), rest]);
}
