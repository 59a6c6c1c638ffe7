import { describe, expect, test, vi } from 'vitest';

import { PageImages } from '../../src/panel/page-images';
import { noise } from '../image/noise';
import { fileOf, imageOf } from './images';
import {
  course,
  images,
  newDatabase,
  pathsOf,
  put,
  reading,
  rowOf,
  site,
  store,
  textOf,
  url
} from './page';

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
      databaseName: newDatabase(),
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
      databaseName: newDatabase(),
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
