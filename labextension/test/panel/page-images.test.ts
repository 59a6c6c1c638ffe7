import 'fake-indexeddb/auto';

import { resolveObjectURL } from 'node:buffer';

import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
  vi
} from 'vitest';

import { DangerousError } from '../../src/panel/error';
import { PageImages } from '../../src/panel/page-images';
import type { IReading } from '../../src/panel/reading';
import type { IAmount } from '../../src/actions';
import type { IImageRow } from '../../src/panel/types';
import { openStore, type Store } from '../../src/store';
import { noise } from '../image/noise';
import { fileOf, type Files, type IMade, imageOf } from './images';
import { PanelSite } from './site';
import { postedReading } from './worker';

const COURSE: Files = {
  '/lib/python/numpy.py': 'import math',
  '/lib/python/numpy.so': noise(700_000, 1),
  '/home/notes.txt': 'first'
};

let site: PanelSite;
let course: IMade;
let url: string;
let reading: IReading;
let close: () => void;
let images: PageImages;
let store: Store;
let number = 0;

beforeAll(async () => {
  site = await PanelSite.start();
  course = await imageOf(COURSE, { compress: true });
  url = site.environment('course', course);
});

afterAll(() => site.stop());

beforeEach(async () => {
  const databaseName = `panel-${number++}`;
  ({ reading, close } = postedReading());
  const environments = [{ name: 'course', displayName: 'Python (course)', url }];
  images = new PageImages({ site: site.url, environments, databaseName, reading });
  store = await openStore({ site: site.url, databaseName });
});

afterEach(() => {
  images.dispose();
  store.close();
  close();
  vi.unstubAllGlobals();
});

async function put(
  name: string,
  { bytes }: IMade,
  origin: 'frozen' | 'imported' = 'frozen'
): Promise<IImageRow> {
  await store.put(name, new Blob([bytes]), { origin, root: '/home' });
  return rowOf(`store:${name}`);
}

async function rowOf(key: string): Promise<IImageRow> {
  const row = (await images.list()).find(one => one.key === key);
  if (!row) throw new Error(`${key} is not listed`);
  return row;
}

function pathsOf(outline: Awaited<ReturnType<PageImages['outline']>>): string[] {
  return Array.from({ length: outline.count - 1 }, (_, i) => outline.path(i + 1));
}

async function textOf(row: IImageRow, path: string): Promise<string> {
  const bytes = await images.read(row, path, { start: 0, end: 100 });
  return new TextDecoder().decode(bytes);
}

/** What is handed to the browser: names and bytes. */
function downloads(): { name: string; blob: Blob }[] {
  const all: { name: string; blob: Blob }[] = [];
  const link = {
    href: '',
    download: '',
    click() {
      all.push({ name: this.download, blob: resolveObjectURL(this.href) as Blob });
    }
  };
  vi.stubGlobal('document', { createElement: () => link });
  return all;
}

describe('the list', () => {
  test('has the images of the site, with their packages', async () => {
    expect(await images.list()).toEqual([
      {
        key: `site:${url}`,
        place: 'site',
        name: 'Python (course)',
        size: course.bytes.length,
        files: null,
        created: null,
        note: '',
        base: null,
        baseName: null,
        sha256: course.summary.sha256,
        root: '/',
        url,
        origin: null,
        packages: [{ name: 'numpy', version: '2.4.3' }],
        autoload: []
      }
    ]);
  });

  test('has what is stored, and tells what it lies on and which kernels thaw it', async () => {
    const layer = await imageOf(
      { '/home/own.txt': 'own' },
      { base: course.summary.sha256 }
    );
    await put('own.blob', layer);
    await store.setNote('own.blob', 'mine');
    await store.autoload.set('course', 'own.blob');
    expect(await rowOf('store:own.blob')).toMatchObject({
      place: 'store',
      size: layer.bytes.length,
      files: 1,
      note: 'mine',
      base: course.summary.sha256,
      baseName: 'Python (course)',
      sha256: layer.summary.sha256,
      root: '/home',
      origin: 'frozen',
      autoload: ['course'],
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT/)
    });
  });

  test('tells of an environment whose manifest cannot be had, and has all else', async () => {
    const gone = new PageImages({
      site: site.url,
      environments: [
        {
          name: 'gone',
          displayName: 'Python (gone)',
          url: `${site.url}gone/environment.json`
        },
        { name: 'course', displayName: 'Python (course)', url }
      ],
      databaseName: `panel-${number++}`,
      reading
    });
    const rows = await gone.list();
    expect(rows.map(({ name, problem }) => [name, problem])).toEqual([
      ['Python (gone)', expect.stringContaining('answered 404')],
      ['Python (course)', undefined]
    ]);
    gone.dispose();
  });

  test('tells what keeps the store from being opened, and has all else', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const blocked = new PageImages({
      site: site.url,
      environments: [{ name: 'course', displayName: 'Python (course)', url }],
      databaseName: `panel-${number++}`,
      reading
    });
    expect((await blocked.list()).map(({ name }) => name)).toEqual(['Python (course)']);
    expect(blocked.problem).toMatch(/stor/);
    vi.unstubAllGlobals();
    await blocked.list();
    expect(blocked.problem).toBeNull();
    blocked.dispose();
  });

  test('changes when somebody else changes the store', async () => {
    await images.list();
    const heard = vi.fn();
    images.changed.connect(heard);
    await put('other.blob', course);
    await vi.waitFor(() => expect(heard).toHaveBeenCalled(), { timeout: 1000 });
  });
});

describe('what is inside', () => {
  test('of an image of the site is fetched as far as it is looked at', async () => {
    const row = await rowOf(`site:${url}`);
    site.requests.length = 0;
    const outline = await images.outline(row);
    expect(pathsOf(outline)).toEqual([
      '/home',
      '/home/notes.txt',
      '/lib',
      '/lib/python',
      '/lib/python/numpy.py',
      '/lib/python/numpy.so'
    ]);
    expect(outline.missing).toBeNull();
    expect(site.requests.some(line => line.includes('image.img whole'))).toBe(false);
    expect(await textOf(row, '/home/notes.txt')).toBe('first');
  });

  test('counts its files from then on', async () => {
    const heard = vi.fn();
    images.changed.connect(heard);
    await images.outline(await rowOf(`site:${url}`));
    expect(heard).toHaveBeenCalled();
    expect((await rowOf(`site:${url}`)).files).toBe(3);
  });

  test('of a layer is seen on its base, whatever that is called', async () => {
    const layer = await imageOf(
      { '/home/own.txt': 'own', '/lib/python/numpy.py': 'import cmath' },
      { base: course.summary.sha256, whiteouts: ['/home/notes.txt'] }
    );
    const row = await put('own.blob', layer);
    const outline = await images.outline(row);
    expect(pathsOf(outline)).toEqual([
      '/home',
      '/home/own.txt',
      '/lib',
      '/lib/python',
      '/lib/python/numpy.py',
      '/lib/python/numpy.so'
    ]);
    expect(await textOf(row, '/lib/python/numpy.py')).toBe('import cmath');
    const bytes = await images.read(row, '/lib/python/numpy.so', {
      start: 0,
      end: 1e6
    });
    expect(Buffer.compare(bytes, noise(700_000, 1))).toBe(0);
  });

  test('of a layer whose base is nowhere is what the layer holds, and says so', async () => {
    const base = 'ab'.repeat(32);
    const row = await put('own.blob', await imageOf({ '/own.txt': 'own' }, { base }));
    const outline = await images.outline(row);
    expect(pathsOf(outline)).toEqual(['/own.txt']);
    expect(outline.missing).toBe(base);
  });

  test('of a layer is seen on an earlier build that is still on the site', async () => {
    const earlier = await imageOf({ '/earlier.txt': 'then' });
    site.environment('course', earlier, 'bbbb');
    site.files.set(
      'frozen/course/builds.json',
      JSON.stringify({ [earlier.summary.sha256]: 'bbbb' })
    );
    const { sha256: base } = earlier.summary;
    const row = await put('own.blob', await imageOf({ '/own.txt': 'own' }, { base }));
    expect(pathsOf(await images.outline(row))).toEqual(['/earlier.txt', '/own.txt']);
  });

  test('is read in ranges, which end where the file ends', async () => {
    const row = await put('course.blob', course);
    const read = async (start: number, end: number) =>
      new TextDecoder().decode(
        await images.read(row, '/home/notes.txt', { start, end })
      );
    expect(await read(1, 3)).toBe('ir');
    expect(await read(3, 100)).toBe('st');
    expect(await read(50, 100)).toBe('');
    await expect(images.read(row, '/home', { start: 0, end: 1 })).rejects.toThrow(
      '/home is a directory, expected a file'
    );
    await expect(images.read(row, '/none', { start: 0, end: 1 })).rejects.toThrow(
      'There is no /none'
    );
  });

  test('is the new one after the image was overwritten', async () => {
    const row = await put('x.blob', course);
    await images.outline(row);
    await store.put(
      'x.blob',
      new Blob([(await imageOf({ '/new.txt': 'x' })).bytes]),
      {
        origin: 'frozen'
      },
      { force: true }
    );
    expect(pathsOf(await images.outline(await rowOf('store:x.blob')))).toEqual([
      '/new.txt'
    ]);
  });

  test('is not waited for once that is aborted', async () => {
    const controller = new AbortController();
    const row = await put('course.blob', course);
    const opening = images.outline(row, controller.signal);
    controller.abort();
    await expect(opening).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' })
    );
  });

  test('is told to be damaged where it is', async () => {
    const plain = await imageOf({
      '/a.bin': noise(300_000, 1),
      '/b.bin': noise(300_000, 2)
    });
    plain.bytes[400_000] ^= 1;
    const row = await images.add(fileOf(plain, 'bad.img'));
    await images.outline(row);
    await images.read(row, '/a.bin', { start: 0, end: 100 });
    await expect(
      images.read(row, '/b.bin', { start: 0, end: 300_000 })
    ).rejects.toThrow(/bad\.img: chunk 1 is damaged/);
  });
});

describe('what is added', () => {
  test('a file is listed until it is forgotten, and known by its digest', async () => {
    const row = await images.add(fileOf(course, 'course.img'));
    expect(row).toMatchObject({
      key: 'file:course.img',
      place: 'file',
      size: course.bytes.length,
      files: 3,
      created: '2026-01-02T00:00:00.000Z'
    });
    await vi.waitFor(async () =>
      expect((await rowOf('file:course.img')).sha256).toBe(course.summary.sha256)
    );
    expect(images.file(row)?.name).toBe('course.img');
    expect(images.file(await rowOf(`site:${url}`))).toBeNull();
    images.forget(row);
    expect((await images.list()).map(({ place }) => place)).toEqual(['site']);
  });

  test('a file takes the place of another of its name', async () => {
    const old = await images.add(fileOf(course, 'a.img'));
    await images.outline(old);
    const row = await images.add(fileOf(await imageOf({ '/x': 'x' }), 'a.img'));
    expect(pathsOf(await images.outline(row))).toEqual(['/x']);
    expect((await images.list()).filter(({ place }) => place === 'file').length).toBe(
      1
    );
  });

  test('what is no image is refused, and not listed', async () => {
    const file = new File(['no image'.repeat(1000)], 'thesis.doc');
    await expect(images.add(file)).rejects.toThrow(/thesis\.doc/);
    expect((await images.list()).length).toBe(1);
  });

  test('of an address only what is looked at is fetched', async () => {
    site.files.set('shared/my course.img', course.bytes);
    site.requests.length = 0;
    const row = await images.add(`  ${site.url}shared/my%20course.img `);
    expect(row).toMatchObject({ place: 'address', name: 'my course.img', files: 3 });
    expect(await textOf(row, '/home/notes.txt')).toBe('first');
    expect(site.requests.every(line => line.includes(' bytes='))).toBe(true);
  });

  test('an address at which nothing is says so', async () => {
    await expect(images.add(`${site.url}nothing.img`)).rejects.toThrow(
      /nothing\.img answered 404 Not Found\. Check the address/
    );
    await expect(images.add('http://127.0.0.1:9/x.img')).rejects.toThrow(
      /did not answer.*download the file/
    );
  });

  test("the address of another site's environment is that of its image", async () => {
    const row = await images.add(url);
    expect(row).toMatchObject({
      place: 'address',
      name: 'Python (course)',
      url,
      packages: [{ name: 'numpy' }]
    });
    expect(await textOf(row, '/home/notes.txt')).toBe('first');
  });

  test.each(['', 'course.blob', 'ftp://x/y', 'https://'])(
    '%j is no address',
    async text => {
      await expect(images.add(text)).rejects.toThrow(/is no address/);
    }
  );
});

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
    databaseName: `panel-${number - 1}`
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
