import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { bundled } from '../browser/bundled';
import { openPage } from '../browser/chromium';
import { makeImage } from '../image/make-image';
import { noise } from '../image/noise';
import type { Answer } from './host';
import { broken, encoded, ranges, status, whole } from './host';

const BYTES = noise(100_000);
const IMAGE = makeImage(
  [
    { path: '/boot.bin', content: BYTES },
    { path: '/rest.bin', content: noise(400_000, 2) }
  ],
  { boot: ['/boot.bin'], compress: true }
);

const PAGE = `<!doctype html><script type="module">
import { HttpSource } from './source.js';
const source = await HttpSource.open(new URL('ranges', location.href), { size: 100000 });
let refused = '';
try { source.readSync(0, 1); } catch (error) { refused = String(error); }
await fetch('refused', { method: 'POST', body: refused });
new Worker('worker.js', { type: 'module' });
</script>`;

/** Each path is a host of its own. */
const HOSTS: Record<string, Answer> = {
  ranges,
  whole,
  encoded,
  broken: (response, file, range) => (range ? broken : whole)(response, file, range),
  busy: (() => {
    let times = 0;
    return (...args) => (times++ % 2 === 0 ? status(503) : ranges)(...args);
  })(),
  missing: status(404),
  rebuilt: (response, file, range) => ranges(response, file.subarray(1), range),
  gone: broken,
  'gone-offline': broken,
  'kept-offline': (response, file, range) =>
    (range ? broken : whole)(response, file, range),
  image: (response, _file, range) => ranges(response, IMAGE, range)
};

let server: Server;
let refused = '';
let results: Record<string, unknown>;
let close: () => Promise<void>;
const requests = new Map<string, string[]>();

beforeAll(async () => {
  const [worker, source] = await Promise.all([
    bundled(new URL('./browser-worker.ts', import.meta.url)),
    bundled(new URL('../../src/source/index.ts', import.meta.url))
  ]);
  let finish: () => void;
  const finished = new Promise<void>(resolve => (finish = resolve));
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const name = request.url!.slice(1);
    if (request.method === 'POST') {
      let body = '';
      for await (const piece of request) body += String(piece);
      if (name === 'refused') refused = body;
      else results = JSON.parse(body) as Record<string, unknown>;
      response.end();
      if (name === 'results') finish();
    } else if (name in HOSTS) {
      const { range } = request.headers;
      requests.set(name, [...(requests.get(name) ?? []), range ?? 'all']);
      const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
      await HOSTS[name](
        response,
        BYTES,
        match && [Number(match[1]), Number(match[2]) + 1]
      );
    } else {
      const script = { 'worker.js': worker, 'source.js': source }[name];
      const type = script ? 'text/javascript' : 'text/html; charset=utf-8';
      response.writeHead(200, { 'Content-Type': type }).end(script ?? PAGE);
    }
  };
  server = createServer((request, response) => void handle(request, response));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  close = openPage(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await finished;
});

afterAll(async () => {
  await close();
  server.closeAllConnections();
  server.close();
});

describe('in a worker', () => {
  test('a Blob is read at once', () => {
    expect(results.blob).toEqual([true, true]);
  });

  test('a host that sends ranges is read at once, in ranges', () => {
    expect(results.ranges).toEqual({
      reads: [true, true, true],
      ranges: true,
      warnings: []
    });
    expect(requests.get('ranges')).toEqual([
      'bytes=10-509',
      'bytes=70000-71999',
      'bytes=99999-99999'
    ]);
  });

  test.each([
    ['whole', /does not send ranges/],
    ['encoded', /ranges fail/],
    ['broken', /ranges fail/]
  ])(
    'a host of the kind "%s" is read at once, whole, and that is said once',
    (kind, reason) => {
      const {
        reads,
        ranges: sent,
        warnings
      } = results[kind] as {
        reads: boolean[];
        ranges: boolean;
        warnings: string[];
      };
      expect({ reads, sent }).toEqual({ reads: [true, true, true], sent: false });
      expect(warnings).toEqual([expect.stringMatching(reason)]);
      expect(warnings[0]).toContain('the whole file of 100000 bytes is downloaded');
    }
  );

  test('a whole file is asked for once', () => {
    expect(requests.get('whole')).toHaveLength(1);
    expect(requests.get('broken')!.filter(range => range === 'all')).toHaveLength(2);
  });

  test.each(['encoded', 'broken'])(
    'a host of the kind "%s" is read whole when reading waits',
    kind => {
      expect(results[`${kind}, waited for`]).toEqual({
        reads: [true, true],
        ranges: false
      });
    }
  );

  test('a busy host is asked again', () => {
    expect(results.busy).toMatchObject({ reads: [true, true, true], ranges: true });
  });

  test('errors say what to do', () => {
    expect(results.missing).toMatch(/SourceError: .*missing: .*404.*reload the page/);
    expect(results.rebuilt).toMatch(
      /expected 100000 bytes, found 99999\. The site was rebuilt/
    );
    expect(results.gone).toMatch(
      /SourceError: .*gone: cannot be fetched .*Check the network/
    );
  });

  test('offline, hosts are asked less often, and it is said', () => {
    expect(results['gone, offline']).toMatch(
      /SourceError: .*gone-offline: cannot be fetched, the browser is offline .*Connect to the network/
    );
    // Chromium by itself may repeat a request whose connection was closed.
    const [gone, offline] = ['gone', 'gone-offline'].map(name => requests.get(name)!);
    expect(offline.length).toBeLessThan(gone.length);
    expect(results['kept, offline']).toMatchObject({ reads: [true, true, true] });
  });

  test('an image is preloaded by the browser, and read at once after that', () => {
    expect(results.image).toEqual({ preloaded: true, again: true });
  });
});

test('in a page, reading at once is refused', () => {
  expect(refused).toMatch(
    /SourceError: .*only a worker can wait for them\. Load them first\./
  );
});
