import { beforeAll, describe, expect, test } from 'vitest';

import { ByteReader, ByteWriter } from '../../../src/runtime/wasm/bytes';
import type { IRenumbering, NewGlobal } from '../../../src/runtime/wasm/instructions';
import {
  InstructionCopier,
  SAME,
  UnknownInstruction
} from '../../../src/runtime/wasm/instructions';
import { Section, parseModule } from '../../../src/runtime/wasm/parse';
import { leb } from './assemble';
import { courseLibraries, runtimeWasm } from './real';

/** Each kind of number becomes another one, of two bytes. */
const OTHER: IRenumbering = {
  type: index => 1000 + index,
  func: index => 2000 + index,
  global: index => ({ index: 3000 + index }),
  setGlobal: index => 4000 + index,
  tag: index => 5000 + index,
  element: index => 6000 + index,
  data: index => 7000 + index
};

function copied(body: readonly number[], numbers: IRenumbering): number[] {
  const writer = new ByteWriter(4);
  const reader = new ByteReader(Uint8Array.from(body));
  new InstructionCopier(reader, writer, numbers).body();
  expect(reader.done).toBe(true);
  return [...writer.bytes];
}

/** A module with each body copied, the rest as it is. */
function withBodiesCopied(bytes: Uint8Array, numbers: IRenumbering): Uint8Array {
  const code = new ByteWriter();
  const body = new ByteWriter();
  const bodies = parseModule(bytes).code;
  code.unsigned(bodies.length);
  for (const { bytes, at, end } of bodies) {
    body.clear();
    new InstructionCopier(new ByteReader(bytes, at, end), body, numbers).body();
    code.part(body.bytes);
  }
  const writer = new ByteWriter();
  const reader = new ByteReader(bytes, 8);
  writer.copy(bytes.subarray(0, 8));
  while (!reader.done) {
    const id = reader.byte();
    const { at, end } = reader.part();
    writer.byte(id);
    writer.part(id === Number(Section.Code) ? code.bytes : bytes.subarray(at, end));
  }
  return writer.bytes.slice();
}

describe('instructions of real modules', () => {
  let libraries: Map<string, Uint8Array>;

  beforeAll(async () => {
    libraries = await courseLibraries();
  });

  test('of the runtime are all known, and stay as they are where no number changes', () => {
    const bytes = runtimeWasm();
    const copy = withBodiesCopied(bytes, SAME);
    expect(Buffer.compare(copy, bytes)).toBe(0);
  });

  test('of each library of the course are all known, and the copy is a valid module', () => {
    expect(libraries.size).toBeGreaterThan(50);
    for (const [name, bytes] of libraries) {
      const copy = withBodiesCopied(bytes, SAME);
      expect(WebAssembly.validate(copy as BufferSource), name).toBe(true);
      // Where numbers were longer than they need to be, they are not any more.
      expect(copy.length, name).toBeLessThanOrEqual(bytes.length);
    }
  });
});

describe('the numbers in instructions', () => {
  const TYPE = leb(1001);
  const FUNCTION = leb(2001);
  const TAG = leb(5001);
  const MEMORY_ARGUMENT = [0x10, 0x90, 0x01];
  const V128 = Array<number>(16).fill(0x10);

  /** An instruction and what it becomes. */
  const CHANGED: [string, number[], number[]][] = [
    ['call', [0x10, 1], [0x10, ...FUNCTION]],
    ['return_call', [0x12, 1], [0x12, ...FUNCTION]],
    ['ref.func', [0xd2, 1], [0xd2, ...FUNCTION]],
    ['call_indirect', [0x11, 1, 2], [0x11, ...TYPE, 2]],
    ['return_call_indirect', [0x13, 1, 2], [0x13, ...TYPE, 2]],
    ['call_ref', [0x14, 1], [0x14, ...TYPE]],
    ['return_call_ref', [0x15, 1], [0x15, ...TYPE]],
    ['block with a type', [0x02, 1, 0x0b], [0x02, ...TYPE, 0x0b]],
    ['loop with a type', [0x03, 1, 0x0b], [0x03, ...TYPE, 0x0b]],
    ['if with a type', [0x04, 1, 0x05, 0x0b], [0x04, ...TYPE, 0x05, 0x0b]],
    // Where a number below zero would be a type that is built in, one above 63 needs a byte more.
    [
      'block with a type of one byte',
      [0x02, 64 | 128, 0, 0x0b],
      [0x02, ...leb(1064), 0x0b]
    ],
    ['try with a type', [0x06, 1, 0x0b], [0x06, ...TYPE, 0x0b]],
    ['block with a reference', [0x02, 0x63, 1, 0x0b], [0x02, 0x63, ...TYPE, 0x0b]],
    ['catch', [0x06, 0x40, 0x07, 1, 0x0b], [0x06, 0x40, 0x07, ...TAG, 0x0b]],
    ['throw', [0x08, 1], [0x08, ...TAG]],
    [
      'try_table',
      [0x1f, 1, 4, 0, 1, 9, 1, 1, 8, 2, 7, 3, 6, 0x0b],
      [0x1f, ...TYPE, 4, 0, ...TAG, 9, 1, ...TAG, 8, 2, 7, 3, 6, 0x0b]
    ],
    ['global.get', [0x23, 1], [0x23, ...leb(3001)]],
    ['global.set', [0x24, 1], [0x24, ...leb(4001)]],
    ['ref.null of a type', [0xd0, 1], [0xd0, ...TYPE]],
    ['select of references', [0x1c, 1, 0x64, 1], [0x1c, 1, 0x64, ...TYPE]],
    ['memory.init', [0xfc, 8, 1, 0], [0xfc, 8, ...leb(7001), 0]],
    ['data.drop', [0xfc, 9, 1], [0xfc, 9, ...leb(7001)]],
    ['table.init', [0xfc, 12, 1, 2], [0xfc, 12, ...leb(6001), 2]],
    ['elem.drop', [0xfc, 13, 1], [0xfc, 13, ...leb(6001)]]
  ];

  const UNCHANGED: [string, number[]][] = [
    ['unreachable, nop and return', [0x00, 0x01, 0x0f]],
    [
      'blocks without a type',
      [0x02, 0x40, 0x03, 0x7f, 0x04, 0x70, 0x05, 0x0b, 0x0b, 0x0b]
    ],
    ['try, catch_all and rethrow', [0x06, 0x40, 0x19, 0x09, 0x10, 0x0b]],
    ['delegate', [0x06, 0x40, 0x18, 0x10]],
    ['throw_ref', [0x0a]],
    ['br, br_if', [0x0c, 0x10, 0x0d, 0x10]],
    ['br_table', [0x0e, 3, 0x10, 0x10, 0x90, 1, 0x10]],
    ['br_on_null, br_on_non_null', [0xd5, 0x10, 0xd6, 0x10]],
    ['drop and select', [0x1a, 0x1b]],
    ['select with types', [0x1c, 1, 0x70]],
    ['local.get, local.set, local.tee', [0x20, 0x10, 0x21, 0x10, 0x22, 0x90, 1]],
    ['table.get, table.set', [0x25, 0x10, 0x26, 0x10]],
    ['memory.size, memory.grow', [0x3f, 0x10, 0x40, 0x10]],
    ['loads and stores', [0x28, ...MEMORY_ARGUMENT, 0x3e, ...MEMORY_ARGUMENT]],
    ['a load from a memory by its number', [0x28, 0x42, 0x10, 0x10]],
    ['i32.const', [0x41, 0x10]],
    ['i32.const of the bytes of a call', [0x41, 0x90, 0x01]],
    ['i64.const', [0x42, ...Array<number>(9).fill(0x90), 1]],
    ['f32.const of bytes that are calls', [0x43, 0x10, 1, 0x10, 1]],
    ['f64.const of bytes that are calls', [0x44, 0x10, 1, 0x10, 1, 0x10, 1, 0x10, 1]],
    ['arithmetic', [0x45, 0x6a, 0xa7, 0xbf, 0xc0, 0xc4]],
    ['ref.null', [0xd0, 0x70, 0xd0, 0x6f]],
    ['ref.is_null, ref.eq, ref.as_non_null', [0xd1, 0xd3, 0xd4]],
    ['conversions', [0xfc, 0, 0xfc, 7]],
    ['memory.copy, memory.fill', [0xfc, 10, 0x10, 0x10, 0xfc, 11, 0x10]],
    ['table.copy', [0xfc, 14, 0x10, 0x10]],
    [
      'table.grow, table.size, table.fill',
      [0xfc, 15, 0x10, 0xfc, 16, 0x10, 0xfc, 17, 0x10]
    ],
    [
      'v128.load, v128.store',
      [0xfd, 0, ...MEMORY_ARGUMENT, 0xfd, 11, ...MEMORY_ARGUMENT]
    ],
    ['v128.const', [0xfd, 12, ...V128]],
    ['i8x16.shuffle', [0xfd, 13, ...V128]],
    ['lanes', [0xfd, 21, 0x10, 0xfd, 34, 0x10]],
    [
      'loads and stores of lanes',
      [0xfd, 84, ...MEMORY_ARGUMENT, 0x10, 0xfd, 91, ...MEMORY_ARGUMENT, 0x10]
    ],
    ['v128.load32_zero', [0xfd, 92, ...MEMORY_ARGUMENT, 0xfd, 93, ...MEMORY_ARGUMENT]],
    ['arithmetic of vectors', [0xfd, 14, 0xfd, 83, 0xfd, 0xae, 1, 0xfd, 0xff, 1]],
    ['relaxed arithmetic of vectors', [0xfd, 0x80, 2, 0xfd, 0x93, 2]],
    ['atomic.fence', [0xfe, 3, 0x10]],
    [
      'atomic loads and stores',
      [0xfe, 0, ...MEMORY_ARGUMENT, 0xfe, 0x10, ...MEMORY_ARGUMENT]
    ]
  ];

  // Where a number is not taken for one, it is a call.
  const AFTER = [0x10, 1, 0x0b];
  const AFTER_COPIED = [0x10, ...FUNCTION, 0x0b];

  test.each(CHANGED)('are new in %s', (_, before, after) => {
    expect(copied([0, ...before, ...AFTER], OTHER)).toEqual([
      0,
      ...after,
      ...AFTER_COPIED
    ]);
  });

  test.each(UNCHANGED)('stay as they are in %s', (_, bytes) => {
    expect(copied([0, ...bytes, ...AFTER], OTHER)).toEqual([
      0,
      ...bytes,
      ...AFTER_COPIED
    ]);
  });

  test('are new in the types of local variables, and their counts are not', () => {
    const locals = [3, 1, 0x7f, 0x81, 1, 0x7b, 1, 0x63, 1];
    expect(copied([...locals, ...AFTER], OTHER)).toEqual([
      ...locals.slice(0, -1),
      ...TYPE,
      ...AFTER_COPIED
    ]);
  });

  test('are new in an expression, which ends with its end', () => {
    const reader = new ByteReader(Uint8Array.from([0x23, 1, 0x41, 11, 0x6a, 0x0b, 9]));
    const writer = new ByteWriter();
    writer.byte(77);
    new InstructionCopier(reader, writer, OTHER).expression();
    expect([...writer.bytes]).toEqual([77, 0x23, ...leb(3001), 0x41, 11, 0x6a, 0x0b]);
    expect(reader.byte()).toBe(9);
  });

  test.each([
    [[0xff], '0xff'],
    [[0x16], '0x16'],
    [[0xfb, 0], '0xfb'],
    [[0xfc, 0x20], '0xfc 0x20'],
    [[0x1f, 0x40, 1, 4, 0], '0x1f 0x4']
  ])('are not guessed in an instruction that is not known: %j', (bytes, name) => {
    const copy = () => copied([0, 0x01, ...bytes, 0x0b], SAME);
    expect(copy).toThrow(UnknownInstruction);
    expect(copy).toThrow(`the instruction ${name} is not known`);
  });

  test('are not made up where an instruction is cut short', () => {
    expect(() => copied([0, 0x10], SAME)).toThrow(RangeError);
    expect(() => copied([0, 0x44, 1, 2], SAME)).toThrow(RangeError);
  });
});

describe('a global that has become a number', () => {
  const numbers = (value: number): IRenumbering => ({
    ...OTHER,
    global: (index): NewGlobal => (index === 0 ? { value } : { index })
  });
  /** `i32.const` of a number. */
  const constant = (value: number) => {
    const writer = new ByteWriter();
    writer.byte(0x41);
    writer.signed(value);
    return [...writer.bytes];
  };

  test.each([
    ['alone', 1000, [0x23, 0], constant(1000)],
    ['with a constant added', 1000, [0x23, 0, ...constant(24), 0x6a], constant(1024)],
    ['with a negative one', 1000, [0x23, 0, ...constant(-1), 0x6a], constant(999)],
    [
      'over the end of the memory',
      0x7fffffff,
      [0x23, 0, ...constant(1), 0x6a],
      constant(-(2 ** 31))
    ],
    ['above 2 GiB', 0x90000000, [0x23, 0], constant(0x90000000 | 0)],
    [
      'with a constant that is for something else',
      1000,
      [0x23, 0, ...constant(24), 0x6b],
      [...constant(1000), ...constant(24), 0x6b]
    ],
    [
      'with a constant and another global',
      1000,
      [0x23, 0, ...constant(24), 0x23, 1],
      [...constant(1000), ...constant(24), 0x23, 1]
    ],
    [
      'added to what is there',
      1000,
      [0x20, 0, 0x23, 0, 0x6a],
      [0x20, 0, ...constant(1000), 0x6a]
    ],
    [
      'and two constants',
      1000,
      [0x23, 0, ...constant(1), 0x6a, ...constant(2), 0x6a],
      [...constant(1001), ...constant(2), 0x6a]
    ]
  ])('is a constant: %s', (_, value, before, after) => {
    expect(copied([0, ...before, 0x1a, 0x0b], numbers(value))).toEqual([
      0,
      ...after,
      0x1a,
      0x0b
    ]);
  });
});
