export { SnapshotError } from './error';
export {
  SnapshotReader,
  type IMemoryPiece,
  type ISnapshot,
  type ISnapshotBytes,
  type ISnapshotHead
} from './reader';
export { Restore, type IRestoreTimes } from './restore';
export { SnapshotTaker, type ITaken } from './take';
export { encodeSnapshot, type Encode, type ISnapshotFile } from './writer';
