export { DangerousError, isCancel, LinkError } from './error';
export { Job, Jobs, type JobState, messageOf, WAITS, type Where } from './jobs';
export { Link } from './link';
export { type Inside, type IShared, PanelModel, type Tab } from './model';
export { type IFound, type IOutlineColumns, KINDS, NONE, Outline } from './outline';
export type {
  IAnswer,
  IChangeRow,
  IDangerousRow,
  IErrorMessage,
  IImageRow,
  IImages,
  IKernelFacts,
  ILink,
  ILinkEvent,
  IMountRow,
  IPackageRow,
  IRange,
  IReceived,
  IRoom,
  IRoomItem,
  ITransport,
  IWork,
  KernelToPage,
  LinkState,
  PageToKernel,
  Place,
  Verb
} from './types';
export { DiskImages, pathOf } from './disk-images';
export { PageImages } from './page-images';
export type { ISiteEnvironment } from './site-images';
export {
  type INotebook,
  type INotebookCell,
  type ITable,
  type IText,
  type NotebookOutput,
  type Preview,
  previewOf,
  type ReadRange
} from './preview';
export { askMountPath, mountPathProblem, suggestMountPath } from './suggest';
export { allows } from './verbs';
