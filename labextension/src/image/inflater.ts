import { HuffmanTable, Kind } from './huffman';

/** Bytes that are read beyond the end of a stream, before it is noticed, and written beyond that of its room. */
const SLACK = 16;

/** From this length on, it is worth a call to copy a match. */
const LONG_MATCH = 48;

const LENGTHS = 286;
const DISTANCES = 30;
const FIXED_LENGTHS = 288;
const FIXED_DISTANCES = 32;
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Lengths or distances: each needs so many extra bits, and begins where the one before ends. */
function bases(extra: readonly number[], first: number): number[] {
  let base = first;
  return extra.map(bits => {
    const entry = Kind.Base | (base << 8) | (bits << 4);
    base += 1 << bits;
    return entry;
  });
}

const EXTRA_OF_LENGTH = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5
];
const LITERALS = Array.from({ length: 256 }, (_, byte) => Kind.Literal | (byte << 8));
const LENGTH_SYMBOLS = new Int32Array(FIXED_LENGTHS);
LENGTH_SYMBOLS.set([
  ...LITERALS,
  Kind.End,
  ...bases(EXTRA_OF_LENGTH, 3),
  // The longest has a code of its own.
  Kind.Base | (258 << 8)
]);
const DISTANCE_SYMBOLS = new Int32Array(FIXED_DISTANCES);
DISTANCE_SYMBOLS.set(
  bases(
    Array.from({ length: DISTANCES }, (_, i) => Math.max(0, (i >> 1) - 1)),
    1
  )
);

const lengthTable = () => new HuffmanTable(10, LENGTH_SYMBOLS, 2048);
const distanceTable = () => new HuffmanTable(8, DISTANCE_SYMBOLS, 512);

// Inflating is synchronous: these serve one stream at a time.
const codes = new HuffmanTable(7, Int32Array.from(LITERALS.slice(0, ORDER.length)), 0);
const lengths = lengthTable();
const distances = distanceTable();
const described = new Uint8Array(LENGTHS + DISTANCES);
let fixed: readonly [HuffmanTable, HuffmanTable] | undefined;

/** The tables of blocks that bring none. */
function fixedTables(): readonly [HuffmanTable, HuffmanTable] {
  if (!fixed) {
    const [literals, distant] = [lengthTable(), distanceTable()];
    const known = new Uint8Array(FIXED_LENGTHS)
      .fill(8)
      .fill(9, 144, 256)
      .fill(7, 256, 280);
    literals.build(known, 0, FIXED_LENGTHS, false);
    distant.build(new Uint8Array(FIXED_DISTANCES).fill(5), 0, FIXED_DISTANCES, false);
    fixed = [literals, distant];
  }
  return fixed;
}

/**
 * Inflate a deflate stream (RFC 1951), or a run of blocks of one that ends on a whole byte.
 *
 * All of the stream is there and its size is known, so it is looked at in words of 32 bits, nothing
 * has to grow, and where it ends is checked to the bit. What inflates streams of unknown length, as
 * fflate, takes twice the time.
 *
 * @param most - How many bytes it may yield.
 * @param final - Whether the last block is marked as such; the others must not be.
 * @throws Error when the stream is damaged, ends too early or too late, or yields more.
 */
export function inflate(
  compressed: Uint8Array,
  most: number,
  final: boolean
): Uint8Array {
  return new Inflater(compressed, most).run(final);
}

class Inflater {
  private readonly source: Uint8Array;
  private readonly view: DataView;
  private readonly end: number;
  private readonly out: Uint8Array;
  private readonly outView: DataView;

  /** In bits. */
  private position = 0;
  private written = 0;

  constructor(
    compressed: Uint8Array,
    private readonly most: number
  ) {
    this.source = new Uint8Array(compressed.length + SLACK);
    this.source.set(compressed);
    this.view = new DataView(this.source.buffer);
    this.end = 8 * compressed.length;
    this.out = new Uint8Array(most + SLACK);
    this.outView = new DataView(this.out.buffer);
  }

  run(final: boolean): Uint8Array {
    let last = 0;
    while (!last && this.position < this.end) {
      last = this.take(1);
      if (last && !final) throw new Error('it ends before its end');
      const type = this.take(2);
      if (type === 0) {
        this.stored();
      } else if (type === 1) {
        this.block(...fixedTables());
      } else if (type === 2) {
        this.describe();
        this.block(lengths, distances);
      } else {
        throw new Error('a block of no known type');
      }
    }
    // The last block of all may end within a byte.
    const rest = this.end - this.position;
    if (rest < 0 || rest > (final ? 7 : 0) || (final && !last)) {
      throw new Error('it does not end where it should');
    }
    return this.out.subarray(0, this.written);
  }

  /** The next bits, at most 16. Behind the end they are zero. */
  private take(count: number): number {
    const { position } = this;
    if (position > this.end) throw new Error('it ends too early');
    this.position += count;
    return (
      (this.view.getInt32(position >>> 3, true) >>> (position & 7)) & ((1 << count) - 1)
    );
  }

  private stored(): void {
    this.position = (this.position + 7) & ~7;
    const length = this.take(16);
    if (this.take(16) !== (~length & 0xffff)) {
      throw new Error('a stored block of unclear length');
    }
    const start = this.position >>> 3;
    this.position += 8 * length;
    if (this.position > this.end) throw new Error('it ends too early');
    if (this.written + length > this.most) throw new Error('it yields too much');
    this.out.set(this.source.subarray(start, start + length), this.written);
    this.written += length;
  }

  /** Read the tables that a block brings. */
  private describe(): void {
    const literals = this.take(5) + 257;
    const distant = this.take(5) + 1;
    const count = this.take(4) + 4;
    if (literals > LENGTHS || distant > DISTANCES) throw new Error('too many symbols');
    described.fill(0, 0, ORDER.length);
    for (let i = 0; i < count; i++) described[ORDER[i]] = this.take(3);
    codes.build(described, 0, ORDER.length, false);
    const total = literals + distant;
    for (let i = 0; i < total;) {
      const { position } = this;
      if (position > this.end) throw new Error('it ends too early');
      const bits = this.view.getInt32(position >>> 3, true) >>> (position & 7);
      const entry = codes.entries[bits & 127];
      this.position += entry & 15;
      const symbol = (entry >>> 8) & 0xff;
      if (symbol < 16) {
        described[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw new Error('it repeats nothing');
      const times =
        symbol === 16
          ? 3 + this.take(2)
          : symbol === 17
            ? 3 + this.take(3)
            : 11 + this.take(7);
      if (i + times > total) throw new Error('too many symbols');
      described.fill(symbol === 16 ? described[i - 1] : 0, i, i + times);
      i += times;
    }
    if (described[256] === 0) throw new Error('a block without an end');
    lengths.build(described, 0, literals, true);
    distances.build(described, literals, distant, true);
  }

  /** Inflate a block with its tables. */
  private block(literals: HuffmanTable, distant: HuffmanTable): void {
    const { view, end, out, outView, most } = this;
    const lengthEntries = literals.entries;
    const distanceEntries = distant.entries;
    const lengthMask = (1 << literals.bits) - 1;
    const distanceMask = (1 << distant.bits) - 1;
    let { position, written } = this;
    for (;;) {
      if (position > end) throw new Error('it ends too early');
      if (written > most) throw new Error('it yields too much');
      // At least 25 bits: two short codes and the extra bits of the second.
      let bits = view.getInt32(position >>> 3, true) >>> (position & 7);
      let entry = lengthEntries[bits & lengthMask];
      if (entry & Kind.Literal) {
        out[written++] = entry >>> 8;
        position += entry & 15;
        bits >>>= entry & 15;
        entry = lengthEntries[bits & lengthMask];
        if (entry & Kind.Literal) {
          out[written++] = entry >>> 8;
          position += entry & 15;
          continue;
        }
      }
      if (entry & Kind.More) {
        bits = view.getInt32(position >>> 3, true) >>> (position & 7);
        entry =
          lengthEntries[
            ((entry >>> 8) & 0xffff) +
              ((bits >>> literals.bits) & ((1 << ((entry >>> 4) & 15)) - 1))
          ];
        if (entry & Kind.Literal) {
          out[written++] = entry >>> 8;
          position += entry & 15;
          continue;
        }
      }
      position += entry & 15;
      if (!(entry & Kind.Base)) {
        if (entry & Kind.End) break;
        throw new Error('a code that stands for nothing');
      }
      let extra = (entry >>> 4) & 15;
      const length =
        ((entry >>> 8) & 0xffff) + ((bits >>> (entry & 15)) & ((1 << extra) - 1));
      position += extra;

      bits = view.getInt32(position >>> 3, true) >>> (position & 7);
      entry = distanceEntries[bits & distanceMask];
      if (entry & Kind.More) {
        entry =
          distanceEntries[
            ((entry >>> 8) & 0xffff) +
              ((bits >>> distant.bits) & ((1 << ((entry >>> 4) & 15)) - 1))
          ];
      }
      if (!(entry & Kind.Base)) throw new Error('a code that stands for nothing');
      position += entry & 15;
      extra = (entry >>> 4) & 15;
      bits = view.getInt32(position >>> 3, true) >>> (position & 7);
      const distance = ((entry >>> 8) & 0xffff) + (bits & ((1 << extra) - 1));
      position += extra;

      let from = written - distance;
      const stop = written + length;
      if (from < 0) throw new Error('it repeats what is before its beginning');
      if (stop > most) throw new Error('it yields too much');
      if (distance >= 4) {
        if (length >= LONG_MATCH && distance >= length) {
          out.copyWithin(written, from, from + length);
        } else {
          // What this writes beyond the match is written over by what follows.
          for (; written < stop; written += 4, from += 4) {
            outView.setInt32(written, outView.getInt32(from, true), true);
          }
        }
      } else {
        while (written < stop) out[written++] = out[from++];
      }
      written = stop;
    }
    if (written > most) throw new Error('it yields too much');
    this.position = position;
    this.written = written;
  }
}
