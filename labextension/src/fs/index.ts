export type { IChanges } from './changes';
export { changes } from './changes';
export type {
  IFreezeOptions,
  IFreezeProgress,
  IFrozen,
  IUndigestedFrozen
} from './freeze';
export { freeze } from './freeze';
export type { IFrozenType } from './frozen';
export type { IFrozenMountOptions } from './frozenfs';
export { createFrozenFS } from './frozenfs';
export type { IDangerous } from './dangerous';
export { compileGlobs } from './globs';
export type { ISkipped } from './live-tree';
export type { IFrozenHooks } from './mount';
export type { ISelectOptions } from './selection';
export type { IThawed, IThawOptions } from './thaw';
export { thaw } from './thaw';
export type { IThawPlan, IThawPlanOptions } from './thaw-plan';
export { planThaw } from './thaw-plan';
export type { ILiveChange } from './compare';
export type { IDiffLiveOptions } from './diff-live';
export { diffLive } from './diff-live';
export type { ILiveEntry } from './live-tree';
export type { IMountedImage } from './mounted';
export { mountedImages } from './mounted';
export type { IConflict, IRebased, IRebaseOptions } from './rebase';
export { rebase } from './rebase';
