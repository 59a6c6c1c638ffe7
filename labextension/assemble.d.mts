/** The text of `src/image/crc32-wasm.ts`. */
export function assembled(): Promise<string>;
