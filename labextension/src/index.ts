export { FrozenKernel } from './kernel/kernel';
export { IFrozenStarts, type IStart } from './plugin/starts';
