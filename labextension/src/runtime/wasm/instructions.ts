import type { ByteReader, ByteWriter } from './bytes';

/** What a global of a module has become: another one, or a number that never changes. */
export type NewGlobal = { index: number } | { value: number };

/** Where the things of a module are in the one that it becomes a part of. */
export interface IRenumbering {
  type(index: number): number;
  func(index: number): number;
  global(index: number): NewGlobal;
  /** The index of a global that is set. */
  setGlobal(index: number): number;
  tag(index: number): number;
  /** Segments of functions. */
  element(index: number): number;
  /** Segments of data. */
  data(index: number): number;
}

/** All stay where they are. */
export const SAME: IRenumbering = {
  type: index => index,
  func: index => index,
  global: index => ({ index }),
  setGlobal: index => index,
  tag: index => index,
  element: index => index,
  data: index => index
};

/** An instruction that is not known here. */
export class UnknownInstruction extends Error {
  override name = 'UnknownInstruction';
}

const I32_CONST = 0x41;
const I32_ADD = 0x6a;
const GLOBAL_GET = 0x23;
const END = 0x0b;

/** Prefixes of instructions that have a second opcode. */
const MISC = 0xfc;
const SIMD = 0xfd;
const ATOMIC = 0xfe;

/** Value types that are followed by a type of the heap: references to something of a certain type. */
const REF_NULL = 0x63;
const REF = 0x64;

/**
 * Copies instructions, with new numbers for all that they refer to.
 *
 * A global that has become a number becomes a constant, together with the one that is added to it: code that may lie
 * anywhere adds its place to each address.
 *
 * Source of the opcodes: the WebAssembly core specification, "Binary format: Instructions", and for `try`, `rethrow` and
 * `delegate` the legacy exception handling proposal.
 */
export class InstructionCopier {
  /** Up to here the source has been copied. */
  private copied = 0;

  constructor(
    private readonly reader: ByteReader,
    private readonly writer: ByteWriter,
    private readonly numbers: IRenumbering
  ) {}

  /** A function's body: its local variables, then its instructions, up to the reader's end. */
  body(): void {
    const { reader } = this;
    this.copied = reader.at;
    const groups = reader.unsigned();
    for (let i = 0; i < groups; i++) {
      reader.skipNumber();
      this.valueType();
    }
    while (!reader.done) this.instruction();
    this.flush(reader.at);
  }

  /** A constant expression with its `end`; there are no blocks in one. */
  expression(): void {
    const { reader } = this;
    this.copied = reader.at;
    while (reader.bytes[reader.at] !== END) this.instruction();
    reader.byte();
    this.flush(reader.at);
  }

  /** Copy what has been read up to a place. */
  private flush(end: number): void {
    this.writer.copy(this.reader.bytes.subarray(this.copied, end));
    this.copied = this.reader.at;
  }

  /** In place of the number that comes next. */
  private renumber(number: (index: number) => number): void {
    const { reader } = this;
    const start = reader.at;
    const found = number(reader.unsigned());
    this.flush(start);
    this.writer.unsigned(found);
  }

  private valueType(): void {
    const type = this.reader.byte();
    if (type === REF_NULL || type === REF) this.heapType();
  }

  /** Negative for what is built in. */
  private heapType(): void {
    const { reader } = this;
    const start = reader.at;
    const type = reader.signed();
    if (type < 0) return;
    this.flush(start);
    // Signed, because it stands where a negative one would be something else.
    this.writer.signed(this.numbers.type(type));
  }

  private blockType(): void {
    const { reader } = this;
    const first = reader.bytes[reader.at];
    if (first === REF_NULL || first === REF) return this.valueType();
    this.heapType();
  }

  private memoryArgument(): void {
    const { reader } = this;
    const alignment = reader.unsigned();
    if (alignment & 64) reader.skipNumber(); // which memory: there is one
    reader.skipNumber();
  }

  private instruction(): void {
    const { reader, numbers } = this;
    const start = reader.at;
    const opcode = reader.byte();
    if (opcode >= 0x45 && opcode <= 0xc4) return; // arithmetic
    if (opcode >= 0x28 && opcode <= 0x3e) return this.memoryArgument();
    switch (opcode) {
      case 0x00: // unreachable
      case 0x01: // nop
      case 0x05: // else
      case 0x0a: // throw_ref
      case END:
      case 0x0f: // return
      case 0x19: // catch_all
      case 0x1a: // drop
      case 0x1b: // select
      case 0xd1: // ref.is_null
      case 0xd3: // ref.eq
      case 0xd4: // ref.as_non_null
        return;
      case 0x02: // block
      case 0x03: // loop
      case 0x04: // if
      case 0x06: // try
        return this.blockType();
      case 0x07: // catch
      case 0x08: // throw
        return this.renumber(index => numbers.tag(index));
      case 0x09: // rethrow
      case 0x0c: // br
      case 0x0d: // br_if
      case 0x18: // delegate
      case 0x20: // local.get
      case 0x21: // local.set
      case 0x22: // local.tee
      case 0x25: // table.get
      case 0x26: // table.set
      case 0x3f: // memory.size
      case 0x40: // memory.grow
      case I32_CONST:
      case 0x42: // i64.const
      case 0xd5: // br_on_null
      case 0xd6: // br_on_non_null
        return reader.skipNumber();
      case 0x0e: // br_table
        reader.vector(() => reader.skipNumber());
        return reader.skipNumber();
      case 0x10: // call
      case 0x12: // return_call
      case 0xd2: // ref.func
        return this.renumber(index => numbers.func(index));
      case 0x11: // call_indirect
      case 0x13: // return_call_indirect
        this.renumber(index => numbers.type(index));
        return reader.skipNumber();
      case 0x14: // call_ref
      case 0x15: // return_call_ref
        return this.renumber(index => numbers.type(index));
      case 0x1c: // select, with types
        reader.vector(() => this.valueType());
        return;
      case 0x1f: // try_table
        return this.tryTable();
      case GLOBAL_GET:
        return this.globalGet(start);
      case 0x24: // global.set
        return this.renumber(index => numbers.setGlobal(index));
      case 0x43: // f32.const
        return reader.skip(4);
      case 0x44: // f64.const
        return reader.skip(8);
      case 0xd0: // ref.null
        return this.heapType();
      case MISC:
        return this.misc();
      case SIMD:
        return this.simd();
      case ATOMIC:
        return this.atomic();
    }
    throw unknown(opcode);
  }

  private tryTable(): void {
    const { reader, numbers } = this;
    this.blockType();
    reader.vector(() => {
      const kind = reader.byte();
      if (kind > 3) throw unknown(0x1f, kind);
      // catch, catch_ref; the others catch all
      if (kind < 2) this.renumber(index => numbers.tag(index));
      reader.skipNumber();
    });
  }

  private globalGet(start: number): void {
    const { reader, writer, numbers } = this;
    const found = numbers.global(reader.unsigned());
    if ('index' in found) {
      this.flush(start);
      writer.byte(GLOBAL_GET);
      writer.unsigned(found.index);
      return;
    }
    let { value } = found;
    const after = reader.at;
    if (reader.bytes[after] === I32_CONST) {
      reader.byte();
      const added = reader.signed();
      if (reader.bytes[reader.at] === I32_ADD) {
        reader.byte();
        value = (value + added) | 0;
      } else {
        reader.at = after;
      }
    }
    this.flush(start);
    writer.byte(I32_CONST);
    writer.signed(value);
  }

  private misc(): void {
    const { reader, numbers } = this;
    const opcode = reader.unsigned();
    switch (opcode) {
      case 8: // memory.init
        this.renumber(index => numbers.data(index));
        return reader.skipNumber();
      case 9: // data.drop
        return this.renumber(index => numbers.data(index));
      case 12: // table.init
        this.renumber(index => numbers.element(index));
        return reader.skipNumber();
      case 13: // elem.drop
        return this.renumber(index => numbers.element(index));
      case 10: // memory.copy
      case 14: // table.copy
        reader.skipNumber();
        return reader.skipNumber();
      case 11: // memory.fill
      case 15: // table.grow
      case 16: // table.size
      case 17: // table.fill
        return reader.skipNumber();
    }
    if (opcode > 7) throw unknown(MISC, opcode); // up to there: conversions
  }

  private simd(): void {
    const { reader } = this;
    const opcode = reader.unsigned();
    if (opcode <= 11 || opcode === 92 || opcode === 93) return this.memoryArgument();
    if (opcode === 12 || opcode === 13) return reader.skip(16); // v128.const, i8x16.shuffle
    if (opcode >= 21 && opcode <= 34) return reader.skip(1); // lanes
    if (opcode >= 84 && opcode <= 91) {
      this.memoryArgument();
      return reader.skip(1);
    }
  }

  private atomic(): void {
    const opcode = this.reader.unsigned();
    if (opcode === 3) return this.reader.skip(1); // atomic.fence
    this.memoryArgument();
  }
}

function unknown(...opcode: number[]): UnknownInstruction {
  const name = opcode.map(byte => `0x${byte.toString(16)}`).join(' ');
  return new UnknownInstruction(`the instruction ${name} is not known`);
}
