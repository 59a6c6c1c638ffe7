import type { IByteSource } from './base';
import { checkRange } from './range';

/** Bytes `[offset, offset + source.size)` of a whole, held by a source of their own. */
export interface IOverlay {
  offset: number;
  source: IByteSource;
}

/**
 * A source of which some ranges are also elsewhere: what lies within one of them is read there, all else below.
 */
export class OverlaySource implements IByteSource {
  readonly name: string;
  readonly size: number;
  readonly readSync?: (offset: number, length: number) => Uint8Array;

  constructor(
    private readonly below: IByteSource,
    private overlays: readonly IOverlay[]
  ) {
    this.name = below.name;
    this.size = below.size;
    if ([below, ...overlays.map(({ source }) => source)].every(s => s.readSync)) {
      this.readSync = (offset, length) => {
        const [source, at] = this.find(offset, length);
        return source.readSync!(at, length);
      };
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const [source, at] = this.find(offset, length);
    return source.read(at, length);
  }

  /** From now on all is read below, but for what lies in `kept`. */
  release(kept: readonly IOverlay[] = []): void {
    this.overlays = kept;
  }

  private find(offset: number, length: number): [IByteSource, number] {
    checkRange(this.name, this.size, offset, length);
    const overlay = this.overlays.find(
      ({ offset: start, source }) =>
        offset >= start && offset + length <= start + source.size
    );
    return overlay ? [overlay.source, offset - overlay.offset] : [this.below, offset];
  }
}

/** A part of another source. */
export class SliceSource implements IByteSource {
  readonly name: string;
  readonly readSync?: (offset: number, length: number) => Uint8Array;

  constructor(
    private readonly whole: IByteSource,
    private readonly offset: number,
    readonly size: number
  ) {
    this.name = whole.name;
    checkRange(whole.name, whole.size, offset, size);
    if (whole.readSync) {
      this.readSync = (at, length) => {
        checkRange(this.name, size, at, length);
        return whole.readSync!(offset + at, length);
      };
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    checkRange(this.name, this.size, offset, length);
    return this.whole.read(this.offset + offset, length);
  }
}
