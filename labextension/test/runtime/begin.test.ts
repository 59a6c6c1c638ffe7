import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { beginStart, endSnapshot } from '../../src/runtime/begin';
import type { IManifest } from '../../src/runtime/manifest';

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
  const RUNTIME_URL = 'https://example.org/frozen/runtime/';
  const PLAIN = `${RUNTIME_URL}pyodide.asm.wasm`;
  const LINKED = [1, 2].map(
    n => `https://example.org/frozen/course/now/linked-${n}.wasm`
  );
  const asked = () => fetched.mock.calls.map(([url]) => url);

  test.each([
    ['the plain one where there is no other', [], [PLAIN]],
    ['all pieces of the linked one, and not the plain one', LINKED, LINKED]
  ])(
    'asks for the runtime at once where its address is known: %s',
    (_, linkedUrls, urls) => {
      const begun = beginStart({
        url: URL,
        runtimeUrl: RUNTIME_URL,
        linkedUrls,
        kept: null
      });
      begun.manifest.catch(() => undefined);
      expect(asked()).toEqual([URL, ...urls]);
    }
  );

  test.each([
    ['linked', { linked: { parts: [{ file: 'linked-1.wasm', size: 1 }] } }, LINKED[0]],
    ['plain', undefined, PLAIN]
  ])(
    'asks for the %s runtime once the manifest tells of it',
    async (_, snapshot, url) => {
      const manifest = { runtime: { url: '../../runtime/' }, snapshot } as IManifest;
      beginStart({ url: URL, manifest, kept: null });
      await vi.waitFor(() => expect(asked()).toEqual([url]));
    }
  );

  test('asks for the plain runtime where the linked one is missing', async () => {
    fetched.mockResolvedValueOnce(new Response('no', { status: 404 }));
    const manifest = { runtime: { url: '../../runtime/' } } as IManifest;
    beginStart({
      url: URL,
      manifest,
      runtimeUrl: RUNTIME_URL,
      linkedUrls: [LINKED[0]],
      kept: null
    });
    await vi.waitFor(() => expect(asked()).toEqual([LINKED[0], PLAIN]));
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
