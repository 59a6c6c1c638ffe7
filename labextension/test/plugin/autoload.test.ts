import 'fake-indexeddb/auto';

import type { Kernel, Session } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { beforeEach, expect, test, vi } from 'vitest';

import { StockAutoload } from '../../src/plugin/stock-autoload';
import { openStore } from '../../src/store';

const SITE = 'https://example.org/course/';

type Reply = { status: string; ename?: string; evalue?: string };

/** Kernels of a page that answer what is executed in them. */
function page(answer: () => Promise<Reply>) {
  const sessions = {} as Session.IManager;
  const runningChanged = new Signal<Session.IManager, Session.IModel[]>(sessions);
  Object.assign(sessions, { runningChanged });
  const requestExecute = vi.fn(() => ({
    done: answer().then(content => ({ content }))
  }));
  const dispose = vi.fn();
  const connectTo = vi.fn(
    () => ({ requestExecute, dispose }) as unknown as Kernel.IKernelConnection
  );
  const warned: string[] = [];
  new StockAutoload({ connectTo }, sessions, SITE, (id, text) =>
    warned.push(`${id}: ${text}`)
  );
  const start = (id: string, name: string) =>
    runningChanged.emit([{ kernel: { id, name } } as Session.IModel]);
  return { start, requestExecute, dispose, warned };
}

const ok = () => Promise.resolve({ status: 'ok' });

beforeEach(async () => {
  const store = await openStore({ site: SITE });
  await store.autoload.clear('python');
  store.close();
});

async function set(failed: string | null = null): Promise<void> {
  const store = await openStore({ site: SITE });
  const names = (await store.list()).map(({ name }) => name);
  if (!names.includes('mine')) {
    const sha256 = '0'.repeat(64);
    await store.put(
      'mine',
      async sink => {
        await sink(new Uint8Array(4));
        return { size: 4, sha256, uncompressedSize: 4, files: 0 };
      },
      { origin: 'frozen', root: '/' }
    );
  }
  await store.autoload.set('python', 'mine');
  if (failed) await store.autoload.note('python', failed);
  store.close();
}

test('each stock kernel thaws once what is set', async () => {
  await set();
  const { start, requestExecute, dispose, warned } = page(ok);
  start('a', 'python');
  start('a', 'python');
  start('b', 'course');
  await vi.waitFor(() => expect(dispose).toHaveBeenCalledTimes(1));
  expect(requestExecute).toHaveBeenCalledTimes(1);
  expect(requestExecute).toHaveBeenCalledWith(
    expect.objectContaining({ silent: true, store_history: false })
  );
  start('c', 'python');
  await vi.waitFor(() => expect(dispose).toHaveBeenCalledTimes(2));
  expect(warned).toEqual([]);
});

test('nothing is asked of a kernel when nothing is set, or it has failed before', async () => {
  const { start, requestExecute } = page(ok);
  start('a', 'python');
  await new Promise(resolve => setTimeout(resolve, 50));
  await set('it is damaged');
  start('b', 'python');
  await new Promise(resolve => setTimeout(resolve, 50));
  expect(requestExecute).not.toHaveBeenCalled();
});

test('what could not be thawed is told', async () => {
  await set();
  const fail = { status: 'error', ename: 'ValueError', evalue: 'no wheel' };
  const first = page(() => Promise.resolve(fail));
  first.start('a', 'python');
  await vi.waitFor(() =>
    expect(first.warned).toEqual(['a: mine was not thawed: ValueError: no wheel.'])
  );
  const second = page(async () => {
    await set('it is damaged.');
    return { status: 'ok' };
  });
  second.start('b', 'python');
  await vi.waitFor(() =>
    expect(second.warned[0]).toMatch(
      /^b: mine was not thawed: it is damaged\. It is not/
    )
  );
});
