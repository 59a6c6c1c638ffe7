import { afterEach, expect, test, vi } from 'vitest';

import { Download } from '../../src/runtime/download';

afterEach(() => void vi.unstubAllGlobals());

/** A host whose answer comes in many pieces at once, as one on a fast line does. */
function host(pieces: number, size: number): void {
  vi.stubGlobal('fetch', () => {
    let left = pieces;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- > 0) controller.enqueue(new Uint8Array(size));
        else controller.close();
      }
    });
    const headers = { 'Content-Length': String(pieces * size) };
    return Promise.resolve(new Response(body, { headers }));
  });
}

test('who is told of arriving bytes hears of the first and of the last, and few times between', async () => {
  host(500, 1000);
  const told: [number, number][] = [];
  const download = new Download({
    url: 'https://example.org/frozen/course/now/environment.json',
    onBytes: (done, total) => told.push([done, total])
  });
  const begun = performance.now();
  const { loaded } = await download.load([{ file: 'image.img', size: 500_000 }]);
  await loaded;
  const most = 2 + (performance.now() - begun) / 100;
  expect(told.at(-1)).toEqual([500_000, 500_000]);
  expect(told[0][0]).toBeLessThan(500_000);
  expect(told.length).toBeGreaterThan(1);
  expect(told.length).toBeLessThanOrEqual(most);
});
