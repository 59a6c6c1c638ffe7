/** Why a snapshot could not be taken or restored; the message is a clause that ends no sentence. */
export class SnapshotError extends Error {
  override name = 'SnapshotError';
}
