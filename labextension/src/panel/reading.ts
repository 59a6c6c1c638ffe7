import type { IAmount } from '../actions';
import type { IStored } from '../store';
import type { IChain, IFacts, IOrigin } from './origin';
import type { IOutlineColumns } from './outline';
import type { IChangeRow, IDangerousRow, IRange, IWork } from './types';

/** What is done with the bytes of images: too much for the thread that draws the page. */
export interface IReading {
  /** @throws ImageError when it is no image, or a damaged one. */
  facts(origin: IOrigin, work: IWork): Promise<IFacts>;

  /** All entries of an image. */
  outline(chain: IChain, work: IWork): Promise<IOutlineColumns>;

  /** Part of a file of an image; what is past its end is left out. */
  read(
    chain: IChain,
    path: string,
    range: IRange,
    work: IWork
  ): Promise<Uint8Array<ArrayBuffer>>;

  /** A file of an image. */
  file(chain: IChain, path: string, work: IWork): Promise<Blob>;

  /** What differs between two images, sorted by path. */
  compare(older: IChain, newer: IChain, work: IWork): Promise<IChangeRow[]>;

  /** Find what Python runs by itself. */
  dangerous(chain: IChain, work: IWork): Promise<IDangerousRow[]>;

  /** The SHA-256 of the file of an image. */
  digest(origin: IOrigin, work: IWork): Promise<string>;

  /** Go through all of an image. @throws ImageError when anything of it is damaged. */
  scan(origin: IOrigin, work: IWork): Promise<void>;

  /** The file of an image; one that is elsewhere is fetched. */
  fetch(origin: IOrigin, work: IWork): Promise<Blob>;

  /** Compare a stored image with what was put. @throws StoreError with the code `damaged`. */
  verify(place: IStorePlace, name: string, work: IWork): Promise<void>;

  /** Put an image into a store. @throws StoreError. */
  keep(place: IStorePlace, image: IKeep, work: IWork): Promise<IStored>;
}

/** Which store. */
export interface IStorePlace {
  /** The absolute URL of the root of the site. */
  site: string;
  databaseName?: string;
}

/** What is put into a store. */
export interface IKeep {
  origin: IOrigin;
  name: string;
  note: string;
  root: string | null;
  frozenHere: boolean;
  /** Replace an image of the name. */
  force: boolean;
}

/** An amount of which only bytes are known. */
export function bytesOf(bytes: number, totalBytes: number): IAmount {
  return { files: 0, totalFiles: 0, bytes, totalBytes };
}
