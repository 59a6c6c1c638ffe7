import 'fake-indexeddb/auto';

import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { KernelAction } from '../../src/actions';
import type { IEmscriptenFS } from '../../src/emscripten';
import { createFrozenFS } from '../../src/fs';
import { ImageReader } from '../../src/image';
import {
  freezeSession,
  kernelImage,
  listMounts,
  mountProblem,
  mountSession,
  Session,
  unmountSession,
  type IMountRequest
} from '../../src/session';
import { MemorySource } from '../../src/source';
import { Kernel } from '../fs/kernel';
import { makeImage } from '../image/make-image';

let FS: IEmscriptenFS;
let session: Session;
let action: KernelAction;
let number = 0;

beforeAll(async () => {
  ({ FS } = await Kernel.start());
});

beforeEach(() => {
  number += 1;
  const site = `https://user.example/${number}/`;
  session = new Session(FS, { site, kernelspec: 'course', environment: null });
  action = new KernelAction(`mount-${number}`, 'Mounting');
  vi.spyOn(action, 'persist').mockResolvedValue(null);
  FS.mkdirTree(`/work/${number}/sub`);
  FS.chdir(`/work/${number}`);
  FS.writeFile('one.txt', 'first');
  FS.writeFile('sub/two.txt', `second of ${number}`);
});

afterEach(async () => {
  FS.chdir('/');
  for (const { path, system } of listMounts(session).reverse()) {
    if (!system) unmountSession(session, path);
  }
  action.close();
  (await session.store()).close();
});

const own = (path: string) => `/mounted/${number}/${path}`;

function mount(request: Partial<IMountRequest> = {}) {
  const all = {
    source: 'env.blob',
    upload: false,
    path: own('env'),
    root: '/',
    writable: false,
    ...request
  };
  return mountSession(session, all, action);
}

function freeze(name: string, base: string | null = null) {
  return freezeSession(
    session,
    {
      name,
      root: FS.cwd(),
      include: [],
      exclude: [],
      includeMounts: false,
      layer: false,
      base,
      compress: false,
      note: '',
      force: false,
      download: false,
      file: null
    },
    action
  );
}

describe('mounting', () => {
  test('an image of the store shows its files, and is not to be written', async () => {
    const { sha256 } = await freeze('env.blob');
    expect(await mount()).toEqual({
      path: own('env'),
      root: '/',
      name: 'env.blob',
      sha256,
      writable: false,
      layers: [],
      changes: 0,
      system: false
    });
    expect(FS.readdir(own('env')).sort()).toEqual(['.', '..', 'one.txt', 'sub']);
    expect(FS.stat(own('env/one.txt')).size).toBe(5);
    expect(() => FS.writeFile(own('env/three.txt'), '')).toThrow(
      expect.objectContaining({ errno: 69 }) as Error
    );
    expect(listMounts(session).map(({ path }) => path)).toEqual([own('env')]);
  });

  test('one folder of an image can be shown, and be written to', async () => {
    await freeze('env.blob');
    await mount({ root: '/sub', writable: true });
    FS.writeFile(own('env/three.txt'), 'third');
    expect(FS.readdir(own('env')).sort()).toEqual(['.', '..', 'three.txt', 'two.txt']);
    expect(listMounts(session)).toMatchObject([
      { root: '/sub', writable: true, changes: 1 }
    ]);
  });

  test('a layer is mounted with what it lies on', async () => {
    await freeze('base');
    FS.writeFile('three.txt', 'third');
    FS.unlink('one.txt');
    await freeze('layer', 'base');
    const mounted = await mount({ source: 'layer' });
    expect(mounted).toMatchObject({ name: 'layer', layers: ['base'] });
    expect(FS.readdir(own('env')).sort()).toEqual(['.', '..', 'sub', 'three.txt']);
  });

  test('a layer whose base is not here names it, and makes no folder', async () => {
    const { sha256 } = await freeze('base');
    FS.writeFile('three.txt', 'third');
    await freeze('layer', 'base');
    await (await session.store()).delete('base');
    await expect(mount({ source: 'layer' })).rejects.toMatchObject({
      code: 'base',
      message: expect.stringContaining(sha256) as string
    });
    expect(FS.analyzePath(own('env')).exists).toBe(false);
  });

  test('a file of the filesystem and one of this computer', async () => {
    const bytes = makeImage([{ path: '/a.txt', content: 'a' }]).slice();
    FS.writeFile('own.img', bytes);
    expect(await mount({ source: './own.img' })).toMatchObject({
      name: 'own.img',
      sha256: null
    });
    vi.spyOn(action, 'upload').mockResolvedValue(new File([bytes], 'chosen.img'));
    const chosen = await mount({ source: null, upload: true, path: own('chosen') });
    expect(chosen.name).toBe('chosen.img');
    expect(FS.stat(own('chosen/a.txt')).size).toBe(1);
  });

  test('a folder that the image does not have leaves nothing behind', async () => {
    await freeze('env.blob');
    await expect(mount({ root: '/nowhere' })).rejects.toThrow(
      'env.blob has no directory /nowhere to mount'
    );
    expect(FS.analyzePath(`/mounted/${number}`).exists).toBe(false);
  });

  test('what is mounted is not what the kernel runs from', async () => {
    await freeze('env.blob');
    await mount();
    expect(kernelImage(FS)).toBe(null);
  });
});

describe('where nothing can be mounted', () => {
  test.each([
    ['relative/path', 'not absolute'],
    ['', 'not absolute'],
    ['/', 'on / itself'],
    ['/work/../etc', 'has . or ..'],
    ['/dev/images', 'devices'],
    ['/proc', 'devices'],
    ['/work', 'is not empty']
  ])('%s', (path, problem) => {
    expect(mountProblem(FS, path)).toContain(problem);
  });

  test('a file, what lies below one, and what is mounted already', async () => {
    const file = `${FS.cwd()}/one.txt`;
    expect(mountProblem(FS, file)).toContain('is not a folder');
    expect(mountProblem(FS, `${file}/below`)).toContain('one.txt is not a folder');
    await freeze('env.blob');
    await mount();
    const problem = mountProblem(FS, own('env'));
    expect(problem).toContain(`%unmount_fs ${own('env')}`);
    await expect(mount()).rejects.toMatchObject({ code: 'busy', message: problem });
    expect(mountProblem(FS, own('env/below'))).toContain('read-only');
    expect(mountProblem(FS, own('another'))).toBe(null);
  });

  test('an empty folder is free', () => {
    FS.mkdir('empty');
    expect(mountProblem(FS, `${FS.cwd()}/empty`)).toBe(null);
  });
});

describe('unmounting', () => {
  test('takes the folders away that were made for it, and leaves others', async () => {
    await freeze('env.blob');
    await mount({ path: own('deep/er/env') });
    expect(unmountSession(session, `${own('deep/er/env')}/`)).toMatchObject({
      path: own('deep/er/env'),
      name: 'env.blob'
    });
    expect(FS.analyzePath(`/mounted/${number}`).exists).toBe(false);
    FS.mkdir('empty');
    await mount({ path: `${FS.cwd()}/empty` });
    unmountSession(session, `${FS.cwd()}/empty`);
    expect(FS.readdir('empty')).toEqual(['.', '..']);
  });

  test('is refused while a file is open, or the kernel works in it', async () => {
    await freeze('env.blob');
    await mount({ writable: true });
    const stream = FS.open(own('env/new.txt'), 'w');
    expect(() => unmountSession(session, own('env'))).toThrow(
      expect.objectContaining({
        code: 'busy',
        message: expect.stringContaining(`${own('env/new.txt')} is open`) as string
      }) as Error
    );
    FS.close(stream);
    FS.chdir(own('env/sub'));
    expect(() => unmountSession(session, own('env'))).toThrow('%cd /');
    FS.chdir('/');
    FS.mkdir(own('env/inner'));
    await mount({ path: own('env/inner') });
    expect(() => unmountSession(session, own('env'))).toThrow(own('env/inner'));
    unmountSession(session, own('env/inner'));
    unmountSession(session, own('env'));
    expect(listMounts(session)).toEqual([]);
  });

  test('names what is mounted when nothing is mounted there', async () => {
    expect(() => unmountSession(session, '/work')).toThrow(
      'No image is mounted on /work'
    );
    await freeze('env.blob');
    await mount();
    expect(() => unmountSession(session, 'env')).toThrow(own('env'));
  });

  test('what the kernel runs from stays', async () => {
    const image = await ImageReader.open(
      new MemorySource(makeImage([{ path: '/a.txt', content: 'a' }]), 'course')
    );
    FS.mkdirTree('/runs/from');
    FS.mount(createFrozenFS(FS), { image, writable: true, system: true }, '/runs/from');
    expect(listMounts(session)).toMatchObject([{ name: 'course', system: true }]);
    expect(() => unmountSession(session, '/runs/from')).toThrow('cannot be unmounted');
    expect(mountProblem(FS, '/runs/from')).toContain('something of the kernel');
    expect(kernelImage(FS)?.images).toEqual([image]);
    FS.unmount('/runs/from');
  });
});
