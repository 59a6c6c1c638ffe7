import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { bundled } from '../../browser/bundled';
import { openPage } from '../../browser/chromium';
import { assemble, moduleOf } from '../wasm/assemble';
import { runtimeWasm } from '../wasm/real';
import type { ITakenFile } from './course';
import { take } from './course';
import { Site } from './site';

/** One worker after the other, as the address of the page tells. */
const PAGE = `<!doctype html><script type="module">
for (const job of JSON.parse(decodeURIComponent(location.hash.slice(1)))) {
  const worker = new Worker('/worker.js', { type: 'module' });
  await new Promise(resolve => { worker.onmessage = resolve; worker.postMessage(job); });
  worker.terminate();
}
</script>`;

const FIGURE = `
import hashlib, io
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt

frame = pd.DataFrame({"n": np.arange(6) % 2, "x": np.linspace(0, 1, 6)})
figure, axes = plt.subplots()
axes.plot(frame["x"])
axes.set_title("A figure")
buffer = io.BytesIO()
figure.savefig(buffer, format="png")
[hashlib.sha256(buffer.getvalue()).hexdigest(), frame.groupby("n")["x"].sum().tolist(), float(np.linalg.det(np.eye(3) * 2))]
`;

const SUM = 'import numpy as np; int(np.arange(4).sum())';

interface IResult {
  value: string;
  warnings: string[];
  restored?: Record<string, number>;
  failed?: string;
}

describe('in a browser', () => {
  let taken: ITakenFile;
  let site: Site;
  const started: Record<string, IResult> = {};
  const requests: Record<string, string[]> = {};
  let close: () => Promise<void>;

  beforeAll(async () => {
    taken = await take({
      modules: ['numpy', 'pandas', 'matplotlib.pyplot'],
      script: FIGURE
    });
    const [worker, decoder] = await Promise.all(
      ['browser-worker.ts', '../../../src/kernel/decoder.worker.ts'].map(path =>
        bundled(new URL(path, import.meta.url))
      )
    );
    site = await Site.start(taken, {
      '/page.html': PAGE,
      '/worker.js': worker,
      '/decoder.js': decoder
    });
    const good = { manifest: 'environment.json', code: FIGURE };
    const elsewhere = { ...good, decoder: '/decoder.js' };
    const small = { ...good, code: SUM };
    const jobs = [
      { name: 'restored', ...good },
      { name: 'plain', ...good, manifest: 'plain.json' },
      { name: 'damaged', ...good },
      { name: 'damaged elsewhere', ...elsewhere },
      { name: 'missing', ...good },
      { name: 'other', ...good, buildId: 'ab'.repeat(32) },
      { name: 'without a decoder', ...good, decoder: '/nowhere.js' },
      { name: 'nothing can be kept', ...elsewhere, kept: null },
      {
        name: 'without a decoder, asked at once',
        ...good,
        decoder: '/nowhere.js',
        kept: null
      },
      { name: 'without a runtime', ...good },
      { name: 'without the plain runtime', ...good },
      { name: 'on a host that does not know WebAssembly', ...good },
      {
        name: 'plain on a host that does not know WebAssembly',
        ...good,
        manifest: 'plain.json'
      },
      { name: 'in pieces', ...good, manifest: 'pieces.json' },
      { name: 'in pieces of which one is missing', ...small, manifest: 'pieces.json' },
      { name: 'missing beside the snapshot', ...small },
      {
        name: 'missing, the snapshot decoded elsewhere',
        ...small,
        decoder: '/decoder.js'
      },
      { name: 'a page in place of the file', ...small },
      { name: 'cut short', ...small },
      { name: 'the plain one', ...small },
      { name: 'of another snapshot', ...small },
      { name: 'a module of something else', ...small },
      { name: 'a module that needs something else', ...small },
      // Once something is kept, starts do not fetch the snapshot any more.
      { name: 'first', ...elsewhere, untilKept: true },
      { name: 'second', ...elsewhere },
      { name: 'third, which knows what is kept', ...elsewhere, kept: taken.sha256 },
      { name: 'kept but damaged', ...elsewhere, damageKept: true }
    ];
    const damaged = readFileSync(taken.path);
    damaged[damaged.length - 9] ^= 1;
    const snapshots: Record<string, Uint8Array | number> = {
      damaged,
      'damaged elsewhere': damaged,
      missing: 404
    };
    const linked = readFileSync(taken.linked.path);
    const runtimes: Record<string, Uint8Array | number | string> = {
      'without a runtime': 404,
      'on a host that does not know WebAssembly': 'text/plain',
      'missing beside the snapshot': 404,
      'missing, the snapshot decoded elsewhere': 404,
      'a page in place of the file': Buffer.from('<!doctype html><title>Sorry'),
      'cut short': linked.subarray(0, linked.length / 2),
      'the plain one': runtimeWasm(),
      // A section of its own at the end, which means nothing.
      'of another snapshot': Buffer.concat([linked, Uint8Array.of(0, 2, 1, 0x78)]),
      'a module of something else': moduleOf(),
      'a module that needs something else': assemble(
        '(module (import "nowhere" "nothing" (func)))'
      )
    };
    const plainRuntimes: Record<string, number | string> = {
      'without a runtime': 404,
      'without the plain runtime': 404,
      'on a host that does not know WebAssembly': 'text/plain',
      'plain on a host that does not know WebAssembly': 'text/plain'
    };
    const hash = encodeURIComponent(JSON.stringify(jobs));
    const results = jobs.map(({ name }) => site.result(name));
    let now = jobs[0].name;
    site.override = path => {
      if (path.endsWith('/snapshot.img')) return snapshots[now];
      if (path.endsWith('/linked.wasm')) return runtimes[now];
      if (path.endsWith('/pyodide.asm.wasm')) return plainRuntimes[now];
      if (now !== 'in pieces of which one is missing') return undefined;
      return path.endsWith('/linked.wasm.1') ? 404 : undefined;
    };
    close = openPage(`${site.url}/page.html#${hash}`);
    for (const [index, { name }] of jobs.entries()) {
      now = name;
      started[name] = (await results[index]) as IResult;
      requests[name] = site.requests.splice(0);
    }
  }, 600_000);

  afterAll(async () => {
    await close?.();
    await site?.stop();
  });

  test('a restored kernel computes what another computes', () => {
    const { restored, plain } = started;
    expect(restored).toMatchObject({ warnings: [], value: plain.value });
    expect(restored.restored).toBeDefined();
    expect(plain.restored).toBeUndefined();
  });

  test('it fetches the snapshot, its runtime and the index, and nothing else of the image', () => {
    const files = requests.restored;
    expect(files.filter(line => line.endsWith('whole')).sort()).toEqual([
      'index.img whole',
      'linked.wasm whole',
      'snapshot.img whole'
    ]);
    expect(files.filter(line => line.startsWith('start.img'))).toEqual([]);
  });

  const fetched = (name: string) =>
    requests[name].filter(line => line.startsWith('snapshot.img'));

  test('without its runtime it ends with an error that names the file', () => {
    expect(started['without a runtime'].failed).toMatch(
      /Python's runtime at http.*pyodide\.asm\.wasm could not be loaded .*HTTP status 404/
    );
  });

  test.each([
    'without the plain runtime',
    'on a host that does not know WebAssembly',
    'in pieces'
  ])('it is restored wherever its linked runtime is whole: %s', name => {
    expect(started[name]).toMatchObject({ warnings: [], value: started.plain.value });
    expect(started[name].restored).toBeDefined();
  });

  test('the pieces of the linked runtime are fetched once each, the plain one is not', () => {
    const files = requests['in pieces'].filter(line => line.includes('.wasm'));
    expect(files.sort()).toEqual([0, 1, 2].map(piece => `linked.wasm.${piece} whole`));
  });

  test('without a snapshot it starts from a host that calls WebAssembly something else', () => {
    const name = 'plain on a host that does not know WebAssembly';
    expect(started[name]).toMatchObject({ warnings: [], value: started.plain.value });
    const files = requests[name].filter(line => line.includes('.wasm'));
    expect(files).toEqual(['pyodide.asm.wasm whole']);
  });

  test.each([
    'without a decoder',
    'nothing can be kept',
    'without a decoder, asked at once',
    'first',
    'second',
    'third, which knows what is kept',
    'kept but damaged'
  ])('it is the same when it is decoded elsewhere, or was kept: %s', name => {
    expect(started[name]).toMatchObject({ warnings: [], value: started.plain.value });
    expect(started[name].restored).toBeDefined();
  });

  test('what was decoded is kept for the next start, and fetched again only if it is damaged', () => {
    expect(fetched('first')).toEqual(['snapshot.img whole']);
    expect(fetched('second')).toEqual([]);
    expect(fetched('third, which knows what is kept')).toEqual([]);
    expect(fetched('kept but damaged')).toEqual(['snapshot.img whole']);
  });

  test.each([
    ['damaged', /frame \d+ of \d+ is damaged/],
    ['damaged elsewhere', /frame \d+ of \d+ is damaged/],
    ['missing', /snapshot\.img.*404/],
    ['other', /taken with another build of Pyodide/]
  ])(
    'with a snapshot that is %s it starts from the image, and says why',
    (name, reason) => startsWithout(name, reason, started.plain.value)
  );

  test.each([
    ['missing beside the snapshot', /cannot be had \(Error: HTTP status 404\)/],
    [
      'missing, the snapshot decoded elsewhere',
      /cannot be had \(Error: HTTP status 404\)/
    ],
    ['in pieces of which one is missing', /cannot be had \(Error: HTTP status 404\)/],
    ['a page in place of the file', /cannot be had \(CompileError: .*magic/],
    ['cut short', /cannot be had \(CompileError: /],
    ['the plain one', /the digest of the linked runtime differs from the manifest/],
    [
      'of another snapshot',
      /the digest of the linked runtime differs from the manifest/
    ],
    [
      'a module of something else',
      /the digest of the linked runtime differs from the manifest/
    ],
    ['a module that needs something else', /Import #0 "nowhere"/]
  ])(
    'with a linked runtime that is %s it starts from the image, and says why',
    (name, reason) => startsWithout(name, reason, '6')
  );

  function startsWithout(name: string, reason: RegExp, result: string): void {
    const { value, warnings, failed, restored } = started[name];
    expect(failed).toBeUndefined();
    expect(warnings.join('\n')).toMatch(reason);
    expect(warnings[0]).toMatch(/^The snapshot of Course cannot be used: /);
    expect(warnings).toHaveLength(1);
    expect(value).toBe(result);
    expect(restored).toBeUndefined();
  }
});
