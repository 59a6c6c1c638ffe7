import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Link } from '../../src/panel/link';
import { PanelModel } from '../../src/panel/model';
import type { Outline } from '../../src/panel/outline';
import type { IMountRow } from '../../src/panel/types';
import { ListedImages, rowOf } from './fakes';
import { BROWSER_KERNEL, TestTransport } from './transport';

const MOUNT: IMountRow = {
  path: '/mnt/a',
  root: '/',
  name: 'a.blob',
  sha256: rowOf().sha256,
  writable: false,
  layers: [],
  changes: 0,
  system: false
};
const OUTLINE = { count: 1 } as Outline;

let transport: TestTransport;
let images: ListedImages;
let model: PanelModel;

function start(shared = {}): PanelModel {
  return new PanelModel({ images: images.images, link: new Link(transport), shared });
}

beforeEach(() => {
  transport = new TestTransport();
  transport.answer = verb =>
    verb === 'hello' ? BROWSER_KERNEL : verb === 'mounts' ? [MOUNT] : undefined;
  images = new ListedImages();
  images.rows = [rowOf(), rowOf({ name: 'b.blob', sha256: 'bb'.repeat(32) })];
  images.outline = async () => OUTLINE;
  model = start();
});

afterEach(() => model.dispose());

async function listed(): Promise<void> {
  await vi.waitFor(() => expect(model.isListed).toBe(true));
}

test('the room is measured when somebody asks, and told to all', async () => {
  await listed();
  expect(model.room).toBeNull();
  const heard = vi.fn();
  model.roomChanged.connect(heard);
  expect(await model.measureRoom()).toMatchObject({ used: 20 });
  expect(heard).toHaveBeenCalledTimes(1);
  expect(model.room).toMatchObject({ used: 20 });
});

describe('the images', () => {
  test('are listed again when they change', async () => {
    await listed();
    expect(model.rows.length).toBe(2);
    const heard = vi.fn();
    model.rowsChanged.connect(heard);
    images.set([rowOf()]);
    await vi.waitFor(() => expect(model.rows.length).toBe(1));
    expect(heard).toHaveBeenCalledTimes(1);
  });

  test('that cannot be listed say why, and those that were known stay', async () => {
    await listed();
    images.set(new Error('Storage is blocked.'));
    await vi.waitFor(() => expect(model.problem).toBe('Storage is blocked.'));
    expect(model.rows.length).toBe(2);
    images.set([rowOf()]);
    await vi.waitFor(() => expect(model.problem).toBeNull());
  });
});

describe('what is shared', () => {
  test('is told once for each change, and only as far as it is one', async () => {
    const heard: unknown[] = [];
    model.sharedChanged.connect((_, change) => heard.push(change));
    model.share({ tab: 'room', path: '/' });
    model.share({ tab: 'room' });
    model.share({ query: 'numpy', tab: 'inside' });
    expect(heard).toEqual([{ tab: 'room' }, { query: 'numpy', tab: 'inside' }]);
    expect(model.shared).toEqual({
      selected: null,
      tab: 'inside',
      path: '/',
      query: 'numpy',
      folder: ''
    });
  });

  test('is what a saved panel had', async () => {
    const other = start({ selected: 'store:b.blob', path: '/lib', folder: '/data' });
    await vi.waitFor(() => expect(other.inside.state).toBe('ready'));
    expect([other.selected, other.path, images.folder]).toEqual([
      'store:b.blob',
      '/lib',
      '/data'
    ]);
    other.share({ folder: '/other' });
    expect(images.folder).toBe('/other');
    other.dispose();
  });
});

describe('the selected image', () => {
  test('is opened from its root on', async () => {
    await listed();
    model.share({ path: '/lib', query: 'x' });
    model.select('store:a.blob');
    expect(model.shared).toMatchObject({
      selected: 'store:a.blob',
      path: '/',
      query: ''
    });
    expect(model.inside.state).toBe('loading');
    await vi.waitFor(() =>
      expect(model.inside).toEqual({ state: 'ready', image: rowOf(), outline: OUTLINE })
    );
    model.select(null);
    expect(model.inside).toEqual({ state: 'none' });
  });

  test('is not opened again when only what is said of it changes', async () => {
    await listed();
    model.select('store:a.blob');
    await vi.waitFor(() => expect(model.inside.state).toBe('ready'));
    images.outline = () => Promise.reject(new Error('opened again'));
    images.set([rowOf({ note: 'new', autoload: ['course'] })]);
    await vi.waitFor(() => expect(model.rows[0].note).toBe('new'));
    expect(model.inside).toMatchObject({ state: 'ready', image: { note: 'new' } });
  });

  test('is opened again when it is another image of the name', async () => {
    await listed();
    model.select('store:a.blob');
    await vi.waitFor(() => expect(model.inside.state).toBe('ready'));
    const other = { count: 2 } as Outline;
    images.outline = async () => other;
    images.set([rowOf({ sha256: 'cc'.repeat(32), size: 11 })]);
    await vi.waitFor(() =>
      expect(model.inside).toMatchObject({ state: 'ready', outline: other })
    );
  });

  test('that cannot be opened says why, and can be tried again', async () => {
    await listed();
    images.outline = () => Promise.reject(new Error('It is damaged.'));
    model.select('store:a.blob');
    await vi.waitFor(() =>
      expect(model.inside).toMatchObject({ state: 'failed', text: 'It is damaged.' })
    );
    images.outline = async () => OUTLINE;
    model.reopen();
    await vi.waitFor(() => expect(model.inside.state).toBe('ready'));
  });

  test('is not waited for any more once another is selected', async () => {
    await listed();
    const signals: AbortSignal[] = [];
    images.outline = (image, signal) => {
      signals.push(signal!);
      return image.name === 'a.blob'
        ? new Promise(() => undefined)
        : Promise.resolve(OUTLINE);
    };
    model.select('store:a.blob');
    model.select('store:b.blob');
    await vi.waitFor(() =>
      expect(model.inside).toMatchObject({ state: 'ready', image: { name: 'b.blob' } })
    );
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });

  test('is gone with its image', async () => {
    await listed();
    model.select('store:a.blob');
    await vi.waitFor(() => expect(model.inside.state).toBe('ready'));
    images.set([]);
    await vi.waitFor(() => expect(model.inside.state).toBe('none'));
    expect(model.selected).toBe('store:a.blob');
  });
});

describe('the mounts', () => {
  test('are those of the kernel, and follow it', async () => {
    expect(model.mounts).toBeNull();
    transport.set({ status: 'open' });
    await vi.waitFor(() => expect(model.mounts).toEqual([MOUNT]));
    expect(model.mountsOf(rowOf())).toEqual([MOUNT]);
    expect(model.mountsOf(rowOf({ sha256: 'bb'.repeat(32) }))).toEqual([]);
    transport.receive({ kind: 'event', what: 'mounts', value: [] });
    expect(model.mounts).toEqual([]);
    transport.set({ status: 'lost' });
    expect(model.mounts).toBeNull();
  });

  test('whose digest nobody knows belong to the image of the name', async () => {
    transport.answer = verb =>
      verb === 'hello' ? BROWSER_KERNEL : [{ ...MOUNT, sha256: null }];
    transport.set({ status: 'open' });
    await vi.waitFor(() => expect(model.mounts?.length).toBe(1));
    expect(model.mountsOf(rowOf()).length).toBe(1);
    expect(model.mountsOf(rowOf({ name: 'b.blob' })).length).toBe(0);
  });
});

test('a panel that is closed ends what it has begun', async () => {
  await listed();
  const job = model.jobs.run(
    'Verifying',
    'page',
    ({ signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason))
      )
  );
  model.dispose();
  await expect(job).rejects.toMatchObject({ name: 'AbortError' });
});
