/** Reads the numbers of the WebAssembly binary format, one after the other. */
export class ByteReader {
  /**
   * @param bytes - Of a module, or of a part of one.
   * @param at - Where reading begins.
   */
  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
    readonly end = bytes.length
  ) {}

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw new RangeError('the module ends too early');
    return this.bytes[this.at++];
  }

  /** An unsigned LEB128 number of at most 53 bits. */
  unsigned(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  /** A signed LEB128 number of at most 33 bits. */
  signed(): number {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      factor *= 128;
      if (byte < 128) return byte & 64 ? value - factor : value;
    }
  }

  /** Go on behind a LEB128 number. */
  skipNumber(): void {
    while (this.byte() > 127);
  }

  skip(length: number): void {
    this.at += length;
    if (this.at > this.end) throw new RangeError('the module ends too early');
  }

  /** A part with its length before it. */
  part(): ByteReader {
    const length = this.unsigned();
    const start = this.at;
    this.skip(length);
    return new ByteReader(this.bytes, start, start + length);
  }

  text(): string {
    const { at, end } = this.part();
    return new TextDecoder().decode(this.bytes.subarray(at, end));
  }

  /** A vector: its length, then what `read` reads as often. */
  vector<T>(read: (index: number) => T): T[] {
    const values: T[] = [];
    const length = this.unsigned();
    for (let index = 0; index < length; index++) values.push(read(index));
    return values;
  }
}

/** Writes the WebAssembly binary format. */
export class ByteWriter {
  private buffer: Uint8Array<ArrayBuffer>;
  private length = 0;

  constructor(room = 1024) {
    this.buffer = new Uint8Array(room);
  }

  /** What has been written; valid until more is. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  unsigned(value: number): void {
    this.reserve(8);
    while (value > 127) {
      this.buffer[this.length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    this.buffer[this.length++] = value;
  }

  /** A number of 32 bits. */
  signed(value: number): void {
    this.reserve(8);
    for (;;) {
      const byte = value & 127;
      value >>= 7;
      if (value === (byte & 64 ? -1 : 0)) {
        this.buffer[this.length++] = byte;
        return;
      }
      this.buffer[this.length++] = byte | 128;
    }
  }

  copy(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A part with its length before it. */
  part(bytes: Uint8Array): void {
    this.unsigned(bytes.length);
    this.copy(bytes);
  }

  text(text: string): void {
    this.part(new TextEncoder().encode(text));
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.buffer.length));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }
}
