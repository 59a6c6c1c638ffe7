import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { beforeAll, describe, expect, test, vi } from 'vitest';

import { SnapshotError } from '../../../src/runtime/snapshot';
import type { CreatePyodideModule } from '../../../src/runtime/create-module';
import type { ITakenFile } from './course';
import { createPyodideModule, restored, take } from './course';

/** A runtime in which something is not as it was. */
function runtimeWith(
  change: (settings: Parameters<CreatePyodideModule>[0]) => void
): CreatePyodideModule {
  return async settings => {
    change(settings);
    return createPyodideModule(settings);
  };
}

describe('a snapshot that does not fit', () => {
  let snapshot: ITakenFile;
  let size: number;

  beforeAll(async () => {
    snapshot = await take({ modules: ['PIL.Image'] });
    ({ size } = snapshot);
  });

  function damaged(change: (bytes: Buffer) => void): ITakenFile {
    const bytes = readFileSync(snapshot.path);
    change(bytes);
    const path = `${snapshot.path}.damaged`;
    writeFileSync(path, bytes);
    return { ...snapshot, path };
  }

  const refusal = async (start: Promise<unknown>): Promise<string> => {
    const error: unknown = await start.then(
      () => null,
      (reason: unknown) => reason
    );
    expect(error).toBeInstanceOf(SnapshotError);
    return (error as SnapshotError).message;
  };

  test('because its digest differs', async () => {
    const other = { ...snapshot, head: { ...snapshot.head, sha256: '0'.repeat(64) } };
    expect(await refusal(restored(other))).toMatch(/digest of its header/);
  });

  test.each([
    ['first', () => 3000],
    ['last', (bytes: Buffer) => bytes.length - 9]
  ])('because a bit of its %s frame is wrong', async (_, at) => {
    const file = damaged(bytes => {
      bytes[at(bytes)] ^= 1;
    });
    expect(await refusal(restored(file))).toMatch(/frame \d+ of \d+ is damaged/);
  });

  test('because the file ends too early', async () => {
    const bytes = readFileSync(snapshot.path);
    const path = `${snapshot.path}.short`;
    writeFileSync(path, bytes.subarray(0, size - 100));
    expect(await refusal(restored({ ...snapshot, path }))).toMatch(
      /has \d+ bytes, its header says \d+/
    );
  });

  test('because Pyodide is another build', async () => {
    const pyodide = { BUILD_ID: 'ab'.repeat(32) };
    expect(await refusal(restored(snapshot, pyodide))).toMatch(
      /another build of Pyodide/
    );
  });

  test('because there is too little memory', async () => {
    const { Memory } = WebAssembly;
    // What Emscripten and Pyodide make themselves is small.
    const tooLarge = vi
      .spyOn(WebAssembly, 'Memory')
      .mockImplementation(function (descriptor) {
        if (descriptor.initial > 256) throw new RangeError('could not allocate memory');
        return new Memory(descriptor);
      });
    const message = await refusal(restored(snapshot));
    tooLarge.mockRestore();
    expect(message).toMatch(/does not give the \d+ MB of memory/);
  });

  test('because the libraries are not linked into the runtime', async () => {
    const path = createRequire(import.meta.url).resolve('pyodide/pyodide.asm.wasm');
    const plain = { ...snapshot, linked: { ...snapshot.linked, path } };
    expect(await refusal(restored(plain))).toMatch(
      /libraries are not linked into the runtime/
    );
  });

  test('because the engine has not the features of the build machine', async () => {
    const other = runtimeWith(settings => {
      const module = settings as unknown as {
        onRuntimeInitialized(): void;
        wasmTable: WebAssembly.Table;
      };
      module.onRuntimeInitialized = () => module.wasmTable.grow(1);
    });
    expect(await refusal(restored(snapshot, { createPyodideModule: other }))).toMatch(
      /has \d+ functions in its table where the snapshot expects/
    );
  });
});
