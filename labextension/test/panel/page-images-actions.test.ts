import { describe, expect, test, vi } from 'vitest';

import type { IAmount } from '../../src/actions';
import { DangerousError } from '../../src/panel/error';
import { openStore } from '../../src/store';
import { noise } from '../image/noise';
import { fileOf, imageOf } from './images';
import {
  course,
  databaseName,
  downloads,
  images,
  put,
  rowOf,
  site,
  store,
  url
} from './page';

describe('two images', () => {
  test('are compared by path, with sizes', async () => {
    const older = await put('older.blob', course);
    const newer = await put(
      'newer.blob',
      await imageOf({
        '/lib/python/numpy.py': 'import cmath',
        '/lib/python/numpy.so': noise(700_000, 1),
        '/home/new.txt': 'new',
        '/home/link': '->new.txt'
      })
    );
    const amounts: IAmount[] = [];
    const rows = await images.compare(older, newer, {
      onProgress: amount => amounts.push(amount)
    });
    expect(rows).toEqual([
      { path: '/home/link', kind: 'added', before: null, after: null, differs: [] },
      { path: '/home/new.txt', kind: 'added', before: null, after: 3, differs: [] },
      { path: '/home/notes.txt', kind: 'removed', before: 5, after: null, differs: [] },
      {
        path: '/lib/python/numpy.py',
        kind: 'changed',
        before: 11,
        after: 12,
        differs: ['size']
      }
    ]);
    expect(amounts.at(-1)).toEqual({
      files: 1,
      totalFiles: 1,
      bytes: 700_000,
      totalBytes: 700_000
    });
  });

  test('a layer is compared with what it lies on', async () => {
    const row = await put(
      'own.blob',
      await imageOf({ '/home/own.txt': 'own' }, { base: course.summary.sha256 })
    );
    const rows = await images.compare(await rowOf(`site:${url}`), row);
    expect(rows.filter(({ kind }) => kind === 'added').map(({ path }) => path)).toEqual(
      ['/home/own.txt']
    );
  });
});

describe('what is stored', () => {
  test('is renamed, noted and deleted', async () => {
    const row = await images.rename(await put('a.blob', course), 'b.blob');
    expect(row.key).toBe('store:b.blob');
    await images.setNote(row, 'for Monday');
    expect((await rowOf('store:b.blob')).note).toBe('for Monday');
    await images.remove(row);
    expect(await store.list()).toEqual([]);
  });

  test('names what depends on it', async () => {
    const row = await put('a.blob', await imageOf({ '/a': 'a' }));
    await put('layer.blob', await imageOf({ '/b': 'b' }, { base: row.sha256! }));
    await store.autoload.set('course', 'a.blob');
    expect(await images.dependents(await rowOf('store:a.blob'))).toEqual([
      'layer.blob is a layer on it.',
      'Python (course) thaws it at each start.'
    ]);
    // The layer finds its base in the copy.
    await put('copy.blob', await imageOf({ '/a': 'a' }));
    expect(await images.dependents(await rowOf('store:a.blob'))).toEqual([
      'Python (course) thaws it at each start.'
    ]);
  });

  test('is exported once its digest is right', async () => {
    const all = downloads();
    const amounts: IAmount[] = [];
    await images.export(await put('a.blob', course), {
      onProgress: amount => amounts.push(amount)
    });
    expect(all.map(({ name }) => name)).toEqual(['a.blob']);
    expect(
      Buffer.compare(Buffer.from(await all[0].blob.arrayBuffer()), course.bytes)
    ).toBe(0);
    expect(amounts.at(-1)).toMatchObject({ bytes: course.bytes.length });
  });

  test('is not exported when that is cancelled', async () => {
    const all = downloads();
    const controller = new AbortController();
    const exporting = images.export(await put('a.blob', course), {
      signal: controller.signal,
      onProgress: () => controller.abort()
    });
    await expect(exporting).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' })
    );
    expect(all).toEqual([]);
  });

  test('a file of it is handed to the browser', async () => {
    const all = downloads();
    await images.saveFile(await put('a.blob', course), '/lib/python/numpy.so');
    expect(all[0].name).toBe('numpy.so');
    expect(
      Buffer.compare(Buffer.from(await all[0].blob.arrayBuffer()), noise(700_000, 1))
    ).toBe(0);
  });
});

describe('what is elsewhere', () => {
  test('is kept, and is then the same image', async () => {
    const row = await images.keep(await rowOf(`site:${url}`), 'copy.img');
    expect(row).toMatchObject({
      key: 'store:copy.img',
      sha256: course.summary.sha256,
      origin: 'imported'
    });
    await expect(
      images.keep(await rowOf(`site:${url}`), 'copy.img')
    ).rejects.toMatchObject({
      name: 'StoreError',
      code: 'exists'
    });
    await images.keep(await rowOf(`site:${url}`), 'copy.img', { force: true });
  });

  test('that was frozen in this browser is known again', async () => {
    await put('mine.blob', course);
    const file = await images.add(fileOf(course, 'mine.blob'));
    const row = await images.keep(file, 'again.blob');
    expect(row).toMatchObject({ origin: 'frozen', root: '/home' });
  });

  test('is exported under a name that a file can have', async () => {
    const all = downloads();
    const row = await rowOf(`site:${url}`);
    site.requests.length = 0;
    await images.export(row);
    // At once, and not in ranges.
    expect(site.requests.filter(line => line.includes('image.img'))).toEqual([
      'frozen/course/aaaa/image.img whole'
    ]);
    expect(all.map(({ name, blob }) => [name, blob.size])).toEqual([
      ['Python-(course).img', course.bytes.length]
    ]);
  });

  test('is verified by its checksums when it is a file of this computer', async () => {
    const row = await images.add(fileOf(course, 'course.img'));
    await vi.waitFor(async () => expect((await rowOf(row.key)).sha256).not.toBeNull());
    const amounts: IAmount[] = [];
    await images.verify(await rowOf(row.key), {
      onProgress: amount => amounts.push(amount)
    });
    expect(amounts.at(-1)!.bytes).toBe(amounts.at(-1)!.totalBytes);
    const damaged = { ...course, bytes: course.bytes.slice() };
    damaged.bytes[course.bytes.length >> 1] ^= 1;
    const bad = await images.add(fileOf(damaged, 'damaged.img'));
    await expect(images.verify(bad)).rejects.toThrow(/damaged\.img: .*chunk/);
  });

  test('is refused when it is not what the site says', async () => {
    const other = site.environment('other', course, 'cccc');
    const bad = course.bytes.slice();
    bad[20_000] ^= 1;
    site.files.set('frozen/other/cccc/image.img', bad);
    const row = await images.add(other);
    await expect(images.verify(row)).rejects.toThrow(/expected the SHA-256/);
  });
});

describe('autoload', () => {
  test('is set and cleared for a kernel', async () => {
    const row = await put('a.blob', course);
    await images.setAutoload(row, 'course', true);
    expect((await rowOf('store:a.blob')).autoload).toEqual(['course']);
    await images.setAutoload(row, 'course', false);
    expect((await rowOf('store:a.blob')).autoload).toEqual([]);
  });

  test('leaves what another image is set for', async () => {
    const row = await put('a.blob', course);
    const other = await put('b.blob', await imageOf({ '/b': 'b' }));
    await images.setAutoload(row, 'course', true);
    await images.setAutoload(other, 'course', false);
    expect((await store.autoload.get('course'))?.name).toBe('a.blob');
  });

  test('of what was not made here and Python would run has to be trusted', async () => {
    const made = await imageOf({ '/lib/python3.14/site-packages/x.pth': 'import x' });
    const row = await put('theirs.blob', made, 'imported');
    const failure: unknown = await images
      .setAutoload(row, 'course', true)
      .catch(e => e);
    expect(failure).toBeInstanceOf(DangerousError);
    expect((failure as DangerousError).dangerous).toMatchObject([
      { path: '/lib/python3.14/site-packages/x.pth' }
    ]);
    expect(await store.autoload.get('course')).toBeNull();
    await images.setAutoload(row, 'course', true, true);
    expect((await store.autoload.get('course'))?.name).toBe('theirs.blob');
  });
});

test('the room is what images and their debris take', async () => {
  await put('a.blob', course);
  const other = await openStore({
    site: 'https://other.example/',
    databaseName
  });
  await other.put('z.blob', new Blob([course.bytes]), { origin: 'frozen' });
  other.close();
  expect(await images.room()).toMatchObject({
    items: [
      { name: 'a.blob', size: course.bytes.length, what: 'image' },
      { name: 'https://other.example/', size: course.bytes.length, what: 'site' }
    ],
    debris: 0
  });
  expect(await images.cleanUp()).toBe(0);
});
