import { ZSTDDecoder } from 'zstddec';

import { SnapshotError } from './error';

/** Decompresses a frame of known size. What it answers holds until it is called again. */
export type Decode = (bytes: Uint8Array, uncompressed: number) => Uint8Array;

/** What is used of the library's WebAssembly: the C functions of zstd. */
interface IExports {
  memory: WebAssembly.Memory;
  malloc(size: number): number;
  free(address: number): void;
  /** Answers how many bytes it has written, or the code of an error, which is larger than any size. */
  ZSTD_decompress(
    target: number,
    capacity: number,
    source: number,
    size: number
  ): number;
}

let decode: Promise<Decode> | undefined;

/**
 * zstd, which no browser offers to scripts.
 *
 * The library's own `decode` copies each frame out of its memory into a new buffer, which costs as much as to decode it.
 */
export function loadZstd(): Promise<Decode> {
  decode ??= instantiate();
  return decode;
}

async function instantiate(): Promise<Decode> {
  const { instance } = await WebAssembly.instantiate(codeOfLibrary(), {
    env: { emscripten_notify_memory_growth() {} }
  });
  const zstd = instance.exports as unknown as IExports;
  return (bytes, uncompressed) => {
    const source = zstd.malloc(bytes.length);
    const target = zstd.malloc(uncompressed);
    try {
      if (source === 0 || target === 0) {
        throw new SnapshotError('there is not enough memory to decompress a frame');
      }
      new Uint8Array(zstd.memory.buffer).set(bytes, source);
      const size = zstd.ZSTD_decompress(target, uncompressed, source, bytes.length);
      if (size !== uncompressed) {
        throw new SnapshotError('a frame cannot be decompressed');
      }
      return new Uint8Array(zstd.memory.buffer, target, uncompressed);
    } finally {
      zstd.free(source);
      zstd.free(target);
    }
  };
}

/**
 * The library's WebAssembly. It carries it as a `data:` URL in base64, which it fetches when it is initialized: that is
 * not answered, also because a Content-Security-Policy may forbid it.
 */
function codeOfLibrary(): Uint8Array<ArrayBuffer> {
  const { fetch } = globalThis;
  let url = '';
  globalThis.fetch = request => {
    url = String(request);
    return new Promise(() => undefined);
  };
  try {
    void new ZSTDDecoder().init();
  } finally {
    globalThis.fetch = fetch;
  }
  const [, base64 = ''] = url.split('base64,');
  return Uint8Array.from(atob(base64), char => char.charCodeAt(0));
}
