import { CRC32_WASM } from './crc32-wasm';

/**
 * CRC-32 as gzip has it (polynomial 0xEDB88320), as an unsigned number.
 *
 * @param before - The CRC-32 of what comes before the bytes, if anything does.
 */
export type Crc32 = (bytes: Uint8Array, before?: number) => number;

/** What `crc32.wat` exports. */
interface IExports {
  memory: WebAssembly.Memory;
  makeTables(): void;
  /** Go on with a CRC over the `size` bytes of the message, which is spoiled by it. */
  update(crc: number, size: number): number;
}

/** Where `crc32.wat` has its message, and how much of a message is there at once: a chunk of most images. */
const MESSAGE = 16384;
const PIECE = 2 ** 18;

let instance: Promise<Crc32> | undefined;

/**
 * The CRC-32 function.
 *
 * Compiling it is asynchronous, calling it is not: all readers share one instance.
 */
export function loadCrc32(): Promise<Crc32> {
  instance ??= instantiate();
  return instance;
}

async function instantiate(): Promise<Crc32> {
  const code = Uint8Array.from(atob(CRC32_WASM), digit => digit.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(code);
  const { memory, makeTables, update } = instance.exports as unknown as IExports;
  makeTables();
  const message = new Uint8Array(memory.buffer, MESSAGE, PIECE);
  return (bytes, before = 0) => {
    let crc = ~before;
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      message.set(piece);
      crc = update(crc, piece.length);
    }
    return ~crc >>> 0;
  };
}
