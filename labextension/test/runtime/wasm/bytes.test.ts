import { describe, expect, test } from 'vitest';

import { ByteReader, ByteWriter } from '../../../src/runtime/wasm/bytes';

/** Numbers and their bytes, as the specification's section "Values" has them. */
const UNSIGNED: [number, number[]][] = [
  [0, [0]],
  [127, [0x7f]],
  [128, [0x80, 1]],
  [624485, [0xe5, 0x8e, 0x26]],
  [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  [2 ** 40, [0x80, 0x80, 0x80, 0x80, 0x80, 0x20]]
];

const SIGNED: [number, number[]][] = [
  [0, [0]],
  [63, [0x3f]],
  [64, [0xc0, 0]],
  [-1, [0x7f]],
  [-64, [0x40]],
  [-65, [0xbf, 0x7f]],
  [-123456, [0xc0, 0xbb, 0x78]],
  [2 ** 31 - 1, [0xff, 0xff, 0xff, 0xff, 7]],
  [-(2 ** 31), [0x80, 0x80, 0x80, 0x80, 0x78]]
];

const written = (write: (writer: ByteWriter) => void) => {
  const writer = new ByteWriter(1);
  write(writer);
  return [...writer.bytes];
};

describe('numbers of the binary format', () => {
  test.each(UNSIGNED)('%d without a sign is written and read', (value, bytes) => {
    expect(written(writer => writer.unsigned(value))).toEqual(bytes);
    const reader = new ByteReader(Uint8Array.from(bytes));
    expect(reader.unsigned()).toBe(value);
    expect(reader.done).toBe(true);
  });

  test.each(SIGNED)('%d with a sign is written and read', (value, bytes) => {
    expect(written(writer => writer.signed(value))).toEqual(bytes);
    const reader = new ByteReader(Uint8Array.from(bytes));
    expect(reader.signed()).toBe(value);
    expect(reader.done).toBe(true);
  });

  test('an address above 2 GiB is written as the number of 32 bits that it is', () => {
    expect(written(writer => writer.signed(0xf0000000))).toEqual(
      written(writer => writer.signed(0xf0000000 | 0))
    );
  });

  test('that are longer than they need to be are read and skipped', () => {
    const bytes = Uint8Array.from([0x83, 0x80, 0x80, 0x00, 0xff, 0x80, 0x7f, 9]);
    const reader = new ByteReader(bytes);
    expect(reader.unsigned()).toBe(3);
    expect(reader.signed()).toBe(-(2 ** 14) + 127);
    expect(reader.byte()).toBe(9);
    const other = new ByteReader(bytes);
    other.skipNumber();
    other.skipNumber();
    expect(other.byte()).toBe(9);
  });
});

describe('parts of the binary format', () => {
  test('are written and read with their lengths', () => {
    const bytes = written(writer => {
      writer.text('größer');
      writer.part(new Uint8Array([1, 2, 3]));
      writer.unsigned(2);
      writer.byte(7);
      writer.byte(8);
    });
    const reader = new ByteReader(Uint8Array.from(bytes));
    expect(reader.text()).toBe('größer');
    const part = reader.part();
    expect([part.byte(), part.byte(), part.byte(), part.done]).toEqual([1, 2, 3, true]);
    expect(reader.vector(() => reader.byte())).toEqual([7, 8]);
    expect(reader.done).toBe(true);
  });

  test.each<[string, number[], (reader: ByteReader) => unknown]>([
    ['a byte', [], reader => reader.byte()],
    ['a number', [0x80], reader => reader.unsigned()],
    ['a number with a sign', [0x80], reader => reader.signed()],
    ['a number that is skipped', [0x80], reader => reader.skipNumber()],
    ['a part', [3, 1, 2], reader => reader.part()],
    ['a text', [2, 0x61], reader => reader.text()],
    ['a vector', [2, 1], reader => reader.vector(() => reader.byte())]
  ])('that end within %s are refused', (_, bytes, read) => {
    const reader = new ByteReader(Uint8Array.from(bytes));
    expect(() => read(reader)).toThrow(RangeError);
  });

  test('do not reach beyond their own end', () => {
    const part = new ByteReader(Uint8Array.from([1, 5, 6, 7])).part();
    expect(part.byte()).toBe(5);
    expect(() => part.byte()).toThrow('the module ends too early');
  });

  test('grow as they are written, and begin anew when they are cleared', () => {
    const writer = new ByteWriter(1);
    for (let i = 0; i < 1000; i++) writer.byte(i);
    writer.copy(new Uint8Array(5000).fill(7));
    expect(writer.bytes.length).toBe(6000);
    expect([writer.bytes[999], writer.bytes[5999]]).toEqual([999 & 255, 7]);
    writer.clear();
    writer.byte(1);
    expect([...writer.bytes]).toEqual([1]);
  });
});
