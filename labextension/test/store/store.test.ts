import 'fake-indexeddb/auto';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { ImageReader, writeImage } from '../../src/image';
import type { INewEntry } from '../../src/image';
import { BlobSource } from '../../src/source';
import type { IStoreChange, Store, WriteImage } from '../../src/store';
import { openStore, peekAutoload, StoreError } from '../../src/store';
import { noise } from '../image/noise';

const SITE = 'https://user.example/course/';
const FROZEN = { origin: 'frozen' } as const;

let number = 0;
let databaseName: string;
let store: Store;
const opened: Store[] = [];

async function open(site = SITE): Promise<Store> {
  const another = await openStore({ site, databaseName });
  opened.push(another);
  return another;
}

beforeEach(async () => {
  databaseName = `test-${number++}`;
  store = await open();
});

afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

function entries(seed: number, size = 1000): INewEntry[] {
  const content = () => noise(size, seed);
  return [{ kind: 'file', path: '/data.bin', mode: 0o644, mtime: 0, size, content }];
}

function image(seed = 1, size?: number): WriteImage {
  return sink => writeImage(sink, entries(seed, size), { compress: false });
}

/** Check what the file of an image holds. */
async function expectContent(
  name: string,
  seed: number,
  size = 1000,
  from = store
): Promise<void> {
  const { blob } = await from.get(name);
  const reader = await ImageReader.open(new BlobSource(blob, name));
  const [{ start, end }] = reader.index.files;
  const found = await reader.read(start, end);
  expect(Buffer.compare(found, noise(size, seed))).toBe(0);
}

async function failure(promise: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason
  );
  expect(error).toBeInstanceOf(StoreError);
  return error as StoreError;
}

describe('put and get', () => {
  test('an image comes back with its bytes and what is known of it', async () => {
    const put = await store.put('env.blob', image(), {
      origin: 'frozen',
      note: 'before the exam',
      kernelspec: 'course',
      root: '/'
    });
    const { record, blob } = await store.get('env.blob');
    expect(record).toEqual(put);
    expect(await store.info('env.blob')).toEqual(put);
    expect(record).toMatchObject({
      name: 'env.blob',
      site: SITE,
      size: blob.size,
      files: 1,
      origin: 'frozen',
      note: 'before the exam',
      base: null,
      kernelspec: 'course',
      root: '/'
    });
    await expectContent('env.blob', 1);
    await expect(store.verify('env.blob')).resolves.toEqual(put);
  });

  test('it may be larger than a piece, and come in steps of any size', async () => {
    const size = 20 * 2 ** 20 + 17;
    const steps: number[] = [];
    await store.put('large', image(7, size), FROZEN, {
      onProgress: done => steps.push(done)
    });
    await expectContent('large', 7, size);
    expect(steps).toHaveLength(3);
    const { blob, record } = await store.get('large');
    await store.put('again', blob, { origin: 'imported' });
    expect((await store.get('again')).record).toMatchObject({
      origin: 'imported',
      sha256: record.sha256,
      uncompressedSize: record.uncompressedSize,
      files: 1
    });
  });

  test('a Blob that is no image is refused', async () => {
    const blob = new Blob([noise(5000) as Uint8Array<ArrayBuffer>]);
    await expect(store.put('x', blob, { origin: 'imported' })).rejects.toThrow(/^x: /);
    expect(await store.list()).toEqual([]);
    expect(await store.gc({ dryRun: true })).toEqual([]);
  });

  test('a writer that does not wait for the sink stores the same', async () => {
    const pieces: Uint8Array[] = [];
    const summary = await writeImage(bytes => void pieces.push(bytes), entries(3));
    await store.put(
      'x',
      async sink => {
        for (const piece of pieces) void sink(piece);
        return summary;
      },
      FROZEN
    );
    await expectContent('x', 3);
  });

  test('a writer whose summary tells of other bytes than it wrote is refused', async () => {
    const write: WriteImage = async sink => {
      const summary = await image()(sink);
      return { ...summary, size: summary.size + 1 };
    };
    await expect(store.put('x', write, FROZEN)).rejects.toThrow(
      /x: expected \d+ bytes from its writer, found \d+/
    );
    expect(await store.list()).toEqual([]);
  });

  test('what is not there is said to be missing, by its name', async () => {
    for (const attempt of [
      store.get('x'),
      store.delete('x'),
      store.rename('x', 'y'),
      store.setNote('x', ''),
      store.verify('x'),
      store.autoload.set('course', 'x')
    ]) {
      const error = await failure(attempt);
      expect(error.code).toBe('missing');
      expect(error.message).toMatch(/^x: there is no image of this name/);
    }
  });

  test.each(['', '.', '..', 'a/b', 'a\\b', 'a\nb', 'ü'.repeat(128)])(
    'the name %j is refused',
    async name => {
      const error = await failure(store.put(name, image(), FROZEN));
      expect(error.code).toBe('name');
      await store.put('x', image(), FROZEN);
      expect((await failure(store.rename('x', name))).code).toBe('name');
    }
  );

  test('names that look the same but are other characters are two', async () => {
    await store.put('\u00e9', image(1), FROZEN);
    await store.put('e\u0301', image(2), FROZEN);
    await expectContent('\u00e9', 1);
    await expectContent('e\u0301', 2);
  });
});

describe('overwriting', () => {
  test('asks for force, before anything is written', async () => {
    await store.put('x', image(1), FROZEN);
    let asked = false;
    const write: WriteImage = sink => {
      asked = true;
      return image(2)(sink);
    };
    const error = await failure(store.put('x', write, FROZEN));
    expect(error.code).toBe('exists');
    expect(asked).toBe(false);
    await expectContent('x', 1);
    await store.put('x', write, FROZEN, { force: true });
    await expectContent('x', 2);
  });

  test('leaves the old image as it is when the writer fails, and no debris', async () => {
    await store.put('x', image(1), FROZEN);
    const write: WriteImage = async sink => {
      await image(2, 10 * 2 ** 20)(sink);
      throw new Error('the disk of the kernel is on fire');
    };
    await expect(store.put('x', write, FROZEN, { force: true })).rejects.toThrow(
      'on fire'
    );
    await expectContent('x', 1);
    expect(await store.gc({ dryRun: true })).toEqual([]);
  });

  test('leaves it as it is when the put is aborted, and throws the reason', async () => {
    await store.put('x', image(1), FROZEN);
    const controller = new AbortController();
    const reason = new Error('cancelled');
    await expect(
      store.put('x', image(2, 20 * 2 ** 20), FROZEN, {
        force: true,
        signal: controller.signal,
        onProgress: () => controller.abort(reason)
      })
    ).rejects.toBe(reason);
    await expectContent('x', 1);
    expect(await store.gc({ dryRun: true })).toEqual([]);
  });

  test.each([false, true])(
    'two at once: one has the name, the other is told and kept (force: %s)',
    async force => {
      if (force) await store.put('env.blob', image(9), FROZEN);
      const results = await Promise.allSettled(
        [1, 2].map(async seed =>
          (await open()).put('env.blob', image(seed, 9 * 2 ** 20), FROZEN, { force })
        )
      );
      const winner = results.findIndex(({ status }) => status === 'fulfilled');
      const { reason } = results[1 - winner] as { reason: StoreError };
      expect(reason.code).toBe('exists');
      expect(reason.kept!.name).toBe('env-2.blob');
      expect(reason.message).toContain('kept as env-2.blob');
      await expectContent('env.blob', winner + 1, 9 * 2 ** 20);
      await expectContent('env-2.blob', 2 - winner, 9 * 2 ** 20);
      expect(await store.gc({ dryRun: true })).toEqual([]);
    }
  );
});

describe('names', () => {
  test('are kept apart by site', async () => {
    const other = await open('https://user.example/other?a=b#c');
    expect(other.site).toBe('https://user.example/other/');
    await store.put('x', image(1), FROZEN);
    await other.put('x', image(2), FROZEN);
    await other.put('y', image(1), FROZEN);
    await expectContent('x', 1);
    await expectContent('x', 2, 1000, other);
    expect((await store.list()).map(({ name }) => name)).toEqual(['x']);
    const all = await store.list({ allSites: true });
    expect(all.map(({ site, name }) => [site, name])).toEqual([
      [SITE, 'x'],
      [other.site, 'x'],
      [other.site, 'y']
    ]);
    const { sha256 } = all[0];
    expect(await store.find({ sha256 })).toHaveLength(1);
    expect(await store.find({ sha256 }, { allSites: true })).toHaveLength(2);
    await store.delete('x');
    expect(await store.list()).toEqual([]);
    expect(await other.list()).toHaveLength(2);
  });

  test('change, without a word being lost', async () => {
    await store.put('x', image(1), { ...FROZEN, note: 'a' });
    await store.put('y', image(2), FROZEN);
    expect((await failure(store.rename('x', 'y'))).code).toBe('exists');
    await expectContent('y', 2);
    await store.rename('x', 'y', { force: true });
    await expectContent('y', 1);
    expect(await store.setNote('y', 'b')).toMatchObject({ name: 'y', note: 'b' });
    expect(await store.list()).toMatchObject([{ name: 'y', note: 'b' }]);
    await store.rename('y', 'y');
    await expectContent('y', 1);
    await store.delete('y');
    expect(await store.list()).toEqual([]);
    expect(await store.gc({ dryRun: true })).toEqual([]);
  });
});

describe('autoload', () => {
  test('is remembered for each kernelspec, and found without the store', async () => {
    const { sha256 } = await store.put('x', image(), FROZEN);
    expect(await store.autoload.get('course')).toBeNull();
    expect(await peekAutoload(SITE, 'course', databaseName)).toBeNull();
    const set = await store.autoload.set('course', 'x');
    expect(set).toMatchObject({ site: SITE, kernelspec: 'course', name: 'x', sha256 });
    expect(await store.autoload.get('course')).toEqual(set);
    expect(await store.autoload.list()).toEqual([set]);
    expect(await store.autoload.get('python')).toBeNull();
    expect(await peekAutoload(SITE, 'course', databaseName)).toEqual(set);
    expect(await (await open('https://user.example/')).autoload.list()).toEqual([]);
    await store.autoload.clear('course');
    expect(await store.autoload.get('course')).toBeNull();
  });

  test('follows its image', async () => {
    await store.put('x', image(), FROZEN);
    await store.autoload.set('course', 'x');
    await store.rename('x', 'y');
    expect(await store.autoload.get('course')).toMatchObject({ name: 'y' });
    await store.delete('y');
    expect(await store.autoload.get('course')).toBeNull();
  });

  test('looking for it makes no database', async () => {
    expect(await peekAutoload(SITE, 'course', 'nowhere')).toBeNull();
    const names = (await indexedDB.databases()).map(({ name }) => name);
    expect(names).not.toContain('nowhere');
  });
});

test('changes are told in other tabs', async () => {
  const other = await open();
  const elsewhere = await open('https://user.example/');
  const heard: IStoreChange[] = [];
  const heardElsewhere: IStoreChange[] = [];
  const all: IStoreChange[] = [];
  other.onChange(change => void heard.push(change));
  elsewhere.onChange(change => void heardElsewhere.push(change));
  elsewhere.onChange(change => void all.push(change), { allSites: true });
  await store.put('x', image(), FROZEN);
  await store.setNote('x', 'a');
  await store.autoload.set('course', 'x');
  await store.rename('x', 'y');
  await store.delete('y');
  await expect.poll(() => heard.length).toBe(5);
  expect(heard).toEqual([
    { kind: 'put', site: SITE, name: 'x' },
    { kind: 'noted', site: SITE, name: 'x' },
    { kind: 'autoload', site: SITE, name: 'course' },
    { kind: 'renamed', site: SITE, name: 'x', to: 'y' },
    { kind: 'deleted', site: SITE, name: 'y' }
  ]);
  await expect.poll(() => all.length).toBe(5);
  expect(heardElsewhere).toEqual([]);
});

test('usage tells what takes the room', async () => {
  const other = await open('https://user.example/');
  const small = await store.put('small', image(1, 100), FROZEN);
  const large = await store.put('large', image(2, 10_000), FROZEN);
  const theirs = await other.put('x', image(), FROZEN);
  expect(await store.usage()).toMatchObject({
    images: [
      { name: 'large', size: large.size },
      { name: 'small', size: small.size }
    ],
    site: small.size + large.size,
    otherSites: theirs.size,
    debris: 0
  });
});
