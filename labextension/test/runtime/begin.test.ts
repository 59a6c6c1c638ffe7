import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { beginStart, endSnapshot } from '../../src/runtime/begin';

const URL = 'https://example.org/frozen/course/now/environment.json';
const SHA256 = 'ab'.repeat(32);

/** What a site would answer is of no matter here; what is asked for is. */
const fetched = vi.fn((_url: string) => new Promise<Response>(() => undefined));
const closed = vi.fn();
const opened = vi.fn((sha256: string) =>
  Promise.resolve({
    createSyncAccessHandle: () => Promise.resolve({ sha256, close: closed })
  })
);

beforeEach(() => {
  fetched.mockClear();
  opened.mockClear();
  closed.mockClear();
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('navigator', {
    storage: {
      getDirectory: () =>
        Promise.resolve({
          getDirectoryHandle: () => Promise.resolve({ getFileHandle: opened })
        })
    }
  });
});

afterEach(() => void vi.unstubAllGlobals());

describe('the beginning of a start', () => {
  test('asks for the runtime at once where its address is known', () => {
    const begun = beginStart({
      url: URL,
      runtimeUrl: 'https://example.org/frozen/runtime/',
      kept: null
    });
    begun.manifest.catch(() => undefined);
    expect(fetched.mock.calls.map(([url]) => url)).toEqual([
      URL,
      'https://example.org/frozen/runtime/pyodide.asm.wasm'
    ]);
  });

  test('opens what an earlier start has kept, and starts no decoder', async () => {
    const startDecoder = vi.fn<() => Worker>();
    const begun = beginStart({ url: URL, kept: SHA256, startDecoder });
    expect(await begun.kept).toMatchObject({ sha256: SHA256 });
    expect(begun.decoder).toBe(undefined);
    expect(startDecoder).not.toHaveBeenCalled();
    endSnapshot(begun);
    await begun.kept;
    expect(closed).toHaveBeenCalledTimes(1);
  });

  test('starts a decoder at once where nothing is kept', () => {
    const worker = Object.assign(new EventTarget(), { terminate: vi.fn() });
    const begun = beginStart({
      url: URL,
      kept: null,
      startDecoder: () => worker as unknown as Worker
    });
    expect(begun.kept).toBe(undefined);
    expect(begun.decoder?.worker).toBe(worker);
    endSnapshot(begun);
    expect(worker.terminate).toHaveBeenCalledTimes(1);
  });

  test('looks for what may be kept once it is known which snapshot it is', async () => {
    fetched.mockResolvedValueOnce(new Response('no manifest'));
    const begun = beginStart({ url: URL });
    expect(opened).not.toHaveBeenCalled();
    await expect(begun.manifest).rejects.toThrow('is not JSON');
    expect(await begun.kept).toBe(null);
  });

  test('a browser without such files has none', async () => {
    vi.stubGlobal('navigator', {});
    expect(await beginStart({ url: URL, kept: SHA256 }).kept).toBe(null);
  });
});
