/** The site, the store and the worker's port around `PageImages`, made anew for each test of a file that imports this. */
import 'fake-indexeddb/auto';

import { resolveObjectURL } from 'node:buffer';

import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';

import { PageImages } from '../../src/panel/page-images';
import type { IReading } from '../../src/panel/reading';
import type { IImageRow } from '../../src/panel/types';
import { openStore, type Store } from '../../src/store';
import { noise } from '../image/noise';
import { type Files, type IMade, imageOf } from './images';
import { PanelSite } from './site';
import { postedReading } from './worker';

const COURSE: Files = {
  '/lib/python/numpy.py': 'import math',
  '/lib/python/numpy.so': noise(700_000, 1),
  '/home/notes.txt': 'first'
};

export let site: PanelSite;
export let course: IMade;
export let url: string;
export let reading: IReading;
let close: () => void;
export let images: PageImages;
export let store: Store;
export let databaseName: string;
let number = 0;

/** The name of a database that is not there yet. */
export function newDatabase(): string {
  return `panel-${number++}`;
}

beforeAll(async () => {
  site = await PanelSite.start();
  course = await imageOf(COURSE, { compress: true });
  url = site.environment('course', course);
});

afterAll(() => site.stop());

beforeEach(async () => {
  databaseName = newDatabase();
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

export async function put(
  name: string,
  { bytes }: IMade,
  origin: 'frozen' | 'imported' = 'frozen'
): Promise<IImageRow> {
  await store.put(name, new Blob([bytes]), { origin, root: '/home' });
  return rowOf(`store:${name}`);
}

export async function rowOf(key: string): Promise<IImageRow> {
  const row = (await images.list()).find(one => one.key === key);
  if (!row) throw new Error(`${key} is not listed`);
  return row;
}

export function pathsOf(outline: Awaited<ReturnType<PageImages['outline']>>): string[] {
  return Array.from({ length: outline.count - 1 }, (_, i) => outline.path(i + 1));
}

export async function textOf(row: IImageRow, path: string): Promise<string> {
  const bytes = await images.read(row, path, { start: 0, end: 100 });
  return new TextDecoder().decode(bytes);
}

/** What is handed to the browser: names and bytes. */
export function downloads(): { name: string; blob: Blob }[] {
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
