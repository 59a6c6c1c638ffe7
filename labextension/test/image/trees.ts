/** Random trees of odd names, for the tests of writers and layers. */
import fc from 'fast-check';

import type { INewEntry } from '../../src/image';

/** A tree as JSON can hold it: contents are told by their sizes and a number to begin with. */
export interface ITree {
  entries: IPlainEntry[];
  boot: string[];
  base: string | null;
  whiteouts: string[];
}

export interface IPlainEntry {
  path: string;
  kind: 'file' | 'directory' | 'link';
  mode: number;
  mtime: number;
  size?: number;
  first?: number;
  target?: string;
}

const CHUNK = 262144;

/** Bytes that count up from a number; the period is no divisor of a chunk. */
export function counted(size: number, first: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i + first) % 251;
  return bytes;
}

export function newEntry({ size, first, target, ...entry }: IPlainEntry): INewEntry {
  const { kind } = entry;
  if (kind === 'link') return { ...entry, kind, target: target! };
  if (kind === 'directory') return { ...entry, kind };
  return target
    ? { ...entry, kind, target }
    : { ...entry, kind, size, content: () => counted(size!, first!) };
}

const oddName = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  '10',
  '9',
  '-rf',
  '--',
  '~',
  ' ',
  '...',
  '.hidden',
  'new\nline',
  'back\\slash',
  '\\udead',
  '\\\\ud800',
  '"quoted"',
  'tab\t',
  '\x01\x1f\x7f',
  '\u00e9',
  'e\u0301',
  '\u1e9b\u0323',
  '\u2028',
  '\ud7ff',
  '\ue000',
  '\uffee',
  '\ufeffbom',
  '\u{1f40d}',
  '\u{10ffff}',
  'n'.repeat(100),
  'n'.repeat(101),
  'x'.repeat(255),
  '\u00fc'.repeat(127)
);
const anyName = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 8 })
  .filter(name => !/[/\0]|^\.{1,2}$/.test(name));
const size = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 511, 512, 513, 1024) },
  { weight: 4, arbitrary: fc.nat(3000) },
  fc.constantFrom(
    CHUNK - 513,
    CHUNK - 512,
    CHUNK - 511,
    CHUNK - 1,
    CHUNK,
    CHUNK + 1,
    2 * CHUNK
  )
);
const mode = fc.oneof(fc.constantFrom(0, 0o644, 0o755, 0o7777), fc.nat(0o7777));
const mtime = fc.oneof(
  fc.constantFrom(0, 1_700_000_000, 8 ** 11 - 1, 8 ** 11, 2 ** 53 - 1),
  fc.nat()
);

/** Trees in which every parent is a directory, with hard links, boot lists and layers. */
function treeOf(name: fc.Arbitrary<string>): fc.Arbitrary<ITree> {
  const path = fc
    .array(name, { minLength: 1, maxLength: 5 })
    .map(names => `/${names.join('/')}`)
    .filter(text => !/^\/(dev|proc|sys)\/|^\/\.vfs-index\.json$/.test(text));

  const leaf: fc.Arbitrary<IPlainEntry> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('file' as const),
        path,
        mode,
        mtime,
        size,
        first: fc.nat(250)
      })
    },
    fc.record({ kind: fc.constant('directory' as const), path, mode, mtime }),
    fc.record({
      kind: fc.constant('link' as const),
      path,
      mode: fc.constant(0o777),
      mtime,
      target: fc.oneof(
        path,
        name,
        fc.constantFrom('../..', '/etc/passwd', 't'.repeat(101))
      )
    })
  );

  return fc
    .record({
      leaves: fc.array(leaf, { maxLength: 14 }),
      hardLinks: fc.array(fc.record({ path, to: fc.nat(), mode, mtime }), {
        maxLength: 3
      }),
      boot: fc.array(fc.nat(), { maxLength: 4 }),
      base: fc.option(fc.constant('0123456789abcdef'.repeat(4)), { freq: 1 }),
      whiteouts: fc.array(path, { maxLength: 4 })
    })
    .map(({ leaves, hardLinks, boot, base, whiteouts }) => {
      const found = new Map<string, IPlainEntry>();
      const parents = new Set<string>();
      const add = (entry: IPlainEntry) => {
        const above = ancestors(entry.path);
        if (found.has(entry.path) || (parents.has(entry.path) && !isDirectory(entry))) {
          return;
        }
        if (above.some(one => found.has(one) && !isDirectory(found.get(one)!))) return;
        above.forEach(one => parents.add(one));
        found.set(entry.path, entry);
      };
      leaves.forEach(add);
      const files = [...found.values()].filter(entry => entry.kind === 'file');
      for (const { to, ...link } of files.length > 0 ? hardLinks : []) {
        add({ ...link, kind: 'file', target: files[to % files.length].path });
      }
      const all = [...found.values()].filter(entry => entry.kind === 'file');
      return {
        entries: [...found.values()],
        boot: [
          ...new Set(all.length > 0 ? boot.map(one => all[one % all.length].path) : [])
        ],
        base,
        whiteouts: base === null ? [] : whiteouts
      };
    });
}

/** Trees of odd names. */
export const tree = treeOf(
  fc.oneof({ weight: 2, arbitrary: oddName }, anyName, fc.constantFrom('a', 'b'))
);

/** Trees of few names, of which two have much in common. */
export const smallTree = treeOf(fc.constantFrom('a', 'b', 'c'));

function isDirectory({ kind }: IPlainEntry): boolean {
  return kind === 'directory';
}

function ancestors(path: string): string[] {
  const names = path.split('/').slice(1, -1);
  return names.map((_, i) => `/${names.slice(0, i + 1).join('/')}`);
}
