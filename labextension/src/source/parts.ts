import type { IByteSource } from './base';
import { checkRange } from './range';

/** A source that can be told to fetch a range ahead. */
export interface ILoadable {
  load(offset: number, length: number): Promise<void>;
  release(): void;
}

/** One source made of several, whose bytes follow each other. */
export class PartsSource<T extends IByteSource = IByteSource> implements IByteSource {
  readonly size: number;
  readonly readSync?: (offset: number, length: number) => Uint8Array;

  constructor(
    readonly parts: readonly T[],
    readonly name = parts[0]?.name ?? 'no parts'
  ) {
    this.size = parts.reduce((sum, part) => sum + part.size, 0);
    if (parts.every(part => part.readSync)) {
      this.readSync = (offset, length) => {
        const pieces = this.pieces(offset, length);
        return join(
          pieces.map(({ part, from, count }) => part.readSync!(from, count)),
          length
        );
      };
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const pieces = this.pieces(offset, length);
    const read = pieces.map(({ part, from, count }) => part.read(from, count));
    return join(await Promise.all(read), length);
  }

  /** Fetch a range ahead, in the parts that can. */
  async load(offset: number, length: number): Promise<void> {
    await Promise.all(
      this.pieces(offset, length).map(({ part, from, count }) =>
        isLoadable(part) ? part.load(from, count) : undefined
      )
    );
  }

  /** Drop what was loaded. */
  release(): void {
    this.parts.forEach(part => isLoadable(part) && part.release());
  }

  private pieces(
    offset: number,
    length: number
  ): { part: T; from: number; count: number }[] {
    checkRange(this.name, this.size, offset, length);
    const pieces = [];
    let start = 0;
    for (const part of this.parts) {
      const from = Math.max(offset - start, 0);
      const count = Math.min(offset + length - start, part.size) - from;
      if (count > 0) pieces.push({ part, from, count });
      start += part.size;
    }
    return pieces;
  }
}

function isLoadable(part: object): part is ILoadable {
  return 'load' in part && 'release' in part;
}

function join(pieces: Uint8Array[], length: number): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
