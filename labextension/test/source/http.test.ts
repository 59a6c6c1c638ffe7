import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { IHttpOptions } from '../../src/source';
import { HttpSource, SourceError } from '../../src/source';
import { noise } from '../image/noise';
import type { Answer } from './host';
import { broken, cut, encoded, headersOf, Host, ranges, status, whole } from './host';

const BYTES = noise(100_000);
let host: Host;
let warnings: string[];

beforeEach(async () => {
  host = await Host.start(BYTES);
  warnings = [];
});

afterEach(() => host.stop());

const open = (options: IHttpOptions = {}) =>
  HttpSource.open(host.url, {
    size: BYTES.length,
    onWarning: text => warnings.push(text),
    ...options
  });

const same = (bytes: Uint8Array, offset: number) =>
  expect(Buffer.compare(bytes, BYTES.subarray(offset, offset + bytes.length))).toBe(0);

describe('a host that sends ranges', () => {
  test('is asked once for what is loaded, however often that is read', async () => {
    const source = await open();
    await source.load(10, 50_000);
    same(await source.read(10, 50_000), 10);
    same(await source.read(300, 5), 300);
    same(source.readSync(400, 5), 400);
    expect(host.requests).toEqual(['bytes=10-50009']);
    expect(source.ranges).toBe(true);
    expect(warnings).toEqual([]);
  });

  test('is asked for the size when that is not known', async () => {
    const source = await open({ size: undefined });
    expect(source.size).toBe(BYTES.length);
    expect(host.requests).toEqual(['bytes=0-0']);
  });

  test('is asked again for what was loaded and released', async () => {
    const source = await open();
    await source.load(0, 100);
    source.release();
    expect(() => source.readSync(0, 100)).toThrow(SourceError);
    same(await source.read(0, 100), 0);
    expect(host.requests).toEqual(['bytes=0-99', 'bytes=0-99']);
  });

  test('is told what arrived of what was asked for', async () => {
    const progress: [number, number][] = [];
    const source = await open({ onProgress: (...now) => progress.push(now) });
    await Promise.all([source.load(0, 60_000), source.load(90_000, 10_000)]);
    expect(progress.at(-1)).toEqual([70_000, 70_000]);
    const done = progress.map(([bytes]) => bytes);
    expect([...done].sort((a, b) => a - b)).toEqual(done);
  });

  test('is not asked to wait for more than the bytes in question', async () => {
    let finish = () => {};
    host.answerFirst((response, file, range) => {
      const bytes = Buffer.from(file.subarray(...range!));
      response.writeHead(206, headersOf(file, range!)).write(bytes.subarray(0, 1000));
      finish = () => response.end(bytes.subarray(1000));
    });
    const source = await open();
    const loading = source.load(0, 80_000);
    same(await source.read(100, 900), 100);
    same(source.readSync(0, 1000), 0);
    expect(() => source.readSync(0, 1001)).toThrow(SourceError);
    const later = source.read(79_000, 1000);
    finish();
    same(await later, 79_000);
    await loading;
    expect(host.requests).toHaveLength(1);
  });

  test('is asked for the rest when the line breaks', async () => {
    host.answerFirst(cut(30_000), cut(20_000));
    const source = await open();
    await source.load(1000, 90_000);
    same(await source.read(1000, 90_000), 1000);
    expect(host.requests[0]).toBe('bytes=1000-90999');
    const starts = host.requests.map(range => Number(/\d+/.exec(range!)![0]));
    expect(starts).toHaveLength(3);
    expect(starts[1]).toBeGreaterThan(starts[0]);
    expect(starts[2]).toBeGreaterThan(starts[1]);
    expect(source.ranges).toBe(true);
  });

  test('is asked again when it was busy or out of reach for a moment', async () => {
    host.answerFirst(status(503), broken, ranges);
    const source = await open();
    same(await source.read(5, 50), 5);
    expect(source.ranges).toBe(true);
    expect(warnings).toEqual([]);
  });
});

const breaksRanges: Answer = (response, file, range) =>
  range ? broken(response, file, range) : whole(response, file, range);

describe.each<[string, Answer, RegExp]>([
  ['does not know ranges', whole, /does not send ranges/],
  ['sends ranges with a Content-Encoding', encoded, /with a Content-Encoding/],
  ['fails when it is asked for a range', breaksRanges, /ranges fail/]
])('a host that %s', (_name, answer, reason) => {
  beforeEach(() => {
    host.answer = answer;
  });

  test('has its file downloaded whole, and that is said once', async () => {
    const source = await open();
    await source.load(10, 50);
    same(await source.read(0, 10), 0);
    same(await source.read(99_000, 1000), 99_000);
    same(source.readSync(0, BYTES.length), 0);
    expect(source.ranges).toBe(false);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(reason);
    expect(warnings[0]).toContain(host.url);
    expect(warnings[0]).toContain('100000 bytes');
  });

  test('serves reads that come without a load', async () => {
    const source = await open();
    const read = await Promise.all([source.read(500, 20), source.read(90_000, 20)]);
    same(read[0], 500);
    same(read[1], 90_000);
    same(source.readSync(100, 10), 100);
    expect(warnings).toHaveLength(1);
  });

  test('serves several loads and the reads that wait for them', async () => {
    const source = await open();
    const loads = [source.load(0, 5000), source.load(80_000, 20_000)];
    same(await source.read(80_000, 20_000), 80_000);
    same(await source.read(0, 5000), 0);
    await Promise.all(loads);
    expect(warnings).toHaveLength(1);
  });

  test('is opened without knowing the size', async () => {
    const source = await open({ size: undefined });
    expect(source.size).toBe(BYTES.length);
    same(await source.read(7, 70), 7);
    expect(source.ranges).toBe(false);
    expect(warnings).toHaveLength(1);
  });

  test('keeps the file when what was loaded is released', async () => {
    const source = await open();
    await source.load(0, 10);
    source.release();
    const before = host.requests.length;
    same(await source.read(60_000, 10), 60_000);
    expect(host.requests).toHaveLength(before);
  });

  test('reports the progress of the whole file', async () => {
    const progress: [number, number][] = [];
    const source = await open({ onProgress: (...now) => progress.push(now) });
    await source.load(0, 10);
    expect(progress.at(-1)).toEqual([BYTES.length, BYTES.length]);
  });
});

test('a whole download goes on when the line breaks', async () => {
  host.answer = whole;
  host.answerFirst(cut(40_000));
  const source = await open();
  await source.load(0, 10);
  same(await source.read(0, BYTES.length), 0);
});

describe('an error is told at once, with what to do, when', () => {
  const failing = async (answer: Answer, range: [number, number] = [1000, 500]) => {
    host.answer = answer;
    const source = await open();
    const error: unknown = await source
      .read(...range)
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceError);
    expect((error as Error).message).toContain(host.url);
    const loading = source.load(...range);
    const waiting = source.read(...range);
    await expect(loading).rejects.toBeInstanceOf(SourceError);
    await expect(waiting).rejects.toBeInstanceOf(SourceError);
    return (error as Error).message;
  };

  test('the file is not there', async () => {
    expect(await failing(status(404))).toMatch(/404 Not Found\. .* reload the page/);
  });

  test('the host refuses', async () => {
    expect(await failing(status(403))).toMatch(/403 Forbidden\. Ask who runs the site/);
  });

  test('the file has another size than its manifest says', async () => {
    const message = await failing((response, file, range) => {
      const total = { 'Content-Range': `bytes ${range![0]}-${range![1] - 1}/99999` };
      response
        .writeHead(206, { ...headersOf(file, range!), ...total })
        .end(Buffer.from(file.subarray(...range!)));
    });
    expect(message).toMatch(
      /expected 100000 bytes, found 99999\. The site was rebuilt: reload/
    );
  });

  test('the file has become too small for the range', async () => {
    expect(await failing(status(416))).toMatch(/bytes 1000-1499 .* rebuilt: reload/);
  });

  test('a page comes instead of the file', async () => {
    const message = await failing(response => {
      response.writeHead(200, { 'Content-Length': 5 }).end('<htm>');
    });
    expect(message).toMatch(/expected 100000 bytes, found 5\. /);
  });

  test('another range comes than was asked for', async () => {
    const message = await failing((response, file) => ranges(response, file, [0, 500]));
    expect(message).toMatch(
      /expected bytes 1000-1499, the host sent "bytes 0-499\/100000"/
    );
  });

  test('more bytes come than were asked for', async () => {
    const message = await failing((response, file, range) => {
      const { 'Content-Range': contentRange } = headersOf(file, range!);
      response.writeHead(206, { 'Content-Range': contentRange });
      response.end(Buffer.from(file.subarray(range![0], range![1] + 10)));
    });
    expect(message).toMatch(/expected 500 bytes, found more/);
  });
});

describe.concurrent('an error is told after some attempts when', () => {
  const failing = async (answer: Answer) => {
    const own = await Host.start(BYTES);
    own.answer = answer;
    const source = await HttpSource.open(own.url, { size: BYTES.length });
    const error: unknown = await source
      .read(1000, 500)
      .catch((reason: unknown) => reason);
    const { url } = own;
    await own.stop();
    expect(error).toBeInstanceOf(SourceError);
    expect((error as Error).message).toContain(url);
    return { message: (error as Error).message, requests: own.requests };
  };

  test('the host stays busy', async () => {
    const { message, requests } = await failing(status(503));
    expect(message).toMatch(/the host answered 503\. Check the network/);
    expect(requests.filter(range => range)).toHaveLength(5);
  });

  test('the host is out of reach', async () => {
    const { message } = await failing(broken);
    expect(message).toMatch(/5 attempts failed/);
  });

  test('the body is always cut short', async () => {
    const { message } = await failing((response, file, range) => {
      const body = Buffer.from(file.subarray(...(range ?? [0, 10])));
      response.writeHead(range ? 206 : 500, range ? headersOf(file, range) : {});
      response.write(body.subarray(0, 1), () => response.destroy());
    });
    expect(message).toMatch(/attempts failed/);
  });
});

describe('a browser that says it is offline', () => {
  beforeEach(() => vi.stubGlobal('navigator', { onLine: false }));
  afterEach(() => void vi.unstubAllGlobals());

  test('asks for the range and for the whole file, once each, and says that it is offline', async () => {
    host.answer = broken;
    const source = await open();
    const said =
      /image\.img: cannot be fetched, the browser is offline .*Connect to the network/;
    await expect(source.read(5, 10)).rejects.toThrow(said);
    expect(host.requests).toEqual(['bytes=5-14', undefined]);
    await expect(source.loadAll()).rejects.toThrow(said);
    expect(host.requests).toHaveLength(3);
  });

  test('reads the whole file where that was kept', async () => {
    host.answer = (...args) => (args[2] ? broken : whole)(...args);
    const source = await open();
    same(await source.read(5, 10), 5);
    expect(host.requests).toEqual(['bytes=5-14', undefined]);
  });
});

describe('an aborted source', () => {
  test('rejects what is under way and what comes after', async () => {
    let arrived: () => void = () => undefined;
    const asked = new Promise<void>(resolve => (arrived = resolve));
    host.answer = () => arrived();
    const controller = new AbortController();
    const source = await open({ signal: controller.signal });
    const loading = source.load(0, 1000);
    const waiting = source.read(0, 10);
    await asked;
    controller.abort();
    await expect(loading).rejects.toThrow(/abort/i);
    await expect(waiting).rejects.toThrow(/abort/i);
    await expect(source.read(0, 10)).rejects.toThrow(/abort/i);
  });

  test('does not wait until the next attempt', async () => {
    host.answer = status(503);
    const controller = new AbortController();
    const source = await open({ signal: controller.signal });
    const reading = source.read(0, 10);
    const start = Date.now();
    setTimeout(() => controller.abort(), 900);
    await expect(reading).rejects.toThrow(/abort/i);
    expect(Date.now() - start).toBeLessThan(1400);
  });
});
