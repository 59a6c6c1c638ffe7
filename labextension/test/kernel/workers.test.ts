import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { IStartRequest, IFailure } from '../../src/kernel/messages';
import { FrozenWorkers } from '../../src/kernel/workers';
import type { ICompiled } from '../../src/runtime/start';

const COURSE = {
  name: 'course',
  displayName: 'Course',
  url: 'https://example.org/course/environment.json'
};
const SMALL = {
  ...COURSE,
  name: 'small',
  url: 'https://example.org/small/environment.json'
};

const FAILURE: IFailure = { headline: 'no', summary: 'no', details: 'no' };

/** The `localStorage` of a page. */
class PageStorage {
  private readonly items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
}

/** What is seen of a worker from its page; the scripts of the real ones are built for browsers. */
class PageWorker extends EventTarget {
  static all: PageWorker[] = [];

  constructor(readonly url: URL) {
    super();
    PageWorker.all.push(this);
  }

  readonly asked: IStartRequest[] = [];
  terminated = false;

  postMessage(request: IStartRequest): void {
    this.asked.push(request);
  }

  terminate(): void {
    this.terminated = true;
  }

  say(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  stumble(message: string): void {
    this.dispatchEvent(Object.assign(new Event('error'), { message }));
  }
}

/** The page's own requests, on a network that is gone. */
const fetched = vi.fn(() => Promise.reject(new TypeError('Failed to fetch')));

beforeEach(() => {
  PageWorker.all = [];
  fetched.mockClear();
  vi.stubGlobal('fetch', fetched);
  vi.stubGlobal('Worker', PageWorker);
  vi.stubGlobal('crossOriginIsolated', false);
  vi.stubGlobal('localStorage', new PageStorage());
});

afterEach(() => void vi.unstubAllGlobals());

/** A wasm module with nothing in it. */
const module = () =>
  new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));

describe('the workers of a page', () => {
  test('a worker is told at once what to start', () => {
    new FrozenWorkers().take(COURSE);
    expect(PageWorker.all[0].asked).toEqual([
      {
        _frozenStart: {
          environment: COURSE,
          kernelUrl: expect.stringContaining('comlink.worker.js'),
          decoderUrl: expect.stringContaining('decoder.worker.js'),
          compiled: undefined,
          kept: null,
          practise: false,
          autoload: true,
          prepare: false
        }
      }
    ]);
  });

  test('what a worker fetches first is asked for before its script is there', async () => {
    new FrozenWorkers().prewarm(COURSE);
    expect(fetched.mock.calls).toEqual([[COURSE.url]]);
    // That it fails is no error of the page: the worker will tell.
    await expect(fetched.mock.results[0].value).rejects.toThrow('Failed to fetch');
  });

  test('the first kernel takes the worker that waits, the next starts its own', () => {
    const workers = new FrozenWorkers();
    workers.prewarm(COURSE);
    const [waiting] = PageWorker.all;
    expect(workers.take(COURSE).worker).toBe(waiting);
    expect(PageWorker.all).toHaveLength(1);
    expect(workers.take(COURSE).worker).not.toBe(waiting);
    expect(PageWorker.all).toHaveLength(2);
    expect(waiting.terminated).toBe(false);
  });

  test('a kernel of another environment leaves it waiting', () => {
    const workers = new FrozenWorkers();
    workers.prewarm(COURSE);
    const [waiting] = PageWorker.all;
    expect(workers.take(SMALL).worker).not.toBe(waiting);
    expect(workers.take(COURSE).worker).toBe(waiting);
  });

  test('nothing is started ahead twice, or after a kernel was asked for', () => {
    const workers = new FrozenWorkers();
    workers.prewarm(COURSE);
    workers.prewarm(COURSE);
    workers.take(COURSE);
    workers.prewarm(COURSE);
    expect(PageWorker.all).toHaveLength(1);
  });

  test('a worker that prepares starts when it is to, once, or when a kernel takes it', () => {
    const workers = new FrozenWorkers();
    for (const environment of [COURSE, SMALL]) {
      workers.prepare(environment);
      workers.prepare(environment);
    }
    const [one, other] = PageWorker.all;
    expect(one.asked).toMatchObject([{ _frozenStart: { prepare: true } }]);
    workers.prewarm(COURSE);
    workers.prewarm(COURSE);
    expect(workers.take(COURSE).worker).toBe(one);
    expect(one.asked.slice(1)).toEqual([{ _frozenGoOn: true }]);
    expect(other.asked).toHaveLength(1);
    expect(workers.take(SMALL).worker).toBe(other);
    expect(other.asked.slice(1)).toEqual([{ _frozenGoOn: true }]);
    workers.prepare(SMALL);
    expect(PageWorker.all).toHaveLength(2);
  });

  test.each<[string, (worker: PageWorker) => void]>([
    ['start', worker => worker.say({ _frozenFailure: FAILURE })],
    ['script', worker => worker.stumble('SyntaxError')]
  ])(
    'a worker whose %s has failed is dropped, and the kernel starts anew',
    (_, fail) => {
      const workers = new FrozenWorkers();
      workers.prewarm(COURSE);
      const [waiting] = PageWorker.all;
      fail(waiting);
      const heard: IFailure[] = [];
      const taken = workers.take(COURSE);
      taken.listen({ failure: failure => heard.push(failure) });
      expect(taken.worker).not.toBe(waiting);
      expect(waiting.terminated).toBe(true);
      expect(heard).toEqual([]);
    }
  );

  test('what a worker has said before there is a kernel is heard by it, once and in order', () => {
    const workers = new FrozenWorkers();
    workers.prewarm(COURSE);
    const [worker] = PageWorker.all;
    const heard: unknown[] = [];
    worker.say({ _frozenLog: { type: 'text', level: 'warning', data: 'slow' } });
    worker.say({ _frozenProgress: { step: 'ready', label: 'Ready' } });
    workers.take(COURSE).listen({
      log: ({ data }) => heard.push(data),
      progress: ({ step }) => heard.push(step),
      started: ({ python }) => heard.push(python)
    });
    worker.say({ _frozenStarted: { python: '3.14.2', pyodide: '314.0.7' } });
    expect(heard).toEqual(['slow', 'ready', '3.14.2']);
  });

  test('an error in a worker that has said something is not the end of it', () => {
    const workers = new FrozenWorkers();
    const heard: IFailure[] = [];
    workers.take(COURSE).listen({ failure: failure => heard.push(failure) });
    const [worker] = PageWorker.all;
    worker.say({ _frozenProgress: { step: 'runtime', label: 'Loading Python' } });
    worker.stumble('ReferenceError: nobody caught it');
    expect(heard).toEqual([]);
  });

  test('the second kernel of an environment gets what the first has compiled, another does not', () => {
    const workers = new FrozenWorkers();
    const compiled: ICompiled = { runtime: module() };
    workers.take(COURSE);
    PageWorker.all[0].say({ _frozenCompiled: compiled });
    workers.take(COURSE);
    workers.take(SMALL);
    const given = PageWorker.all.map(({ asked }) => asked[0]._frozenStart.compiled);
    expect(given).toEqual([undefined, compiled, undefined]);
  });

  test('a worker looks for what an earlier one has kept, once one has said so', () => {
    const workers = new FrozenWorkers();
    workers.take(COURSE);
    PageWorker.all[0].say({ _frozenKept: 'ab' });
    workers.take(COURSE);
    workers.take(SMALL);
    const kept = PageWorker.all.map(({ asked }) => asked[0]._frozenStart.kept);
    expect(kept).toEqual([null, 'ab', null]);
  });

  test('a kernel practises until one of the same runtime has, in each term anew', () => {
    const week = 7 * 24 * 3600 * 1000;
    vi.useFakeTimers({ toFake: ['Date'], now: 2969 * week });
    vi.stubGlobal('navigator', {
      userAgentData: { brands: [{ brand: 'Chromium', version: '156' }] }
    });
    const runtimeUrl = 'https://example.org/runtime/';
    const workers = new FrozenWorkers();
    workers.take({ ...COURSE, runtimeUrl });
    workers.take({ ...SMALL, runtimeUrl });
    PageWorker.all[0].say({ _frozenPractised: true });
    workers.take({ ...COURSE, runtimeUrl });
    workers.take({ ...SMALL, runtimeUrl });
    workers.take({ ...SMALL, runtimeUrl: 'https://example.org/other/' });
    workers.take({ ...SMALL, runtimeUrl, linkedUrls: ['https://example.org/linked'] });
    vi.setSystemTime(2970 * week);
    workers.take({ ...COURSE, runtimeUrl });
    vi.useRealTimers();
    const may = PageWorker.all.map(({ asked }) => asked[0]._frozenStart.practise);
    expect(may).toEqual([true, true, false, false, true, true, true]);
  });

  test('a kernel does not practise where that cannot be noted', () => {
    vi.stubGlobal('navigator', {
      userAgentData: { brands: [{ brand: 'Chromium', version: '156' }] }
    });
    vi.stubGlobal('localStorage', undefined);
    new FrozenWorkers().take(COURSE);
    expect(PageWorker.all[0].asked[0]._frozenStart.practise).toBe(false);
  });

  test('an isolated page has the worker that can block on shared memory', () => {
    vi.stubGlobal('crossOriginIsolated', true);
    new FrozenWorkers().take(COURSE);
    const [{ asked }] = PageWorker.all;
    expect(asked[0]._frozenStart.kernelUrl).toContain('coincident.worker.js');
  });
});
