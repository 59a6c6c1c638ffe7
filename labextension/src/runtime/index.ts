export { kernelBootstrap, type IKernelSettings } from './bootstrap';
export { bootPyodide, mountImage, type IBootOptions } from './boot';
export {
  EnvironmentError,
  fetchManifest,
  parseManifest,
  type IImageFile,
  type IManifest,
  type IMountPoint,
  type IPackage,
  type IRuntime
} from './manifest';
export { openImageAt } from './open-image';
export type { IProgress, ProgressStep } from './progress';
export {
  startFrozen,
  type ICompiled,
  type IFrozenRuntime,
  type IStartOptions
} from './start';
export {
  Restore,
  SnapshotError,
  SnapshotReader,
  type IRestoreTimes,
  type ISnapshot,
  type ISnapshotHead
} from './snapshot';
