import 'fake-indexeddb/auto';

import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { KernelAction } from '../../src/actions';
import type { IEmscriptenFS } from '../../src/emscripten';
import {
  compareImages,
  compareLiveSession,
  exportImage,
  freezeSession,
  type IFreezeRequest,
  importImage,
  type IThawRequest,
  listEntries,
  readEntry,
  runAutoload,
  Session,
  setAutoload,
  thawSession
} from '../../src/session';
import { StoreError } from '../../src/store';
import { Kernel } from '../fs/kernel';

let FS: IEmscriptenFS;
let session: Session;
let action: KernelAction;
let number = 0;

beforeAll(async () => {
  ({ FS } = await Kernel.start());
});

beforeEach(() => {
  number += 1;
  session = newSession();
  action = new KernelAction(`action-${number}`, 'Working');
  FS.mkdirTree(`/work/${number}`);
  FS.chdir(`/work/${number}`);
  FS.writeFile('one.txt', 'first');
  // Images of two tests are two images.
  FS.utime('one.txt', number * 1000, number * 1000);
});

afterEach(async () => {
  action.close();
  (await session.store()).close();
});

/** A kernel of the same site, such as the next one. */
function newSession(kernelspec = 'course'): Session {
  const site = `https://user.example/${number}/`;
  return new Session(FS, { site, kernelspec, environment: null });
}

function freeze(request: Partial<IFreezeRequest> = {}) {
  return freezeSession(
    session,
    {
      name: 'env.blob',
      root: FS.cwd(),
      include: [],
      exclude: [],
      includeMounts: false,
      layer: false,
      base: null,
      compress: false,
      note: '',
      force: false,
      download: false,
      file: null,
      ...request
    },
    action
  );
}

function thaw(request: Partial<IThawRequest> = {}) {
  return thawSession(
    session,
    {
      source: 'env.blob',
      upload: false,
      root: null,
      include: [],
      exclude: [],
      clean: false,
      keepNewer: false,
      dryRun: false,
      rebase: false,
      trust: false,
      ...request
    },
    action
  );
}

const text = (path: string) => FS.readFile(path, { encoding: 'utf8' });

/** No page shows what these tests do, and to find that out takes seconds. */
function withoutPages(): void {
  vi.spyOn(action, 'persist').mockResolvedValue(null);
}

describe('freezing', () => {
  beforeEach(withoutPages);

  test('an image of the store goes back to the folder that it came from', async () => {
    const frozen = await freeze({ note: 'mine' });
    expect(frozen).toMatchObject({ stored: true, files: 1, file: null, instead: null });
    FS.writeFile('one.txt', 'changed');
    const thawed = await thaw();
    expect(thawed).toMatchObject({ root: FS.cwd(), changed: ['/one.txt'], done: true });
    expect(text('one.txt')).toBe('first');
  });

  test('a file needs no name, and is not part of itself', async () => {
    await freeze({ name: null, file: 'own.blob' });
    await freeze({ name: null, file: 'own.blob' });
    const { created } = await thaw({
      source: './own.blob',
      root: '/elsewhere',
      dryRun: true
    });
    expect(created).toEqual(['/one.txt']);
    expect(FS.readdir('.')).not.toContain('own.blob.part');
  });

  test('a layer on a stored image is thawed with it', async () => {
    await freeze({ name: 'base' });
    FS.writeFile('two.txt', 'second');
    const layer = await freeze({ name: 'layer', base: 'base' });
    expect(layer).toMatchObject({ files: 1 });
    FS.writeFile('three.txt', 'third');
    await freeze({ name: 'upper', base: 'layer' }).catch(() => undefined);
    await thaw({ source: 'layer', root: `${FS.cwd()}/again` });
    expect([text('again/one.txt'), text('again/two.txt')]).toEqual(['first', 'second']);
  });

  test('a layer whose base is gone names it', async () => {
    const { sha256 } = await freeze({ name: 'base' });
    FS.writeFile('two.txt', 'second');
    await freeze({ name: 'layer', base: 'base' });
    await (await session.store()).delete('base');
    await expect(thaw({ source: 'layer' })).rejects.toMatchObject({
      code: 'base',
      message: expect.stringContaining(sha256)
    });
  });

  test('a kernel that runs from no image has nothing that a layer could lie on', async () => {
    await expect(freeze({ layer: true })).rejects.toMatchObject({
      name: 'SessionError',
      message: expect.stringContaining('--base')
    });
  });

  test('what cannot be stored is offered as a download', async () => {
    vi.spyOn(await session.store(), 'put').mockRejectedValue(
      new StoreError('quota', 'There is no room.')
    );
    const download = vi.spyOn(action, 'download').mockResolvedValue(true);
    const frozen = await freeze();
    expect(frozen).toMatchObject({
      stored: false,
      downloaded: true,
      instead: 'There is no room.'
    });
    expect(download).toHaveBeenCalledOnce();
    const [name, blob] = download.mock.calls[0];
    expect([name, blob.size]).toEqual(['env.blob', frozen.size]);
  });

  test('what can be kept nowhere says what else to do', async () => {
    vi.spyOn(await session.store(), 'put').mockRejectedValue(
      new StoreError('unavailable', 'Storage is blocked.')
    );
    vi.spyOn(action, 'download').mockResolvedValue(false);
    await expect(freeze()).rejects.toThrow(/Storage is blocked.*--file/);
  });

  test('a name that is taken is no reason for a download', async () => {
    await freeze();
    await expect(freeze()).rejects.toMatchObject({ code: 'exists' });
    await expect(freeze({ force: true })).resolves.toMatchObject({ stored: true });
  });

  test('Cancel leaves nothing behind', async () => {
    action.cancel();
    await expect(freeze()).rejects.toMatchObject({ name: 'AbortError' });
    const store = await session.store();
    expect(await store.list()).toEqual([]);
    expect(await store.gc({ dryRun: true })).toEqual([]);
  });
});

describe('thawing', () => {
  beforeEach(withoutPages);

  test('a name that is not stored is a file of the current folder', async () => {
    await freeze({ name: null, file: 'own.blob' });
    await expect(
      thaw({ source: 'own.blob', root: '/x', dryRun: true })
    ).resolves.toMatchObject({
      done: false,
      created: ['/one.txt']
    });
  });

  test.each(['nothing.blob', './nothing.blob', '/no/thing.blob'])(
    '%s is not there',
    async source => {
      await expect(thaw({ source })).rejects.toMatchObject({ code: 'missing' });
    }
  );

  test('what Python runs by itself is named, unless it was frozen here', async () => {
    FS.mkdir('lib');
    FS.writeFile('lib/sitecustomize.py', 'evil = True');
    const { sha256 } = await freeze({ name: 'own', file: 'own.blob' });
    FS.unlink('lib/sitecustomize.py');
    await expect(thaw({ source: 'own' })).resolves.toMatchObject({ done: true });
    FS.unlink('lib/sitecustomize.py');
    // Its bytes are known, wherever they come from.
    await expect(thaw({ source: './own.blob', root: FS.cwd() })).resolves.toMatchObject(
      { done: true }
    );
    FS.unlink('lib/sitecustomize.py');

    await (await session.store()).delete('own');
    await expect(thaw({ source: './own.blob', root: FS.cwd() })).rejects.toMatchObject({
      code: 'dangerous',
      message: expect.stringContaining('/lib/sitecustomize.py'),
      dangerous: [{ path: '/lib/sitecustomize.py', why: expect.any(String) }]
    });
    expect(FS.analyzePath('lib/sitecustomize.py').exists).toBe(false);
    const trusted = { source: './own.blob', root: FS.cwd(), trust: true };
    await expect(thaw(trusted)).resolves.toMatchObject({ done: true });
    expect(sha256).toHaveLength(64);
  });
});

describe('looking after images', () => {
  beforeEach(withoutPages);

  test('entries are listed, read and compared', async () => {
    await freeze({ name: 'a' });
    FS.writeFile('two.txt', 'second');
    FS.writeFile('one.txt', 'other');
    await freeze({ name: 'b' });
    expect((await listEntries(session, 'b', ['two*'])).map(({ path }) => path)).toEqual(
      ['/two.txt']
    );
    expect(Buffer.from(await readEntry(session, 'b', '/two.txt')).toString()).toBe(
      'second'
    );
    await expect(readEntry(session, 'b', '/three.txt')).rejects.toMatchObject({
      code: 'missing'
    });
    const expected = { added: ['/two.txt'], changed: ['/one.txt'], removed: [] };
    expect(await compareImages(session, 'a', 'b', action)).toEqual(expected);
    expect(await compareImages(session, 'a', 'live', action)).toEqual(expected);
    expect(await compareImages(session, 'live', 'a', action)).toEqual({
      added: [],
      changed: ['/one.txt'],
      removed: ['/two.txt']
    });
  });

  test('what has changed since an image was made, with sizes', async () => {
    FS.writeFile('old.txt', 'old');
    await freeze();
    FS.writeFile('two.txt', 'second');
    FS.writeFile('one.txt', 'the first');
    FS.unlink('old.txt');
    FS.mkdir('folder');
    const request = { source: 'env.blob', upload: false, root: null };
    expect(await compareLiveSession(session, request, action)).toEqual([
      { path: '/folder', kind: 'added', before: null, after: null, differs: [] },
      { path: '/old.txt', kind: 'removed', before: 3, after: null, differs: [] },
      {
        path: '/one.txt',
        kind: 'changed',
        before: 5,
        after: 9,
        differs: ['mtime', 'size']
      },
      { path: '/two.txt', kind: 'added', before: null, after: 6, differs: [] }
    ]);
    FS.mkdir('/elsewhere');
    const elsewhere = { ...request, root: '/elsewhere' };
    expect(
      (await compareLiveSession(session, elsewhere, action)).map(({ kind }) => kind)
    ).toEqual(['removed', 'removed']);
    FS.rmdir('/elsewhere');
  });

  test('what is exported and imported again was made here; a stranger’s was not', async () => {
    await freeze();
    await exportImage(session, 'env.blob', 'out.blob', action);
    const request = { source: './out.blob', upload: false, note: '', force: false };
    const own = await importImage(session, { ...request, name: 'again' }, action);
    expect(own).toMatchObject({ name: 'again', origin: 'frozen', root: FS.cwd() });
    const store = await session.store();
    await store.delete('env.blob');
    await store.delete('again');
    const other = await importImage(session, { ...request, name: null }, action);
    expect(other).toMatchObject({ name: 'out.blob', origin: 'imported', root: null });
  });
});

describe('thawing at a start', () => {
  beforeEach(withoutPages);

  test('is done for the kernelspec for which it was set', async () => {
    await freeze();
    const set = { name: 'env.blob', off: false, trust: false };
    expect(await setAutoload(session, set, action)).toEqual({
      kernelspec: 'course',
      name: 'env.blob',
      failed: null
    });
    FS.unlink('one.txt');
    expect(await runAutoload(newSession('another'), action)).toBe(null);
    expect(await runAutoload(newSession(), action)).toMatchObject({ done: true });
    expect(text('one.txt')).toBe('first');
    await setAutoload(session, { name: null, off: true, trust: false }, action);
    expect(await runAutoload(newSession(), action)).toBe(null);
  });

  test('is not tried again once it has failed', async () => {
    await freeze();
    await setAutoload(session, { name: 'env.blob', off: false, trust: false }, action);
    // What the image has as a file is a folder that is not empty now.
    FS.unlink('one.txt');
    FS.mkdirTree('one.txt/full');
    await expect(runAutoload(newSession(), action)).rejects.toThrow('one.txt');
    expect(await runAutoload(newSession(), action)).toBe(null);
    const asked = { name: null, off: false, trust: false };
    const { failed } = await setAutoload(session, asked, action);
    expect(failed).toContain('one.txt');
  });

  test('is not set for what a stranger has Python run', async () => {
    FS.writeFile('evil.pth', 'import evil');
    await freeze({ name: null, file: '/evil.blob' });
    FS.unlink('evil.pth');
    const request = { source: '/evil.blob', upload: false, note: '', force: false };
    await importImage(session, { ...request, name: 'evil' }, action);
    const set = { name: 'evil', off: false, trust: false };
    await expect(setAutoload(session, set, action)).rejects.toMatchObject({
      code: 'dangerous'
    });
    await expect(
      setAutoload(session, { ...set, trust: true }, action)
    ).resolves.toMatchObject({ name: 'evil' });
  });
});
