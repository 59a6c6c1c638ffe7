// The compressor in fflate is smaller and as fast, but what its `flush` writes after a chunk is
// damaged whenever the chunk does not end on a whole byte (0.8.3).
import { Deflate, Z_FINISH, Z_FULL_FLUSH } from 'pako';

/** Most bytes by which a chunk that does not compress grows, as a part of it and at least. */
const GROWTH = 1 / 1024;
const LEAST_GROWTH = 64;

/**
 * Compress a chunk, so that it can be inflated alone and that chunks can be strung together.
 *
 * All but the last end with a full flush: an empty stored block, which ends on a whole byte.
 *
 * @param level - 0 (stored) to 9.
 */
export function deflateChunk(
  chunk: Uint8Array,
  level: number,
  last = false
): Uint8Array {
  const deflate = new Deflate({
    raw: true,
    level,
    memLevel: 9,
    chunkSize: chunk.length + Math.ceil(chunk.length * GROWTH) + LEAST_GROWTH
  });
  const pieces: Uint8Array[] = [];
  deflate.onData = piece => pieces.push(piece);
  deflate.push(chunk, last ? Z_FINISH : Z_FULL_FLUSH);
  if (deflate.err) throw new Error(`Compressing failed: ${deflate.msg}`);
  return pieces.length === 1 ? pieces[0] : joined(pieces);
}

function joined(pieces: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
