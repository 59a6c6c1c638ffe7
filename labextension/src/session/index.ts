export {
  runAutoload,
  setAutoload,
  type IAutoloadRequest,
  type IAutoloadResult
} from './autoload';
export { kernelImage } from './base';
export {
  compareLiveSession,
  type ICompareLiveRequest,
  type ILiveChangeRow
} from './compare-live';
export { SessionError, type SessionErrorCode } from './error';
export { freezeSession, type IFreezeRequest, type IFreezeResult } from './freeze';
export {
  collectGarbage,
  compareImages,
  exportImage,
  imageInfo,
  importImage,
  listEntries,
  listImages,
  readEntry,
  verifyImage,
  type IDifference,
  type IImportRequest,
  type IListResult,
  type Row
} from './images';
export {
  listMounts,
  mountSession,
  unmountSession,
  type IMount,
  type IMountRequest
} from './mount';
export { mountProblem } from './mount-point';
export { Session, type IKernel } from './session';
export type { IImageRequest } from './source';
export { thawSession, type IThawRequest, type IThawResult } from './thaw';
