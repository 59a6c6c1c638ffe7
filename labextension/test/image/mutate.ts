/** Damaged and forged images, the same for the same seed. */
import type { ITestEntry, ITestOptions } from './make-image';
import { makeImage } from './make-image';
import { noise } from './noise';

/** The files of `TREE`. */
export const CONTENT = new Map<string, Uint8Array>([
  ['/lib/a.txt', Buffer.from('alpha'.repeat(500))],
  ['/lib/b.bin', noise(3000, 2)],
  ['/lib/c/d.txt', Buffer.from('nested')],
  ['/e', new Uint8Array(0)]
]);
/** A small tree, for images that are made to be damaged. */
export const TREE: ITestEntry[] = [
  { path: '/lib' },
  { path: '/lib/c' },
  { path: '/lib/link', target: 'a.txt' },
  ...[...CONTENT].map(([path, content]) => ({ path, content }))
];

/** A generator of numbers below a limit, the same for the same seed. */
export function dice(seed: number): (limit: number) => number {
  let state = seed * 2654435761;
  return limit => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Flip bits, overwrite, cut out, repeat, truncate: one to four times. */
export function mutate(image: Uint8Array, seed: number): Uint8Array {
  const roll = dice(seed);
  let bytes = Buffer.from(image);
  for (let times = 1 + roll(4); times > 0; times--) {
    // Half of the damage goes where the structure is: the head, the tail.
    const span = Math.min(bytes.length, 160);
    const at = [
      roll(span),
      bytes.length - 1 - roll(span),
      roll(bytes.length),
      roll(bytes.length)
    ][roll(4)];
    const length = 1 + roll(40);
    const before = bytes.subarray(0, at);
    const after = bytes.subarray(at + length);
    switch (roll(6)) {
      case 0:
        bytes[at] ^= 1 << roll(8);
        break;
      case 1:
        bytes.fill(
          [0, 0xff, 0x7f, 0x80][roll(4)],
          at,
          Math.min(at + 1 + roll(8), bytes.length)
        );
        break;
      case 2:
        bytes = Buffer.concat([before, after]);
        break;
      case 3:
        bytes = Buffer.concat([
          before,
          bytes.subarray(at, at + length),
          bytes.subarray(at)
        ]);
        break;
      case 4:
        bytes = Buffer.from(before);
        break;
      default:
        bytes.set(noise(Math.min(4, bytes.length - at), roll(1e6)), at);
    }
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

/** Values that no reader should swallow. */
const NONSENSE = [-1, 2 ** 31, 2 ** 53, 2 ** 60, 0.5, '', '/', '..', null, [], {}];

/** Paths and targets, some of which may be. */
const PATHS = [
  '/new',
  '/lib/new',
  '/lib/c',
  '/lib/c/e',
  '/lib/__proto__',
  '/lib/a.txt',
  '/lib/a.txt/x',
  '/lib/link/x',
  '/lib/../x',
  '/../x',
  '/lib/.',
  '/lib/',
  '//x',
  'x',
  '/dev/null',
  '/x\0y',
  '/.vfs-index.json',
  '../../../etc/passwd'
];

/** Change something in the index and sign it anew, as someone with bad intentions would. */
export function forge(options: ITestOptions, seed: number): Uint8Array {
  const roll = dice(seed);
  const steps = [1, -1, 512, -512, 262144];
  const other = (value: unknown) => {
    if (roll(4) === 0) return NONSENSE[roll(NONSENSE.length)];
    if (typeof value === 'string') return PATHS[roll(PATHS.length)];
    return typeof value === 'number' ? value + steps[roll(steps.length)] : value;
  };
  return makeImage(TREE, {
    ...options,
    tamper: index => {
      for (let times = 1 + roll(2); times > 0; times--) {
        let place = index as unknown as Record<string, unknown>;
        for (;;) {
          const keys = Object.keys(place);
          const key = keys[roll(keys.length)];
          const next = place[key];
          if (typeof next === 'object' && next && Object.keys(next).length && roll(8)) {
            place = next as Record<string, unknown>;
            continue;
          }
          if (!key || roll(6) === 0) delete place[key];
          else if (Array.isArray(place) && roll(5) === 0) place.push(next);
          else place[key] = other(next);
          break;
        }
        if (Object.keys(index).length === 0) return;
      }
    }
  });
}
