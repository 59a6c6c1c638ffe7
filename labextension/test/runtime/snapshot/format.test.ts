import { describe, expect, test } from 'vitest';

import { SnapshotError } from '../../../src/runtime/snapshot/error';
import type { IHeader } from '../../../src/runtime/snapshot/format';
import {
  decodeHeader,
  encodeHeader,
  VERSION
} from '../../../src/runtime/snapshot/format';

const HEADER = { build: 'abc', frames: [[70, 100, '00']] } as unknown as IHeader;

describe('the header of a snapshot', () => {
  const whole = (bytes: Uint8Array) => bytes.length + 70;

  test('is read as it was written', () => {
    const bytes = encodeHeader(HEADER);
    expect(decodeHeader(bytes, whole(bytes))).toEqual(HEADER);
  });

  test('of another version is refused, with both', () => {
    const bytes = encodeHeader(HEADER);
    new DataView(bytes.buffer).setUint32(8, VERSION - 1, true);
    const read = () => decodeHeader(bytes, whole(bytes));
    expect(read).toThrow(SnapshotError);
    expect(read).toThrow(
      `has version ${VERSION - 1} of its format, this kernel reads ${VERSION}`
    );
  });

  test.each([
    ['another file', (bytes: Uint8Array) => bytes.fill(0, 0, 8), 'is no snapshot'],
    [
      'a length that is not its own',
      (bytes: Uint8Array) => bytes.fill(0, 12, 16),
      'the length of the header'
    ]
  ])('that begins with %s is refused', (_, spoil, message) => {
    const bytes = encodeHeader(HEADER);
    spoil(bytes);
    expect(() => decodeHeader(bytes, whole(bytes))).toThrow(message);
  });

  test('of a file that is cut short is refused, with both sizes', () => {
    const bytes = encodeHeader(HEADER);
    const size = whole(bytes);
    expect(() => decodeHeader(bytes, size - 1)).toThrow(
      `the file has ${size - 1} bytes, its header says ${size}`
    );
  });
});
