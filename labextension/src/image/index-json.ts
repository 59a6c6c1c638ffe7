/** The index as its JSON has it (section 3 of the format); the order of the keys is part of it. */
export interface IIndexJson {
  files: { filename: string; start: number; end: number }[];
  frozenfs: {
    version: 1;
    chunk: number;
    boot: number;
    base: string | null;
    modes: number[];
    mtimes: number[];
    directories: [path: string, mode: number, mtime: number][];
    links: [path: string, target: string, mtime: number][];
    whiteouts: string[];
    crc32: number[];
  };
  remote_package_size: number;
}

/** More bytes of index than any tree needs; a reader has it in memory at once. */
export const LARGEST_INDEX = 2 ** 28;

const LEAST_CHUNK = 262144;
const MOST_CHUNKS = 16000;

/** The index of no files. */
export function emptyIndex(base: string | null, whiteouts: string[]): IIndexJson {
  return {
    files: [],
    frozenfs: {
      version: 1,
      chunk: LEAST_CHUNK,
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

/** The data of `.vfs-index.json`. `JSON.stringify` escapes just what the format asks for. */
export function encodeIndex(index: IIndexJson): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(index));
}

/** The chunk size of an image whose index begins at `end` (section 4 of the format). */
export function chunkSize(end: number): number {
  let chunk = LEAST_CHUNK;
  while (Math.ceil(end / chunk) + 1 > MOST_CHUNKS) chunk *= 2;
  return chunk;
}
