export type { IChanges } from './changes';
export { changes } from './changes';
export type { IFrozenMountOptions } from './frozenfs';
export { createFrozenFS } from './frozenfs';
export type { IFrozenHooks } from './mount';
