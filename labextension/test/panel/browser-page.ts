/**
 * The page of the panel's tests in a browser: it has images as the panel has them, and does what it is told.
 */
import { PageImages } from '../../src/panel/page-images';
import type { IImageRow } from '../../src/panel/types';
import { openStore } from '../../src/store';

const SITE = new URL('.', location.href).href;
const ENVIRONMENT = new URL('frozen/course/aaaa/environment.json', SITE).href;

let changes = 0;

function newImages(): PageImages {
  const environments = [
    { name: 'course', displayName: 'Python (course)', url: ENVIRONMENT }
  ];
  const images = new PageImages({ site: SITE, environments });
  images.changed.connect(() => changes++);
  return images;
}

const images = newImages();

async function rowOf(key: string): Promise<IImageRow> {
  const row = (await images.list()).find(one => one.key === key);
  if (!row) throw new Error(`${key} is not listed`);
  return row;
}

const calls = {
  list: async () => (await images.list()).map(({ key }) => key),

  changes: async () => changes,

  /** What is said of an image, and of an entry that is searched for in it. */
  look: async ({ key, query }: { key: string; query: string }) => {
    const outline = await images.outline(await rowOf(key));
    const { entries, total } = outline.search(query, 1);
    const path = outline.path(entries[0]);
    const range = { start: 0, end: 100 };
    const bytes = await images.read(await rowOf(key), path, range);
    return { count: outline.count, total, path, text: new TextDecoder().decode(bytes) };
  },

  keep: async ({ key, name }: { key: string; name: string }) => {
    const amounts: number[] = [];
    const row = await images.keep(await rowOf(key), name, {
      onProgress: ({ bytes }) => amounts.push(bytes)
    });
    return { row, last: amounts.at(-1) };
  },

  /** Cancel a verification as soon as something of it is done. */
  cancelVerify: async (key: string) => {
    const controller = new AbortController();
    const error: unknown = await images
      .verify(await rowOf(key), {
        signal: controller.signal,
        onProgress: () => controller.abort()
      })
      .catch(e => e);
    return (error as Error | undefined)?.name ?? 'verified';
  },

  verify: async (key: string) => {
    await images.verify(await rowOf(key));
    return 'verified';
  },

  /** As a cell does in a worker of its own. */
  putElsewhere: async (name: string) => {
    const store = await openStore({ site: SITE });
    const { blob } = await store.get('copy.img');
    await store.put(name, blob, { origin: 'frozen' });
    store.close();
  },

  room: async () =>
    (await images.room()).items.map(({ name, what }) => ({ name, what })),

  /** What is said when the worker's file is missing. */
  withoutWorker: async () => {
    const { Worker: real } = globalThis;
    globalThis.Worker = class extends real {
      constructor(_url: URL | string, options?: WorkerOptions) {
        super(new URL('missing.js', SITE), options);
      }
    };
    const without = newImages();
    try {
      const [row] = await without.list();
      const error: unknown = await without.outline(row).catch(e => e);
      return (error as Error).message;
    } finally {
      globalThis.Worker = real;
      without.dispose();
    }
  }
};

export type PanelCalls = typeof calls;

Object.assign(globalThis, {
  call: (name: keyof PanelCalls, argument: never) => calls[name](argument)
});
