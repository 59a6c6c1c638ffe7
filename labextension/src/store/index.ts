export type { Autoload } from './autoload';
export type { IVerifyOptions } from './blob';
export type { IStoreChange } from './changes';
export { StoreError, type IStoreErrorDetails, type StoreErrorCode } from './error';
export { peekAutoload } from './peek';
export type { IPutOptions } from './put';
export type { IAutoload, IDebris, IImageRecord, IStored, IWritten } from './records';
export type { IRoom } from './room';
export {
  openStore,
  Store,
  type IStoredImage,
  type IStoreOptions,
  type IUsage,
  type WriteImage
} from './store';
