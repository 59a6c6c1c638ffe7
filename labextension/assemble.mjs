// Assembles the WebAssembly of src/image: `node assemble.mjs` writes crc32-wasm.ts out of crc32.wat. A test tells when
// it has been forgotten.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const folder = new URL('src/image/', import.meta.url);

/** The text of `crc32-wasm.ts`. */
export async function assembled() {
  const { parseWat } = await wabt();
  const text = await readFile(new URL('crc32.wat', folder), 'utf8');
  const { buffer } = parseWat('crc32.wat', text, { simd: true }).toBinary({});
  const lines = Buffer.from(buffer)
    .toString('base64')
    .match(/.{1,76}/g);
  return [
    '/** `crc32.wat`, assembled by `jlpm build:wasm`; in base64. */',
    'export const CRC32_WASM =',
    ...lines.map((line, i) => `  '${line}'${i + 1 < lines.length ? ' +' : ';'}`),
    ''
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(new URL('crc32-wasm.ts', folder), await assembled());
}
