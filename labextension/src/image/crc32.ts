import { createCRC32 } from 'hash-wasm';

/** CRC-32 as gzip has it (polynomial 0xEDB88320), as an unsigned number. */
export type Crc32 = (bytes: Uint8Array) => number;

/** What is used of Node's `process`; browsers have none. */
interface IProcess {
  getBuiltinModule?(name: string): { crc32?: Crc32 } | undefined;
}

let instance: Promise<Crc32> | undefined;

/**
 * The CRC-32 function: Node's own where it has one, which is several times as fast, else one in WebAssembly.
 *
 * Compiling it is asynchronous, calling it is not: all readers share one instance.
 */
export function loadCrc32(): Promise<Crc32> {
  instance ??= nativeCrc32() ?? wasmCrc32();
  return instance;
}

function nativeCrc32(): Promise<Crc32> | undefined {
  const { process } = globalThis as { process?: IProcess };
  const crc32 = process?.getBuiltinModule?.('node:zlib')?.crc32;
  return crc32 && Promise.resolve((bytes: Uint8Array) => crc32(bytes));
}

/** The one that runs everywhere. */
export async function wasmCrc32(): Promise<Crc32> {
  const hasher = await createCRC32();
  return bytes => {
    const digest = hasher.init().update(bytes).digest('binary');
    return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
  };
}
