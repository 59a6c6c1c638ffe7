import { describe, expect, test } from 'vitest';

import { Completer } from '../../../src/runtime/snapshot/completer';
import { linkGcHeads, takeGcHeads } from '../../../src/runtime/snapshot/gc-heads';
import type { IHeader } from '../../../src/runtime/snapshot/format';
import {
  BLOCK,
  FIRST_MEMORY,
  memoryPieces,
  piecesWithin,
  runsOf
} from '../../../src/runtime/snapshot/format';
import { LinkedMemory } from '../../../src/runtime/snapshot/linked-memory';

const PAGE = 65536;
const MIB = 2 ** 20;

/** Heads at these addresses, linked in this order, with flags in their lowest bits. */
function linked(addresses: number[]): WebAssembly.Memory {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const words = new Uint32Array(memory.buffer);
  addresses.forEach((head, index) => {
    const next = addresses[(index + 1) % addresses.length];
    words[head / 4] = next | (index & 1);
    words[next / 4 + 1] = head | ((index >> 1) & 3);
  });
  return memory;
}

/** What follows a head, until the first comes again. */
function walk(memory: WebAssembly.Memory, first: number): number[] {
  const words = new Uint32Array(memory.buffer);
  const heads = [first];
  for (;;) {
    const next = words[heads.at(-1)! / 4] & ~3;
    expect(words[next / 4 + 1] & ~3).toBe(heads.at(-1));
    if (next === first) return heads;
    heads.push(next);
  }
}

describe('the heads of the garbage collector', () => {
  test('come back in the order of their addresses, with their flags', () => {
    const memory = linked([800, 96, 4000, 320, 64, 1600]);
    const flags = Array.from(new Uint32Array(memory.buffer), word => word & 3);
    const bytes = new Uint8Array(memory.buffer);
    const distances = takeGcHeads(bytes, 4000 + 8);
    expect([...distances]).toEqual([64, 32, 224, 480, 800, 2400]);
    expect([...new Uint32Array(memory.buffer)]).toEqual(flags);
    linkGcHeads(new Uint32Array(), new Uint32Array(memory.buffer), distances);
    expect(walk(memory, 64)).toEqual([64, 96, 320, 800, 1600, 4000]);
    expect(Array.from(new Uint32Array(memory.buffer), word => word & 3)).toEqual(flags);
  });

  test('come back where the lower part of the memory is still elsewhere', () => {
    const memory = linked([800, 96, 4000, 320, 64, 1600]);
    const distances = takeGcHeads(new Uint8Array(memory.buffer), 4000 + 8);
    const words = new Uint32Array(memory.buffer);
    const low = words.slice(0, 1000 / 4);
    words.fill(0, 0, low.length);
    linkGcHeads(low, words, distances);
    expect(words.subarray(0, low.length).every(word => word === 0)).toBe(true);
    words.set(low);
    expect(walk(memory, 64)).toEqual([64, 96, 320, 800, 1600, 4000]);
  });

  test('stay where they are when they are not linked as expected', () => {
    const memory = linked([800, 96, 4000]);
    new Uint32Array(memory.buffer)[96 / 4 + 1] = 1200;
    const before = new Uint8Array(memory.buffer).slice();
    const distances = takeGcHeads(new Uint8Array(memory.buffer), 808);
    expect(distances).toHaveLength(0);
    expect(new Uint8Array(memory.buffer)).toEqual(before);
    linkGcHeads(new Uint32Array(), new Uint32Array(memory.buffer), distances);
    expect(new Uint8Array(memory.buffer)).toEqual(before);
  });
});

describe('memory that is written while a runtime starts', () => {
  const SIZE = 5 * MIB;
  const PIECE = MIB;
  const MAXIMUM = SIZE / PAGE + 3;
  const HEADER = { size: SIZE, maximum: MAXIMUM };
  const RUNTIME_DATA = 4096;
  const record = { heapStart: 128 * 1024 };
  const used = SIZE - 4;
  const STACK = { end: 64 * 1024, base: 128 * 1024 };
  const taken = Uint8Array.from({ length: SIZE }, (_, i) =>
    i < used ? (i * 2654435761) >>> 13 : 0
  );
  const data = (i: number) => (i * 40503) & 0xff;

  /** What the runtime's own file puts into memory. */
  const put = (memory: Uint8Array) => {
    for (let i = 0; i < RUNTIME_DATA; i++) memory[i] = data(i);
  };
  const runtimeData = new Uint32Array(RUNTIME_DATA / 4);
  put(new Uint8Array(runtimeData.buffer));

  /** A snapshot of `taken`: the difference to that. */
  const stored = () => {
    const memory = new Uint8Array(SIZE);
    put(memory);
    return memory.map((byte, i) => byte ^ taken[i]);
  };

  /** What is on the stack is nobody's. */
  const withoutStack = ({ buffer }: { buffer: ArrayBuffer | Uint8Array }) =>
    new Uint8Array(buffer).fill(0, STACK.end, STACK.base);

  test.each([0, 1, 3, 5])(
    'is as it was taken, with %i pieces written before',
    before => {
      const target = new LinkedMemory(HEADER, record, runtimeData);
      const { memory } = target;
      const bytes = stored();
      let next = 0;
      const writeUntil = (end: number) => {
        for (; next < end; next++) {
          const offset = next * PIECE;
          const length = Math.min(PIECE, used - offset);
          target.write(offset, length, (into, from) =>
            into.set(bytes.subarray(offset + from, offset + from + into.length))
          );
        }
      };
      writeUntil(before);
      // The runtime works in the beginning of its heap.
      new Uint8Array(memory.buffer).fill(7, RUNTIME_DATA - 64, 200 * 1024);
      writeUntil(SIZE / PIECE);
      target.finish(200 * 1024, STACK);
      expect(memory.buffer.byteLength).toBe(SIZE);
      expect(
        Buffer.compare(withoutStack(memory), withoutStack({ buffer: taken }))
      ).toBe(0);
    }
  );

  test('is as it was taken when what is written is complete already', () => {
    const target = new LinkedMemory(HEADER, record, runtimeData, true);
    new Uint8Array(target.memory.buffer).fill(7, 0, 200 * 1024);
    for (let offset = 0; offset < SIZE; offset += PIECE) {
      target.write(offset, PIECE, (into, from) =>
        into.set(taken.subarray(offset + from, offset + from + into.length))
      );
    }
    target.finish(200 * 1024, STACK);
    expect(
      Buffer.compare(withoutStack(target.memory), withoutStack({ buffer: taken }))
    ).toBe(0);
  });

  test('is as large as it was taken from the start, and may grow to what the runtime allows', () => {
    const { memory } = new LinkedMemory(HEADER, record, runtimeData);
    expect(memory.buffer.byteLength).toBe(SIZE);
    memory.grow(MAXIMUM - SIZE / PAGE);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  test('is refused when the runtime uses more of it than was expected', () => {
    const target = new LinkedMemory(HEADER, record, runtimeData);
    expect(() => target.finish(3 * MIB, STACK)).toThrow(
      /uses 3145728 bytes of memory before Python starts, at most 2228224 were expected/
    );
  });

  test('is as it was taken where nothing was written, too', () => {
    const target = new LinkedMemory(HEADER, record, runtimeData);
    const { memory } = target;
    const expected = new Uint8Array(SIZE);
    put(expected);
    expect(Buffer.compare(new Uint8Array(memory.buffer), expected)).toBe(0);
    new Uint8Array(memory.buffer).fill(7, 64, 200 * 1024);
    new Uint8Array(memory.buffer).fill(0, STACK.end, STACK.base);
    target.finish(200 * 1024, STACK);
    expect(Buffer.compare(new Uint8Array(memory.buffer), expected)).toBe(0);
  });
});

describe('a memory that is completed frame by frame', () => {
  const runtimeData = Uint32Array.from({ length: 700 }, (_, i) => i * 2654435761);
  const HEADS = [64, 96, 800, 2800, 8000, 9000];

  /** Some numbers, two flags in each of the words that will be links. */
  const plain = () => {
    const words = Uint32Array.from({ length: 4096 }, (_, i) => (i * 40503) & ~3);
    for (const head of HEADS) words.set([1, 2], head / 4);
    return words;
  };
  const distances = Uint32Array.from(HEADS, (head, i) => head - (HEADS[i - 1] ?? 0));

  test('is what a start makes of it', () => {
    const expected = plain();
    linkGcHeads(new Uint32Array(), expected, distances);
    const stored = plain().map((word, i) => word ^ (runtimeData[i] ?? 0));
    const runs: [number, number][] = [
      [0, 4096],
      [8000, 4096]
    ];
    const completer = new Completer(runtimeData, distances);
    expect(completer.fits({ runs })).toBe(true);
    // The first frame ends within the second run.
    for (const pieces of [
      [
        { frame: 0, at: 0, offset: 0, length: 4096 },
        { frame: 0, at: 4096, offset: 8000, length: 904 }
      ],
      [{ frame: 1, at: 0, offset: 8904, length: 3192 }]
    ]) {
      const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
      const of = (words: Uint32Array, offset: number, length: number) =>
        new Uint8Array(words.buffer, offset, length);
      for (const { at, offset, length } of pieces) {
        bytes.set(of(stored, offset, length), at);
      }
      completer.complete({ pieces, bytes });
      for (const { at, offset, length } of pieces) {
        expect(bytes.subarray(at, at + length)).toEqual(of(expected, offset, length));
      }
    }
  });

  test.each<[string, [number, number][]]>([
    ['before the first run', [[96, 16000]]],
    [
      'between runs',
      [
        [0, 2000],
        [4000, 12000]
      ]
    ],
    ['behind the last', [[0, 9000]]]
  ])('cannot be, with a link %s', (_, runs) => {
    expect(new Completer(runtimeData, distances).fits({ runs })).toBe(false);
  });

  test('has no links to put where there are none', () => {
    const completer = new Completer(runtimeData, new Uint32Array());
    expect(completer.fits({ runs: [[0, 16]] })).toBe(true);
    const bytes = new Uint8Array(16);
    const pieces = [{ frame: 0, at: 0, offset: 0, length: 16 }];
    completer.complete({ pieces, bytes });
    expect(new Uint32Array(bytes.buffer)).toEqual(runtimeData.slice(0, 4));
  });
});

describe('the blocks of a memory that are stored', () => {
  const memory = new Uint8Array(10 * BLOCK);
  for (const block of [1, 2, 3, 6, 9]) {
    memory.fill(block, block * BLOCK + 8, (block + 1) * BLOCK - 4);
  }

  test('are those that are not all zeros', () => {
    expect(runsOf(memory)).toEqual([
      [BLOCK, 3 * BLOCK],
      [6 * BLOCK, BLOCK],
      [9 * BLOCK, BLOCK]
    ]);
    expect(runsOf(new Uint8Array(3 * BLOCK))).toEqual([]);
  });

  test.each([BLOCK / 2, BLOCK, 1.5 * BLOCK, 100 * BLOCK])(
    'are found in frames of %i bytes',
    frame => {
      const runs = runsOf(memory);
      const stored = runs.flatMap(([at, length]) => [
        ...memory.subarray(at, at + length)
      ]);
      const header = { memory: { size: memory.length, runs, frame } };
      const found = new Uint8Array(memory.length);
      const foundInParts = new Uint8Array(memory.length);
      const part = BLOCK / 4 + 8;
      memoryPieces(header as unknown as IHeader).forEach((pieces, index) => {
        const bytes = stored.slice(index * frame, (index + 1) * frame);
        for (const { frame: number, at, offset, length } of pieces) {
          expect(number).toBe(FIRST_MEMORY + index);
          expect(at + length).toBeLessThanOrEqual(bytes.length);
          found.set(bytes.slice(at, at + length), offset);
        }
        for (let from = 0; from < bytes.length; from += part) {
          for (const { at, offset, length } of piecesWithin(
            pieces,
            from,
            from + part
          )) {
            expect(at + length).toBeLessThanOrEqual(part);
            foundInParts.set(bytes.slice(from + at, from + at + length), offset);
          }
        }
      });
      expect(Buffer.compare(foundInParts, memory)).toBe(0);
      expect(Buffer.compare(found, memory)).toBe(0);
    }
  );
});
