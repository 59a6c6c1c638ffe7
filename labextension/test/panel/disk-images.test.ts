import { resolveObjectURL } from 'node:buffer';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { DiskImages } from '../../src/panel/disk-images';
import { Link } from '../../src/panel/link';
import type { IReceived } from '../../src/panel/types';
import { rowOf } from './fakes';
import { NATIVE_KERNEL, TestTransport } from './transport';

const A = rowOf({ place: 'disk', key: 'disk:/data/a.img', name: 'a.img' });
const B = rowOf({
  place: 'disk',
  key: 'disk:/data/b.img',
  name: 'b.img',
  sha256: 'bb'.repeat(32),
  base: A.sha256
});

let transport: TestTransport;
let link: Link;
let images: DiskImages;

beforeEach(async () => {
  transport = new TestTransport();
  transport.answer = verb =>
    verb === 'hello' ? NATIVE_KERNEL : verb === 'list' ? [A, B] : undefined;
  link = new Link(transport);
  images = new DiskImages(link);
  transport.set({ status: 'open' });
  await vi.waitFor(() => expect(link.state).toBe('idle'));
});

afterEach(() => {
  link.dispose();
  vi.unstubAllGlobals();
});

/** Answer the request of a verb that was sent last. */
function answer(
  verb: string,
  value: unknown,
  buffers: IReceived['buffers'] = []
): void {
  transport.receive({ kind: 'result', id: transport.last(verb).id, value }, buffers);
}

/** The outline of a folder that holds one file, as a kernel sends it: at places where no number may begin. */
function outlineBuffers(size: number): Uint8Array[] {
  const bytes = (array: ArrayBufferView) => {
    const shifted = new Uint8Array(array.byteLength + 1);
    shifted.set(new Uint8Array(array.buffer), 1);
    return shifted.subarray(1);
  };
  const text = (value: string) => bytes(new TextEncoder().encode(value).slice());
  return [
    text('\0lib\0é.bin'),
    bytes(Uint32Array.of(0, 0, 1)),
    bytes(Uint8Array.of(1, 1, 0)),
    bytes(Float64Array.of(0, 0, size)),
    bytes(Uint16Array.of(0o755, 0o700, 0o644)),
    bytes(Float64Array.of(0, 1, 1_700_000_000)),
    text('')
  ];
}

test('are those of a folder, and of another when that is chosen', async () => {
  expect(await images.list()).toEqual([A, B]);
  expect(transport.last('list').options).toEqual({ folder: '' });
  const heard = vi.fn();
  images.changed.connect(heard);
  images.folder = '/other';
  expect(heard).toHaveBeenCalledTimes(1);
  await images.list();
  expect(transport.last('list').options).toEqual({ folder: '/other' });
});

test('are none before the kernel is there, and are asked for when it is', async () => {
  transport.set({ status: 'lost' });
  expect(await images.list()).toEqual([]);
  const heard = vi.fn();
  images.changed.connect(heard);
  transport.set({ status: 'open' });
  await vi.waitFor(() => expect(heard).toHaveBeenCalled());
});

test('change when the kernel says so', () => {
  const heard = vi.fn();
  images.changed.connect(heard);
  transport.receive({ kind: 'event', what: 'images', value: '/data/c.img' });
  transport.receive({ kind: 'event', what: 'mounts', value: [] });
  expect(heard).toHaveBeenCalledTimes(1);
});

test('one of another folder is added by its path until it is forgotten', async () => {
  const other = rowOf({ place: 'disk', key: 'disk:/x/other.img', name: 'other.img' });
  const answerList = transport.answer;
  transport.answer = (verb, options) =>
    (options as { folder?: string }).folder === '/x/other.img'
      ? [other]
      : answerList(verb, options);
  expect(await images.add('/x/other.img')).toEqual(other);
  expect(await images.list()).toEqual([A, B, other]);
  images.forget(other);
  expect(await images.list()).toEqual([A, B]);
  await expect(images.add('/data')).rejects.toThrow('/data is no image');
  await expect(images.add(new File([], 'mine.img'))).rejects.toThrow(/Upload it/);
});

test('an outline comes as buffers', async () => {
  const opening = images.outline(A);
  expect(transport.last('outline').options).toEqual({ path: '/data/a.img' });
  answer('outline', { count: 3, missing: B.sha256 }, outlineBuffers(2 ** 40));
  const outline = await opening;
  const file = outline.find('/lib/é.bin');
  expect([outline.size(file), outline.mode(file), outline.mtime(file)]).toEqual([
    2 ** 40,
    0o644,
    1_700_000_000
  ]);
  expect(outline.missing).toBe(B.sha256);
});

test('a part of a file comes as a buffer', async () => {
  const reading = images.read(A, '/lib/é.bin', { start: 1, end: 3 });
  expect(transport.last('read').options).toEqual({
    path: '/data/a.img',
    file: '/lib/é.bin',
    start: 1,
    end: 3
  });
  answer('read', { size: 9 }, [Uint8Array.of(5, 6)]);
  expect(await reading).toEqual(Uint8Array.of(5, 6));
});

test('a file is fetched part by part, and handed to the browser', async () => {
  const size = 2 ** 20 + 3;
  const parts: number[] = [];
  transport.send = message => {
    if (message.kind !== 'request') return;
    const { id, verb, options } = message;
    if (verb === 'outline') {
      const buffers = outlineBuffers(size);
      transport.receive({ kind: 'result', id, value: { missing: null } }, buffers);
    } else {
      const { start, end } = options as { start: number; end: number };
      parts.push(end - start);
      const bytes = new Uint8Array(end - start).fill(parts.length);
      transport.receive({ kind: 'result', id, value: { size } }, [bytes]);
    }
  };
  const saved: { name: string; url: string }[] = [];
  const link = {
    href: '',
    download: '',
    click() {
      saved.push({ name: this.download, url: this.href });
    }
  };
  vi.stubGlobal('document', { createElement: () => link });
  await images.saveFile(A, '/lib/é.bin');
  expect(parts).toEqual([2 ** 20, 3]);
  expect(saved[0].name).toBe('é.bin');
  const blob = resolveObjectURL(saved[0].url)!;
  expect(blob.size).toBe(size);
  expect(new Uint8Array(await blob.arrayBuffer()).at(-1)).toBe(2);
});

test('an image that was renamed has another key', async () => {
  const renamed = { ...A, key: 'disk:/data/c.img', name: 'c.img' };
  const renaming = images.rename(A, 'c.img');
  expect(transport.last('rename').options).toEqual({
    path: '/data/a.img',
    name: 'c.img'
  });
  answer('rename', renamed);
  expect(await renaming).toEqual(renamed);
});

test('layers on an image depend on it', async () => {
  expect(await images.dependents(A)).toEqual(['b.img is a layer on it.']);
  expect(await images.dependents(B)).toEqual([]);
});

test('what needs a browser says so', async () => {
  for (const failing of [
    images.setNote(),
    images.export(),
    images.keep(),
    images.room()
  ]) {
    await expect(failing).rejects.toThrow(/needs a kernel in a browser/);
  }
  expect(images.can.has('note')).toBe(false);
});
