/** Longest code of deflate, in bits. */
const LONGEST = 15;

/** What a code stands for. An entry without a kind is no code: its stream is damaged. */
export enum Kind {
  /** A byte, or the length of a code. */
  Literal = 1 << 24,

  /** A length or a distance: so many extra bits are to be added to the value. */
  Base = 1 << 25,

  End = 1 << 26,

  /** The code is longer than the first bits show: the value is where to look on. */
  More = 1 << 27
}

/**
 * A table that decodes the next bits of a stream with one look, or with two if the code is long.
 *
 * An entry has a kind, 16 bits of value from bit 8, from bit 4 the number of extra bits (of `Kind.More`: of bits that
 * follow), and in the lowest four the length of the whole code.
 */
export class HuffmanTable {
  readonly entries: Int32Array;
  private readonly counts = new Uint16Array(LONGEST + 1);
  private readonly sorted: Uint16Array;

  /**
   * @param bits - How many bits the first look takes.
   * @param symbols - For each symbol its entry, without the length of its code.
   * @param room - Most entries that codes longer than `bits` can need. (A table of `n` bits for them holds at least
   * `n + 1` of the symbols, as no code is left unused.)
   */
  constructor(
    readonly bits: number,
    private readonly symbols: Int32Array,
    room: number
  ) {
    this.entries = new Int32Array((1 << bits) + room);
    this.sorted = new Uint16Array(symbols.length);
  }

  /**
   * Assign codes to the symbols `[0, count)` by their lengths (RFC 1951, section 3.2.2).
   *
   * @param lengths - That of the first symbol is at `first`; 0 for symbols that do not occur.
   * @param sparse - Whether there may be a single code of one bit, or none.
   * @throws Error when the codes are too many or too few, by the rules of zlib.
   */
  build(lengths: Uint8Array, first: number, count: number, sparse: boolean): void {
    const { bits, counts, entries, sorted, symbols } = this;
    counts.fill(0);
    for (let i = 0; i < count; i++) counts[lengths[first + i]] += 1;
    counts[0] = 0;

    let left = 1;
    let longest = 0;
    let total = 0;
    const offsets = new Uint16Array(LONGEST + 1);
    for (let length = 1; length <= LONGEST; length++) {
      left = 2 * left - counts[length];
      if (left < 0) throw new Error('more codes than there can be');
      offsets[length] = total;
      total += counts[length];
      if (counts[length] > 0) longest = length;
    }
    if (left > 0 && !(sparse && longest <= 1)) {
      throw new Error('fewer codes than there must be');
    }
    for (let i = 0; i < count; i++) {
      const length = lengths[first + i];
      if (length > 0) sorted[offsets[length]++] = i;
    }

    const size = 1 << bits;
    if (left > 0) entries.fill(0, 0, size);
    let end = size;
    let prefix = -1;
    let start = 0;
    let stop = 0;
    // The code, its first bit lowest, as the stream has it.
    let code = 0;
    for (let i = 0; i < total; i++) {
      const symbol = sorted[i];
      const length = lengths[first + symbol];
      const entry = symbols[symbol] && symbols[symbol] | length;
      if (length <= bits) {
        for (let at = code; at < size; at += 1 << length) entries[at] = entry;
      } else {
        if ((code & (size - 1)) !== prefix) {
          prefix = code & (size - 1);
          start = end;
          const more = this.width(length);
          stop = end = start + (1 << more);
          entries[prefix] = Kind.More | (start << 8) | (more << 4);
        }
        for (let at = start + (code >>> bits); at < stop; at += 1 << (length - bits)) {
          entries[at] = entry;
        }
      }
      counts[length] -= 1;
      let bit = 1 << (length - 1);
      while (code & bit) bit >>>= 1;
      code = bit ? (code & (bit - 1)) | bit : 0;
    }
  }

  /** How many bits tell apart the codes that begin like the next one, of a length that the first look does not show. */
  private width(length: number): number {
    let width = length - this.bits;
    let left = 1 << width;
    for (; this.bits + width < LONGEST; width++) {
      left -= this.counts[this.bits + width];
      if (left <= 0) break;
      left <<= 1;
    }
    return width;
  }
}
