export type { IChange, Property } from './diff';
export { diff } from './diff';
export type { IDirectoryEntry, IEntry, IFileEntry, ILinkEntry } from './entries';
export { ImageError } from './error';
export { ImageIndex } from './image-index';
export { sortNames } from './names';
export type {
  Content,
  INewDirectory,
  INewEntry,
  INewFile,
  INewLink
} from './new-entry';
export type { IReadable } from './readable';
export type { IImageOptions } from './reader';
export { ImageReader } from './reader';
export { bootList, entriesOf, walk } from './rewrite';
export type { Sink } from './sink';
export { BytesSink } from './sink';
export type { ISpool } from './spool';
export { imageOf, imagesOf, rootOf, Stack } from './stack';
export { verify } from './verify';
export type { IImageSummary, IUndigested, IWriteOptions } from './writer';
export { writeImage } from './writer';
