/** Why a snapshot could not be taken or restored; the message is a clause that ends no sentence. */
export class SnapshotError extends Error {
  override name = 'SnapshotError';
}

/** The runtime is not the one that a snapshot needs, wherever that is read from. */
export class RuntimeMisfit extends SnapshotError {}
