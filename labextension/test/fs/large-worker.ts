/** A kernel's worker that freezes a large tree into the store, or thaws it from there. See `large.test.ts`. */
import { createSHA256 } from 'hash-wasm';

import type { IEmscriptenFS } from '../../src/emscripten';
import { freeze, thaw } from '../../src/fs';
import { ImageReader } from '../../src/image';
import { BlobSource } from '../../src/source';
import { openStore } from '../../src/store';

const ROOT = '/work';
const MIB = 2 ** 20;

let FS: IEmscriptenFS;

/** Files of many sizes, one of them larger than 133 MB where that fits, of bytes that cannot be compressed. */
function sizes(mebibytes: number): number[] {
  const large = Math.floor(0.3 * mebibytes) * MIB;
  const left = mebibytes * MIB - large;
  const medium = Array.from({ length: 20 }, () => Math.floor(left / 40));
  const small = Array.from({ length: 1000 }, () => Math.floor(left / 2000));
  return [large, ...medium, ...small];
}

const calls = {
  async start() {
    const path = '/pyodide/pyodide.mjs';
    const { loadPyodide } = (await import(path)) as typeof import('pyodide');
    FS = (await loadPyodide()).FS as unknown as IEmscriptenFS;
  },

  async fill(mebibytes: number) {
    FS.mkdirTree(`${ROOT}/folder`);
    let state = 1;
    sizes(mebibytes).forEach((size, index) => {
      const words = new Uint32Array(Math.ceil(size / 4));
      for (let i = 0; i < words.length; i++) {
        words[i] = state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + i;
      }
      const bytes = new Uint8Array(words.buffer, 0, size);
      FS.writeFile(`${ROOT}/folder/${index}`, bytes, { canOwn: true } as never);
    });
  },

  async freeze() {
    const store = await openStore({ site: location.origin });
    await store.put('large', sink => freeze(FS, sink, { root: ROOT }), {
      origin: 'frozen',
      root: ROOT
    });
    store.close();
  },

  async thaw() {
    const store = await openStore({ site: location.origin });
    const { blob } = await store.get('large');
    const image = await ImageReader.open(new BlobSource(blob, 'large'));
    const { created } = await thaw(FS, image, { root: ROOT });
    store.close();
    return created.length;
  },

  async digest() {
    const hasher = await createSHA256();
    for (const name of FS.readdir(`${ROOT}/folder`).sort()) {
      if (name.startsWith('.')) continue;
      hasher.update(`${name}\n`);
      hasher.update(FS.readFile(`${ROOT}/folder/${name}`));
    }
    return hasher.digest();
  }
};

addEventListener('message', async ({ data: [name, argument] }) => {
  const call = calls[name as keyof typeof calls] as (argument: unknown) => unknown;
  try {
    postMessage({ value: await call(argument) });
  } catch (error) {
    postMessage({ failed: (error as Error).stack ?? String(error) });
  }
});
