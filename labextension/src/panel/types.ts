import type { ISignal } from '@lumino/signaling';

import type { IAmount } from '../actions';
import type { Outline } from './outline';

/** Where an image is. `disk`: a file that a native kernel sees. */
export type Place = 'site' | 'store' | 'file' | 'address' | 'disk';

/** An image, as it is listed. */
export interface IImageRow {
  /** Unique, and the same as long as the image is called so: `${place}:${name, URL or path}`. */
  key: string;
  place: Place;
  name: string;
  /** Bytes of the file. */
  size: number;
  /** How many files it holds; null until that is known. */
  files: number | null;
  /** When it was made or put, in ISO 8601. */
  created: string | null;
  /** What a person wants to remember of it. */
  note: string;
  /** For a layer: SHA-256 of the image below. */
  base: string | null;
  /** The name of that image, when it is among those listed. */
  baseName: string | null;
  /** Of the file, in hexadecimal digits; null until that is known. */
  sha256: string | null;
  /** Where its files were in the filesystem that was frozen; `/` when that is not known. Its own paths begin below. */
  root: string;
  /** For `site`: the absolute URL of its `environment.json`; for `address`: of the image. */
  url: string | null;
  /** Whether it was frozen in this browser; null where nobody knows. */
  origin: 'frozen' | 'imported' | null;
  /** What an environment was made from. */
  packages: IPackageRow[] | null;
  /** The kernelspecs at whose start it is thawed. */
  autoload: string[];
  /** Why less than this is known of it. */
  problem?: string;
}

/** A package of an environment. */
export interface IPackageRow {
  name: string;
  version: string;
}

/** How something that takes a while is done. */
export interface IWork {
  /** Aborting ends it: it throws the reason. */
  signal?: AbortSignal;
  /** Is told how far it is. */
  onProgress?: (amount: IAmount) => void;
}

/** What can be done with images, as far as an implementation has it. */
export type Verb =
  | 'rename'
  | 'note'
  | 'remove'
  | 'export'
  | 'verify'
  | 'autoload'
  | 'import'
  | 'room'
  | 'add'
  | 'pack'
  | 'extract';

/** Part of a file, in bytes; what is past its end is left out. */
export interface IRange {
  start: number;
  end: number;
}

/**
 * What can be done with images without a live filesystem: in a browser by the page itself, on a native kernel by the
 * kernel. Every method may throw an error whose message says what to do.
 */
export interface IImages {
  /** Emitted when `list` would answer something else, whoever has changed it. */
  readonly changed: ISignal<IImages, void>;

  /** What this implementation can do: views show nothing else. */
  readonly can: ReadonlySet<Verb>;

  /** Why some images are missing from the list; null when all are there. */
  readonly problem?: string | null;

  /** On disk: the folder whose images are listed; empty for the kernel's current one. */
  folder?: string;

  /** All images: those of the site first, then of the store, files, addresses; each by name. */
  list(): Promise<IImageRow[]>;

  /** Add a file of this computer, an address, or, on disk, a path. It is opened, so that what is no image is refused. */
  add(source: File | string, work?: IWork): Promise<IImageRow>;

  /** Take a file or an address off the list. */
  forget(image: IImageRow): void;

  /** The file of this computer that an image is; null for any other. A kernel that is to mount it is given it. */
  file(image: IImageRow): File | null;

  /** The entries of an image; of a layer with all that it lies on, where that is known. */
  outline(image: IImageRow, signal?: AbortSignal): Promise<Outline>;

  /** Part of a file of an image. */
  read(
    image: IImageRow,
    path: string,
    range: IRange,
    signal?: AbortSignal
  ): Promise<Uint8Array<ArrayBuffer>>;

  /** Hand one file of an image to the browser as a download. */
  saveFile(image: IImageRow, path: string, work?: IWork): Promise<void>;

  /** What differs between two images, sorted by path. */
  compare(older: IImageRow, newer: IImageRow, work?: IWork): Promise<IChangeRow[]>;

  /** Give an image another name; its key changes with it. */
  rename(image: IImageRow, name: string): Promise<IImageRow>;

  setNote(image: IImageRow, note: string): Promise<void>;

  /** What would miss the image if it were removed, in whole sentences. */
  dependents(image: IImageRow): Promise<string[]>;

  remove(image: IImageRow): Promise<void>;

  /** Check the digest of an image, then hand its file to the browser as a download. */
  export(image: IImageRow, work?: IWork): Promise<void>;

  /** Keep an image of any other place in the browser's store. */
  keep(
    image: IImageRow,
    name: string,
    work?: IWork & { force?: boolean }
  ): Promise<IImageRow>;

  /** Read all of an image, and refuse it when it is damaged. */
  verify(image: IImageRow, work?: IWork): Promise<void>;

  /**
   * Have an image thawed whenever a kernel of a kernelspec starts, or no more.
   *
   * @throws DangerousError when it was not made here, and holds what Python runs by itself, unless it is trusted.
   */
  setAutoload(
    image: IImageRow,
    kernelspec: string,
    on: boolean,
    trust?: boolean
  ): Promise<void>;

  room(): Promise<IRoom>;

  /** Remove what nobody misses: what closed tabs have left behind, and what makes kernels start faster. Answers the bytes freed. */
  cleanUp(): Promise<number>;
}

/** What storage is used for; sizes in bytes, null where the browser does not say. */
export interface IRoom {
  used: number | null;
  free: number | null;
  /** Whether the browser has promised to remove nothing by itself. */
  persisted: boolean | null;
  /** The largest first. */
  items: IRoomItem[];
  /** What `cleanUp` would free. */
  debris: number;
}

/** What takes room. `site`: the images of another site of the origin. */
export interface IRoomItem {
  name: string;
  size: number;
  what: 'image' | 'site' | 'snapshot' | 'debris';
}

/** A path at which two trees differ; sizes in bytes, null where it is not there or no file. */
export interface IChangeRow {
  path: string;
  kind: 'added' | 'changed' | 'removed';
  before: number | null;
  after: number | null;
  /** Of `changed`: which of kind, mode, mtime, size, content, target. */
  differs: string[];
}

/** A file that Python runs by itself. */
export interface IDangerousRow {
  path: string;
  /** Completes the sentence "`path` …". */
  why: string;
}

/** What the panel knows of the kernel: `busy` while a cell keeps it from answering, `no-package` when jupyter_frozenfs is not installed in it. */
export type LinkState = 'none' | 'connecting' | 'idle' | 'busy' | 'no-package' | 'lost';

/** The kernel, when there is one. */
export interface ILink {
  readonly state: LinkState;

  /** From its answer to `hello`; null before that. */
  readonly kernel: IKernelFacts | null;

  /** Emitted when the state or the kernel changes. */
  readonly changed: ISignal<ILink, void>;

  /** What the kernel tells without being asked. */
  readonly events: ISignal<ILink, ILinkEvent>;

  /**
   * Have the kernel do something.
   *
   * @param verb - As in the protocol of the panel.
   * @param options - With Python's names.
   * @param work - `file` answers a kernel that asks for a file of this computer.
   *
   * @throws LinkError as the kernel tells it, or when there is none; the signal's reason when it is aborted.
   */
  request<T>(verb: string, options: object, work?: IWork & { file?: File }): Promise<T>;

  /** The same, with the buffers of the answer. */
  ask<T>(
    verb: string,
    options: object,
    work?: IWork & { file?: File }
  ): Promise<IAnswer<T>>;

  /** Say hello, to a kernel that was not there or was lost. */
  connect(): void;
}

/** What a kernel answers. */
export interface IAnswer<T> {
  value: T;
  buffers: readonly DataView[];
}

/** What a kernel tells without being asked. */
export interface ILinkEvent {
  what: 'mounts' | 'images' | 'files';
  value: unknown;
}

/** What a kernel says of itself. */
export interface IKernelFacts {
  /** Not in a browser: images are files that it sees. */
  native: boolean;
  kernelspec: string;
  /** The current directory. */
  cwd: string;
  subshells: boolean;
  /** URL of the `environment.json` that a frozen kernel runs from. */
  environment: string | null;
  version: string;
  /** Where a kernel in a browser sees the files of the file browser. */
  contents_drive: string | null;
}

/** A mounted image, as a kernel tells it. */
export interface IMountRow {
  /** Where it appears. */
  path: string;
  /** The directory of the image that appears there. */
  root: string;
  name: string;
  sha256: string | null;
  writable: boolean;
  /** Names of the images below it, the lowest first; none unless it is a layer. */
  layers: string[];
  /** How many paths of a writable mount were changed: they are lost when it is unmounted. */
  changes: number;
  /** It is the environment that the kernel runs from, and stays. */
  system: boolean;
}

/** What the panel sends. */
export type PageToKernel =
  | { kind: 'request'; id: string; verb: string; options: object }
  | { kind: 'cancel'; id: string };

/** What the kernel sends. */
export type KernelToPage =
  | { kind: 'result'; id: string; value: unknown }
  | { kind: 'error'; id: string; error: IErrorMessage }
  | { kind: 'progress'; id: string; amount: IAmount }
  | { kind: 'event'; what: ILinkEvent['what']; value: unknown };

/** An error of the kernel's. */
export interface IErrorMessage {
  /** Name of the class. */
  type: string;
  /** What happened and what to do. */
  message: string;
  /** The traceback, for who wants it. */
  details: string;
  dangerous?: IDangerousRow[];
}

/** A message of the kernel with what came along. */
export interface IReceived {
  message: KernelToPage;
  buffers: readonly (ArrayBuffer | ArrayBufferView)[];
}

/**
 * What carries the messages between the panel and a kernel: the comm of a widget, or a plain one.
 */
export interface ITransport {
  /** `open` when messages can be sent: a busy kernel reads them later. */
  readonly status: 'none' | 'connecting' | 'open' | 'no-package' | 'lost';

  /** Whether the kernel does something just now, be it for the panel. */
  readonly busy: boolean;

  /** Emitted when either changes. */
  readonly changed: ISignal<ITransport, void>;

  /** Emitted when another kernel, or the same one after a restart, is behind it: requests under way are lost. */
  readonly restarted: ISignal<ITransport, void>;

  readonly received: ISignal<ITransport, IReceived>;

  /** Try to get `open`; without effect where it is. */
  connect(): void;

  send(message: PageToKernel): void;
}
