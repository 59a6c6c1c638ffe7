export { SnapshotError } from './error';
export {
  SnapshotReader,
  type ISnapshot,
  type ISnapshotBytes,
  type ISnapshotHead,
  type WriteMemory
} from './reader';
export { Restore, type IRestoreTimes } from './restore';
export { SnapshotTaker, type ITaken } from './take';
export { encodeSnapshot, type Encode, type ISnapshotFile } from './writer';
