import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import { changes } from '../../src/fs';
import type { IFSNode } from '../../src/emscripten';
import type { ITestEntry } from '../image/make-image';
import type { Ground } from './kernel';
import { Kernel, MOUNTS } from './kernel';

/** How many sequences of operations are tried; `make soak` has the time for more. */
const RUNS = process.env.FROZENFS_SOAK ? 20_000 : 150;
const TIMEOUT = 1_800_000;

const TREE: ITestEntry[] = [
  { path: '/a', content: 'alpha' },
  { path: '/b' },
  { path: '/b/a', content: 'beta' },
  { path: '/b/b' },
  { path: '/b/b/c', content: 'deep' },
  { path: '/c', target: 'b' }
];

/** One operation on both filesystems; few names, so that they meet. */
type Operation =
  | { kind: 'write' | 'append'; path: string; text: string }
  | { kind: 'truncate'; path: string; size: number }
  | { kind: 'chmod'; path: string; mode: number }
  | { kind: 'unlink' | 'rmdir' | 'mkdir' | 'readdir'; path: string }
  | { kind: 'rename'; path: string; to: string }
  | { kind: 'symlink'; path: string; target: string };

const name = fc.constantFrom('a', 'b', 'c');
const path = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map(names => `/${names.join('/')}`);
const text = fc.constantFrom('', 'x', 'longer text');

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constantFrom('write' as const, 'append' as const), path, text }),
  fc.record({ kind: fc.constant('truncate' as const), path, size: fc.nat(9) }),
  fc.record({
    kind: fc.constant('chmod' as const),
    path,
    // All can be listed and read, or the two trees could not be compared.
    mode: fc.constantFrom(0o700, 0o755, 0o555)
  }),
  fc.record({
    kind: fc.constantFrom(
      'unlink' as const,
      'rmdir' as const,
      'mkdir' as const,
      'readdir' as const
    ),
    path
  }),
  fc.record({ kind: fc.constant('rename' as const), path, to: path }),
  fc.record({ kind: fc.constant('symlink' as const), path, target: name })
);

let kernel: Kernel;

beforeAll(async () => {
  kernel = await Kernel.start();
});

/** What an operation answers: a value, or an error number. */
function apply(root: string, step: Operation): unknown {
  const { FS } = kernel;
  const at = root + step.path;
  try {
    switch (step.kind) {
      case 'write':
        return FS.writeFile(at, step.text);
      case 'append': {
        const stream = FS.open(at, 'a');
        const bytes = new TextEncoder().encode(step.text);
        FS.write(stream, bytes, 0, bytes.length);
        return FS.close(stream);
      }
      case 'truncate':
        return FS.truncate(at, step.size);
      case 'chmod':
        return FS.chmod(at, step.mode);
      case 'readdir':
        return FS.readdir(at).sort();
      case 'rename':
        return FS.rename(at, root + step.to);
      case 'symlink':
        return void FS.symlink(step.target, at);
      case 'mkdir':
        return void FS.mkdir(at);
      default:
        return FS[step.kind](at);
    }
  } catch (error) {
    if (error instanceof FS.ErrnoError) return error.errno;
    throw error;
  }
}

/** Everything below a directory. */
function snapshot(root: string): Map<string, unknown> {
  const { FS } = kernel;
  const found = new Map<string, unknown>();
  const walk = (prefix: string) => {
    for (const child of FS.readdir(root + prefix)) {
      if (child === '.' || child === '..') continue;
      const place = `${prefix}/${child}`;
      const { mode, size } = FS.lstat(root + place);
      if (FS.isLink(mode)) {
        found.set(place, [mode, FS.readlink(root + place)]);
      } else if (FS.isDir(mode)) {
        found.set(place, [mode]);
        walk(place);
      } else {
        found.set(place, [mode, size, contentOf(root + place)]);
      }
    }
  };
  walk('');
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function contentOf(file: string): string {
  return kernel.FS.readFile(file, { encoding: 'utf8' });
}

/** Build a tree from the image's and what `changes` says, as a layer would. */
function replay(
  before: Map<string, unknown>,
  after: Map<string, unknown>,
  root: IFSNode
) {
  const { written, removed } = changes(root);
  const result = new Map(before);
  for (const gone of removed) {
    for (const place of [...result.keys()]) {
      if (`${place}/`.startsWith(`/${gone}/`)) result.delete(place);
    }
  }
  for (const one of written) {
    expect(after.has(`/${one}`)).toBe(true);
    result.set(`/${one}`, after.get(`/${one}`));
  }
  return new Map([...result].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe.each<Ground>(MOUNTS)(
  'whatever is done to %s',
  { timeout: TIMEOUT },
  ground => {
    test('it answers and ends up as MEMFS, and knows what changed', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async steps => {
          const { path: ours, root } = await kernel.layMount(ground, TREE);
          const theirs = await kernel.lay('MEMFS', TREE);
          const before = snapshot(ours);
          for (const step of steps) {
            expect([step, apply(ours, step)]).toEqual([step, apply(theirs, step)]);
          }
          const after = snapshot(ours);
          expect(after).toEqual(snapshot(theirs));
          expect(replay(before, after, root)).toEqual(after);
          kernel.FS.unmount(ours);
        }),
        { numRuns: RUNS, seed: 20261120 }
      );
    });
  }
);
