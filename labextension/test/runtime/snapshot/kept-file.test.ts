import { afterEach, describe, expect, it, vi } from 'vitest';

import { deferred } from '../../../src/runtime/snapshot/deferred';
import { openKeptFile } from '../../../src/runtime/snapshot/kept-file';

/** A browser's file system with one file, which is opened when `opening` says so. */
function fileSystem(opening: Promise<unknown>): void {
  const file = { createSyncAccessHandle: () => opening };
  const folder = { getFileHandle: async () => file };
  const root = { getDirectoryHandle: async () => folder };
  vi.stubGlobal('navigator', { storage: { getDirectory: async () => root } });
}

describe('the file that a start has kept', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('is open when the browser answers', async () => {
    const handle = { close: vi.fn() };
    fileSystem(Promise.resolve(handle));
    expect(await openKeptFile('00ff')).toEqual({ sha256: '00ff', handle });
    expect(handle.close).not.toHaveBeenCalled();
  });

  it('is none when the browser refuses', async () => {
    fileSystem(Promise.reject(new DOMException('', 'NoModificationAllowedError')));
    expect(await openKeptFile('00ff')).toBeNull();
  });

  it('is none when the browser does not answer, and is closed when it does later', async () => {
    const { promise, resolve } = deferred<unknown>();
    fileSystem(promise);
    expect(await openKeptFile('00ff', 20)).toBeNull();
    const handle = { close: vi.fn() };
    resolve(handle);
    await vi.waitFor(() => expect(handle.close).toHaveBeenCalledOnce());
  });
});
