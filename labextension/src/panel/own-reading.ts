import { createSHA256 } from 'hash-wasm';

import { dangerous } from '../fs/dangerous';
import {
  diff,
  type IChange,
  type IEntry,
  imageOf,
  type ImageReader,
  rootOf,
  type Stack,
  walk
} from '../image';
import { lookup } from '../image/stack';
import { openStore, type IStored, type Store } from '../store';
import { Blobs } from './blobs';
import { columnsOf, sizeOf } from './columns';
import { filePieces } from './file-pieces';
import { OpenedImages } from './opened';
import type { IChain, IFacts, IOrigin } from './origin';
import type { IOutlineColumns } from './outline';
import { bytesOf, type IKeep, type IReading, type IStorePlace } from './reading';
import type { IChangeRow, IDangerousRow, IRange, IWork } from './types';

/** How much of a file is in memory at once when all of it is read, in bytes. */
const PIECE = 4 * 2 ** 20;

/** Reads images in the thread that it is made in. */
export class Reading implements IReading {
  private readonly opened = new OpenedImages();

  async facts(origin: IOrigin, { signal }: IWork): Promise<IFacts> {
    const { index, size } = await this.opened.image(origin);
    signal?.throwIfAborted();
    return { files: index.files.length, size, base: index.base };
  }

  async outline(chain: IChain, { signal }: IWork): Promise<IOutlineColumns> {
    const tree = await this.opened.tree(chain);
    signal?.throwIfAborted();
    return columnsOf(rootOf(tree), chain.missing);
  }

  async read(
    chain: IChain,
    path: string,
    { start, end }: IRange,
    { signal }: IWork
  ): Promise<Uint8Array<ArrayBuffer>> {
    const tree = await this.opened.tree(chain);
    signal?.throwIfAborted();
    const file = fileAt(tree, path);
    const from = Math.min(file.start + start, file.end);
    const to = Math.max(from, Math.min(file.start + end, file.end));
    const bytes = await imageOf(tree, file).read(from, to);
    return bytes as Uint8Array<ArrayBuffer>;
  }

  async file(chain: IChain, path: string, work: IWork): Promise<Blob> {
    const tree = await this.opened.tree(chain);
    const { signal, onProgress } = work;
    const file = fileAt(tree, path);
    const image = imageOf(tree, file);
    const size = sizeOf(file);
    const blobs = new Blobs();
    for (let at = 0; at < size; at += PIECE) {
      signal?.throwIfAborted();
      const end = Math.min(at + PIECE, size);
      const bytes = await image.read(file.start + at, file.start + end);
      blobs.add(bytes as Uint8Array<ArrayBuffer>);
      onProgress?.(bytesOf(end, size));
    }
    return blobs.all();
  }

  async compare(older: IChain, newer: IChain, work: IWork): Promise<IChangeRow[]> {
    const [before, after] = await Promise.all([
      this.opened.tree(older),
      this.opened.tree(newer)
    ]);
    const rows: IChangeRow[] = [];
    for await (const change of diff(before, after, work)) rows.push(rowOf(change));
    return rows;
  }

  async dangerous(chain: IChain, { signal }: IWork): Promise<IDangerousRow[]> {
    const tree = await this.opened.tree(chain);
    signal?.throwIfAborted();
    const entries = [...walk(rootOf(tree).children)];
    return dangerous(
      entries.filter(({ kind }) => kind !== 'directory').map(({ path }) => path)
    );
  }

  async digest(origin: IOrigin, work: IWork): Promise<string> {
    const hasher = await createSHA256();
    await eachPiece(origin, work, piece => void hasher.update(piece));
    return hasher.digest();
  }

  async scan(origin: IOrigin, { signal, onProgress }: IWork): Promise<void> {
    const image = await this.opened.image(origin);
    await image.scan(
      (bytes, start) => onProgress?.(bytesOf(start + bytes.length, image.archiveSize)),
      signal
    );
  }

  async fetch(origin: IOrigin, work: IWork): Promise<Blob> {
    if ('blob' in origin.from) return origin.from.blob;
    const blobs = new Blobs();
    await eachPiece(origin, work, piece => blobs.add(piece));
    return blobs.all();
  }

  async verify(place: IStorePlace, name: string, work: IWork): Promise<void> {
    await withStore(place, store =>
      store.verify(name, {
        signal: work.signal,
        onProgress: (done, total) => work.onProgress?.(bytesOf(done, total))
      })
    );
  }

  async keep(place: IStorePlace, keep: IKeep, work: IWork): Promise<IStored> {
    const { origin, name, note, root, frozenHere, force } = keep;
    const blob = await this.fetch(origin, work);
    const { onProgress, signal } = work;
    return withStore(place, store =>
      store.put(
        name,
        blob,
        { origin: frozenHere ? 'frozen' : 'imported', note, root },
        { force, signal, onProgress: done => onProgress?.(bytesOf(done, blob.size)) }
      )
    );
  }
}

async function withStore<T>(
  place: IStorePlace,
  work: (store: Store) => Promise<T>
): Promise<T> {
  const store = await openStore(place);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

/** Go through the file of an image. */
async function eachPiece(
  origin: IOrigin,
  { signal, onProgress }: IWork,
  accept: (piece: Uint8Array<ArrayBuffer>) => void
): Promise<void> {
  const { size, pieces } = await filePieces(origin, signal);
  let done = 0;
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    accept(piece);
    done += piece.length;
    onProgress?.(bytesOf(done, Math.max(size, done)));
  }
}

function fileAt(
  tree: ImageReader | Stack,
  path: string
): Extract<IEntry, { kind: 'file' }> {
  const entry = lookup(tree, path);
  if (entry?.kind === 'file') return entry;
  throw new Error(
    entry
      ? `${path} is a ${entry.kind}, expected a file.`
      : `There is no ${path} in this image: look at its folder again.`
  );
}

function rowOf({ path, kind, before, after, differs }: IChange): IChangeRow {
  const size = (entry?: IEntry) => (entry?.kind === 'file' ? sizeOf(entry) : null);
  return {
    path,
    kind,
    before: size(before),
    after: size(after),
    differs: [...differs]
  };
}
