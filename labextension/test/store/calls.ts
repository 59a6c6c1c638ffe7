/**
 * What the tests have a browser do with a store, in a page and in workers. Runs there, see `browser-page.ts`.
 */
import { openDB } from 'idb';

import { ImageReader, writeImage } from '../../src/image';
import { BlobSource } from '../../src/source';
import type { IDebris, IStored, IStoreChange, IUsage, Store } from '../../src/store';
import { openStore, peekAutoload, StoreError } from '../../src/store';
import { openCacheFolder } from '../../src/store/cache-folder';
import { noise } from '../image/noise';

const SITE = new URL('course/', import.meta.url).href;
const BLOCK = 2 ** 18;
const BLOCKS_PER_MIB = 2 ** 20 / BLOCK;

/** What became of a call that may fail. */
export interface IOutcome {
  stored?: IStored;
  error?: string;
  code?: string;
  needed?: number;
  free?: number;
  kept?: string;
}

/** An image that is put: its file has so many MiB, which differ with the seed. */
export interface IPut {
  name: string;
  seed: number;
  mebibytes: number;
  force?: boolean;
  /** Stop for ever, or until `goOn`, when so many MiB have been taken. */
  stopAt?: number;
  /** Say when the last byte has been taken. */
  tellsEnd?: boolean;
}

let opened: Promise<Store> | null = null;
/** Held, as the browser closes what nobody holds. */
export let blocker: unknown;
let goOn = () => undefined as void;
let say: (event: string) => void;
const heard: IStoreChange[] = [];

function open(): Promise<Store> {
  return (opened ??= openStore({ site: SITE }));
}

/** A part of a file: each call gives it anew, so that it takes no memory. */
function block(seed: number, number: number, model: Uint8Array): Uint8Array {
  const bytes = model.slice();
  new DataView(bytes.buffer).setUint32(0, number);
  bytes[4] = seed;
  return bytes;
}

function* blocks(seed: number, mebibytes: number): Generator<Uint8Array> {
  const model = noise(BLOCK, seed);
  for (let i = 0; i < mebibytes * BLOCKS_PER_MIB; i++) yield block(seed, i, model);
}

async function outcome(work: () => Promise<IStored>): Promise<IOutcome> {
  try {
    return { stored: await work() };
  } catch (error) {
    if (!(error instanceof StoreError)) return { error: String(error) };
    const { code, message, needed, free, kept } = error;
    return { error: message, code, needed, free, kept: kept?.name };
  }
}

export const calls = {
  open: () =>
    outcome(async () => {
      await open();
      return {} as IStored;
    }),

  close: async () => {
    (await open()).close();
    opened = null;
  },

  put: ({ name, seed, mebibytes, force, stopAt = Infinity, tellsEnd }: IPut) =>
    outcome(async () => {
      const store = await open();
      const file = {
        kind: 'file',
        path: '/data.bin',
        mode: 0o644,
        mtime: 0,
        size: mebibytes * 2 ** 20,
        content: () => blocks(seed, mebibytes)
      } as const;
      let taken = 0;
      const stopped = async () => {
        say('stopped');
        await new Promise<void>(resolve => (goOn = resolve));
      };
      return store.put(
        name,
        async sink => {
          if (stopAt === 0) await stopped();
          const summary = await writeImage(
            async bytes => {
              await sink(bytes);
              const before = taken;
              taken += bytes.length;
              const at = stopAt * 2 ** 20;
              if (stopAt > 0 && before < at && taken >= at) await stopped();
            },
            [file],
            { compress: false }
          );
          if (tellsEnd) say('written');
          return summary;
        },
        { origin: 'frozen' },
        { force }
      );
    }),

  goOn: () => goOn(),

  /** Read all of an image, by its index; whose seed it has, if every byte is its. */
  read: async (name: string): Promise<{ seed: number } | IOutcome> => {
    try {
      const { blob } = await (await open()).get(name);
      const image = await ImageReader.open(new BlobSource(blob, name));
      const [{ start, end }] = image.index.files;
      const seed = (await image.read(start, start + 5))[4];
      let at = start;
      for (const expected of blocks(seed, (end - start) / 2 ** 20)) {
        const found = await image.read(at, at + expected.length);
        if (found.some((byte, i) => byte !== expected[i])) {
          return { error: `wrong bytes in the block at ${at}` };
        }
        at += expected.length;
      }
      return { seed };
    } catch (error) {
      return outcome(() => Promise.reject(error));
    }
  },

  verify: (name: string) => outcome(async () => (await open()).verify(name)),

  list: async (): Promise<string[]> =>
    (await (await open()).list()).map(({ name }) => name),

  gc: async (dryRun: boolean): Promise<IDebris[]> => (await open()).gc({ dryRun }),

  usage: async (): Promise<IUsage> => (await open()).usage(),

  /** Put something else in the place of a piece of the only image: another byte, one byte less, nothing. */
  spoil: async (how: 'byte' | 'length' | 'missing') => {
    const db = await openDB('jupyter-frozenfs');
    const key = (await db.getAllKeys('pieces'))[1];
    const bytes = new Uint8Array(
      await ((await db.get('pieces', key)) as Blob).arrayBuffer()
    );
    bytes[1000] ^= 1;
    const other = how === 'byte' ? bytes : bytes.slice(1);
    if (how === 'missing') await db.delete('pieces', key);
    if (how !== 'missing') await db.put('pieces', new Blob([other]), key);
    db.close();
  },

  /** Have the last sign of life of all writers be a day ago. */
  waitADay: async () => {
    const db = await openDB('jupyter-frozenfs');
    for (const row of await db.getAll('writing')) {
      await db.put('writing', { ...row, touched: row.touched - 86_400_000 });
    }
    db.close();
  },

  /** Have the database be one of a newer version. */
  renew: async () => (await openDB('jupyter-frozenfs', 99)).close(),

  /** Keep the database from being removed, or opened until it has been. */
  block: async () => {
    blocker = await openDB('jupyter-frozenfs');
    indexedDB.deleteDatabase('jupyter-frozenfs');
  },

  /** Read a slice of a Blob that was got before its image was deleted. */
  deleteWhileOpen: async (name: string): Promise<number> => {
    const store = await open();
    const { blob } = await store.get(name);
    await store.delete(name);
    return (await blob.arrayBuffer()).byteLength;
  },

  /** Look what is thawed at a start, then which databases there are. */
  peek: async () => ({
    autoload: await peekAutoload(SITE, 'course'),
    databases: (await indexedDB.databases()).map(({ name }) => name)
  }),

  autoload: async (name: string) => (await open()).autoload.set('course', name),

  listen: async () => void (await open()).onChange(change => void heard.push(change)),

  heard: () => heard,

  /** Keep something that may go when there is no room. */
  cache: async (mebibytes: number) => {
    const folder = await openCacheFolder(true);
    const file = await folder.getFileHandle('snapshot', { create: true });
    const stream = await file.createWritable();
    for (const bytes of blocks(0, mebibytes)) {
      await stream.write(bytes as Uint8Array<ArrayBuffer>);
    }
    await stream.close();
  },

  cached: async (): Promise<string[]> => {
    const names: string[] = [];
    for await (const name of (await openCacheFolder(true)).keys()) names.push(name);
    return names;
  }
};

export type Calls = typeof calls;

/** Who hears that a put has stopped. */
export function onEvent(listener: (event: string) => void): void {
  say = listener;
}
