/**
 * What can only be tried in a browser: synchronous reads in a worker. Runs there, see
 * `browser.test.ts`.
 */
import { ImageReader } from '../../src/image';
import { BlobSource, HttpSource, PartsSource } from '../../src/source';
import { noise } from '../image/noise';

const BYTES = noise(100_000) as Uint8Array<ArrayBuffer>;

function same(bytes: Uint8Array, offset: number, length: number): boolean {
  return (
    bytes.length === length && bytes.every((byte, i) => byte === BYTES[offset + i])
  );
}

/** Reads at once, then by waiting, then at once again. */
async function readAll(path: string) {
  const warnings: string[] = [];
  const source = await HttpSource.open(new URL(path, location.href), {
    size: BYTES.length,
    onWarning: text => warnings.push(text)
  });
  const reads = [
    same(source.readSync(10, 500), 10, 500),
    same(await source.read(70_000, 2000), 70_000, 2000),
    same(source.readSync(99_999, 1), 99_999, 1)
  ];
  return { reads, ranges: source.ranges, warnings };
}

/** The other way around: what comes first waits. */
async function waitFirst(path: string) {
  const source = await HttpSource.open(new URL(path, location.href), {
    size: BYTES.length
  });
  const loading = source.load(0, 50_000);
  const reads = [same(await source.read(0, 100), 0, 100)];
  await loading;
  reads.push(same(source.readSync(40_000, 9000), 40_000, 9000));
  return { reads, ranges: source.ranges };
}

/** In a browser that says it has no network. */
async function offline(read: () => Promise<unknown>) {
  Object.defineProperty(navigator, 'onLine', { value: false, configurable: true });
  try {
    return await read();
  } finally {
    delete (navigator as unknown as { onLine?: boolean }).onLine;
  }
}

const checks: Record<string, () => unknown> = {
  blob: () => {
    const blob = new Blob([BYTES]);
    const source = new BlobSource(blob);
    const parts = new PartsSource([source, new BlobSource(blob)]);
    return [
      same(source.readSync!(5, 1000), 5, 1000),
      parts.readSync!(99_999, 2).join() === [BYTES[99_999], BYTES[0]].join()
    ];
  },
  ranges: () => readAll('ranges'),
  whole: () => readAll('whole'),
  encoded: () => readAll('encoded'),
  broken: () => readAll('broken'),
  busy: () => readAll('busy'),
  'encoded, waited for': () => waitFirst('encoded'),
  'broken, waited for': () => waitFirst('broken'),
  missing: () => readAll('missing'),
  rebuilt: () => readAll('rebuilt'),
  gone: () => readAll('gone'),
  'gone, offline': () => offline(() => readAll('gone-offline')),
  'kept, offline': () => offline(() => readAll('kept-offline')),
  image: async () => {
    const source = await HttpSource.open(new URL('image', location.href));
    const image = await ImageReader.open(source, { cacheBytes: 1 });
    await image.preload();
    const [file] = image.index.files;
    const preloaded = same(image.readSync(file.start, file.end), 0, BYTES.length);
    image.release();
    const again = same(
      image.readSync(file.start + 500, file.end),
      500,
      BYTES.length - 500
    );
    return { preloaded, again };
  }
};

const results: Record<string, unknown> = {};
for (const [name, check] of Object.entries(checks)) {
  try {
    results[name] = await check();
  } catch (error) {
    results[name] = String(error);
  }
}
await fetch('results', { method: 'POST', body: JSON.stringify(results) });
