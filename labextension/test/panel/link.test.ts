import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { KernelAction } from '../../src/actions';
import { LinkError } from '../../src/panel/error';
import { Link } from '../../src/panel/link';
import type { LinkState } from '../../src/panel/types';
import { BROWSER_KERNEL, NATIVE_KERNEL, TestTransport } from './transport';

let transport: TestTransport;
let link: Link;
let states: LinkState[];
const actions: KernelAction[] = [];

const AMOUNT = { files: 1, totalFiles: 2, bytes: 30, totalBytes: 40 };

beforeEach(() => {
  transport = new TestTransport();
  transport.answer = verb => (verb === 'hello' ? BROWSER_KERNEL : undefined);
  link = new Link(transport);
  states = [link.state];
  link.changed.connect(() => states.at(-1) !== link.state && states.push(link.state));
});

afterEach(() => {
  vi.useRealTimers();
  link.dispose();
  for (const action of actions.splice(0)) action.close();
});

async function open(): Promise<void> {
  transport.set({ status: 'open' });
  await vi.waitFor(() => expect(link.state).toBe('idle'));
}

/** A cell runs, and that is known. */
async function busy(): Promise<void> {
  transport.set({ busy: true });
  await vi.waitFor(() => expect(link.state).toBe('busy'));
}

describe('the state', () => {
  test('follows the kernel from its start to its end', async () => {
    transport.set({ status: 'connecting' });
    await open();
    expect(link.kernel).toEqual(BROWSER_KERNEL);
    await busy();
    transport.set({ busy: false });
    transport.set({ status: 'lost' });
    expect(link.kernel).toBeNull();
    transport.set({ status: 'no-package' });
    expect(states).toEqual([
      'none',
      'connecting',
      'idle',
      'busy',
      'idle',
      'lost',
      'no-package'
    ]);
  });

  test('is not busy for a kernel that answers a message', async () => {
    await open();
    vi.useFakeTimers();
    transport.set({ busy: true });
    vi.advanceTimersByTime(100);
    transport.set({ busy: false });
    vi.advanceTimersByTime(1000);
    expect(states).toEqual(['none', 'connecting', 'idle']);
  });

  test('is busy where a cell runs when the panel opens, which says hello meanwhile', async () => {
    transport.answer = () => undefined;
    transport.busy = true;
    transport.set({ status: 'open' });
    await vi.waitFor(() => expect(link.state).toBe('busy'));
    expect(transport.verbs()).toEqual(['hello']);
    expect(link.kernel).toBeNull();
    const { id } = transport.last('hello');
    transport.receive({ kind: 'result', id, value: BROWSER_KERNEL });
    transport.set({ busy: false });
    await vi.waitFor(() => expect(link.kernel).toEqual(BROWSER_KERNEL));
    expect(link.state).toBe('idle');
  });

  test('a restarted kernel is greeted again, and what it was asked for has failed', async () => {
    await open();
    const asked = link.request('mounts', {});
    transport.restarted.emit();
    await expect(asked).rejects.toThrow(/was restarted/);
    await vi.waitFor(() => expect(link.kernel).toEqual(BROWSER_KERNEL));
    expect(transport.verbs()).toEqual(['hello', 'mounts', 'hello']);
  });
});

describe('a request', () => {
  test('is answered with the value and its buffers, whatever else is asked', async () => {
    await open();
    const one = link.request('mounts', {});
    const other = link.ask('read', { path: '/x' });
    const [first, second] = [transport.last('mounts').id, transport.last('read').id];
    expect(transport.last('read').options).toEqual({ path: '/x' });
    const bytes = Uint8Array.of(0, 1, 2, 3).subarray(1, 3);
    transport.receive({ kind: 'result', id: second, value: { a: 1 } }, [bytes]);
    transport.receive({ kind: 'result', id: first, value: [] });
    expect(await one).toEqual([]);
    const { value, buffers } = await other;
    expect(value).toEqual({ a: 1 });
    expect([buffers[0].byteLength, buffers[0].getUint8(0)]).toEqual([2, 1]);
  });

  test('fails as the kernel says', async () => {
    await open();
    const asked = link.request('thaw', {});
    const { id } = transport.last('thaw');
    const error = {
      type: 'DangerousError',
      message: 'It runs by itself.',
      details: 'Traceback',
      dangerous: [{ path: '/x.pth', why: 'is read' }]
    };
    transport.receive({ kind: 'error', id, error });
    const failure: unknown = await asked.catch(e => e);
    expect(failure).toBeInstanceOf(LinkError);
    expect(failure).toMatchObject(error);
  });

  test.each([
    ['none', /There is no kernel/],
    ['connecting', /still starting/],
    ['no-package', /not installed.*%pip install/],
    ['lost', /restart it/]
  ] as const)('without a kernel (%s) says what to do', async (status, message) => {
    transport.set({ status });
    await expect(link.request('mounts', {})).rejects.toThrow(message);
  });

  test('is given up when the kernel stops', async () => {
    await open();
    const asked = link.request('mounts', {});
    transport.set({ status: 'lost' });
    await expect(asked).rejects.toThrow(/restart it/);
  });

  test('is given up when its comm is gone, and the next comm is greeted', async () => {
    await open();
    const asked = link.request('mounts', {});
    transport.set({ status: 'connecting' });
    await expect(asked).rejects.toThrow(/try again/);
    transport.set({ status: 'open' });
    await vi.waitFor(() => expect(link.kernel).toEqual(BROWSER_KERNEL));
  });

  test('of a native kernel tells how far it is over the comm', async () => {
    transport.answer = verb => (verb === 'hello' ? NATIVE_KERNEL : undefined);
    await open();
    const amounts: unknown[] = [];
    const asked = link.request(
      'pack',
      {},
      { onProgress: amount => amounts.push(amount) }
    );
    const { id } = transport.last('pack');
    transport.receive({ kind: 'progress', id, amount: AMOUNT });
    transport.receive({ kind: 'result', id, value: null });
    await asked;
    expect(amounts).toEqual([AMOUNT]);
  });

  test('that is cancelled is over when the kernel has heard of it', async () => {
    await open();
    const controller = new AbortController();
    const asked = link.request('thaw', {}, { signal: controller.signal });
    const { id } = transport.last('thaw');
    controller.abort();
    expect(transport.sent.at(-1)).toEqual({ kind: 'cancel', id });
    const error = { type: 'CancelledError', message: 'Cancelled', details: '' };
    transport.receive({ kind: 'error', id, error });
    await expect(asked).rejects.toMatchObject({ type: 'CancelledError' });
  });

  test('that is cancelled is over after a while, also when the kernel does not say so', async () => {
    await open();
    vi.useFakeTimers();
    const controller = new AbortController();
    const asked = link.request('thaw', {}, { signal: controller.signal });
    asked.catch(() => undefined);
    controller.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('while a cell runs', () => {
  test('a request is kept back, and sent when the cell has ended', async () => {
    await open();
    await busy();
    const asked = link.request('mounts', {});
    expect(transport.verbs()).toEqual(['hello']);
    transport.answer = () => ['mounted'];
    transport.set({ busy: false });
    expect(await asked).toEqual(['mounted']);
  });

  test('a request that is kept back outlives its comm', async () => {
    await open();
    await busy();
    const asked = link.request('mounts', {});
    transport.set({ status: 'connecting' });
    expect(transport.verbs()).toEqual(['hello']);
    transport.answer = verb => (verb === 'hello' ? BROWSER_KERNEL : ['mounted']);
    transport.set({ status: 'open', busy: false });
    expect(await asked).toEqual(['mounted']);
  });

  test('a request that is cancelled is never sent', async () => {
    await open();
    await busy();
    const controller = new AbortController();
    const asked = link.request('unmount', {}, { signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    transport.set({ busy: false });
    expect(transport.verbs()).toEqual(['hello']);
  });

  test('a kernel with subshells is asked at once', async () => {
    transport.answer = verb => (verb === 'hello' ? NATIVE_KERNEL : []);
    await open();
    transport.set({ busy: true });
    expect(await link.request('list', {})).toEqual([]);
    expect(link.state).toBe('idle');
  });
});

describe('an action of a kernel in the browser', () => {
  test('tells how far it is, hears of Cancel, and gets the file that it asks for', async () => {
    await open();
    const amounts: unknown[] = [];
    const controller = new AbortController();
    const file = new File(['bytes'], 'course.img');
    const asked = link.request(
      'mount',
      { upload: true },
      { file, signal: controller.signal, onProgress: amount => amounts.push(amount) }
    );
    asked.catch(() => undefined);
    const action = new KernelAction(transport.last('mount').id, 'Mounting');
    actions.push(action);
    const got = await action.upload();
    expect([got.name, await got.text()]).toEqual(['course.img', 'bytes']);
    action.progress(AMOUNT);
    await vi.waitFor(() => expect(amounts).toEqual([AMOUNT]));
    controller.abort();
    await vi.waitFor(() => expect(action.signal.aborted).toBe(true));
  });
});

test('what the kernel tells unasked is heard', async () => {
  const heard: unknown[] = [];
  link.events.connect((_, event) => heard.push(event));
  transport.receive({ kind: 'event', what: 'mounts', value: [] });
  expect(heard).toEqual([{ what: 'mounts', value: [] }]);
});
