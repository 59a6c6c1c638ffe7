import type { IOpenFile } from './open-files';
import type { ILinkRecord } from './record';

/** What a restore has to know beside bytes. */
export interface IState {
  link: ILinkRecord;
  files: IOpenFile[];
  /** The address of what `exercise` needs. */
  exercise: number;
}
