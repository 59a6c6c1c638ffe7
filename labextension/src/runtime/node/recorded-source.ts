import type { IByteSource } from '../../source';
import type { Range } from '../manifest';

/** A source that notes what is read of another, in order. */
export class RecordedSource implements IByteSource {
  /** What was read since this list was emptied last. */
  readonly ranges: Range[] = [];
  readonly name: string;
  readonly size: number;

  constructor(
    private readonly below: IByteSource & Required<Pick<IByteSource, 'readSync'>>
  ) {
    this.name = below.name;
    this.size = below.size;
  }

  readSync(offset: number, length: number): Uint8Array {
    this.ranges.push([offset, length]);
    return this.below.readSync(offset, length);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.readSync(offset, length);
  }
}
