import type {
  IDirectoryEntry,
  IEntry,
  IFileEntry,
  ImageReader,
  Property,
  Stack
} from '../image';
import { sameBytes } from '../image/bytes';
import type { Pacer } from '../image/pause';
import { imageOf, imagesOf, rootOf } from '../image';
import type { ILiveEntry, LiveTree } from './live-tree';
import type { IFrozenNode } from './node';
import { isLowerName } from './node';

/** One path at which a live tree differs from an image. */
export interface ILiveChange {
  readonly path: string;

  /** Of a directory that is removed, what is below it is not told of. */
  readonly kind: 'added' | 'removed' | 'changed';

  /** What the image has. */
  readonly before?: IEntry;

  /** What is there now. */
  readonly after?: ILiveEntry;

  /** What differs, when both have the path. */
  readonly differs: readonly Property[];
}

/** How much of a file is in memory at once while it is compared. */
const PIECE = 2 ** 20;

/** A live directory, and the one at its place in the image, if there is one. */
type Pair = [live: ILiveEntry, base: IDirectoryEntry | null];

/**
 * Find what differs between a live tree and an image.
 *
 * Where this very image is mounted, only what was changed since is looked at; anything else is compared, the
 * contents of files of the same size byte by byte.
 */
export async function* compareLive(
  live: LiveTree,
  base: ImageReader | Stack,
  pacer: Pacer
): AsyncGenerator<ILiveChange> {
  const waiting: Pair[] = [[live.root, rootOf(base)]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [directory, stored] = next;
    const { children, absent } = candidates(live, directory, base, stored);
    for (const after of children) {
      const { path } = after;
      const before = stored?.children.get(nameOf(path));
      if (!before) {
        yield { path, kind: 'added', after, differs: [] };
        if (after.kind === 'directory') waiting.push([after, null]);
        continue;
      }
      const differs = await differences(live, after, base, before);
      if (differs.length > 0) yield { path, kind: 'changed', before, after, differs };
      if (after.kind === 'directory') {
        waiting.push([after, before.kind === 'directory' ? before : null]);
      }
      await pacer.rest();
    }
    for (const before of absent()) {
      const { path } = before;
      if (!live.without?.test(path) && !live.wasSkipped(path)) {
        yield { path, kind: 'removed', before, differs: [] };
      }
    }
    await pacer.rest();
  }
}

/** What of a directory may differ from the image: the children that are there, and what is not there. */
function candidates(
  live: LiveTree,
  directory: ILiveEntry,
  base: ImageReader | Stack,
  stored: IDirectoryEntry | null
): { children: Iterable<ILiveEntry>; absent: () => Iterable<IEntry> } {
  if (stored && isMountOf(live, directory, base, stored)) {
    if (!directory.node) return { children: [], absent: () => [] };
    const node = directory.node as IFrozenNode;
    const { upper, whiteouts } = node;
    const gone = [...whiteouts].filter(
      name => !upper.has(name) && !isLowerName(node, name)
    );
    return {
      children: live.frozenChildren(directory, upper.keys()),
      absent: () => gone.map(name => stored.children.get(name)!)
    };
  }
  const children = [...live.children(directory)];
  const absent = function* (): Generator<IEntry> {
    const there = new Set(children.map(({ path }) => nameOf(path)));
    for (const [name, entry] of stored?.children ?? []) {
      if (!there.has(name)) yield entry;
    }
  };
  return { children, absent };
}

/** Whether a directory is mounted from the very place of the image that it is compared with. */
function isMountOf(
  live: LiveTree,
  { path, mount, lower }: ILiveEntry,
  base: ImageReader | Stack,
  stored: IDirectoryEntry
): boolean {
  if (!mount || lower?.path !== stored.path || live.hasMountsBelow(path)) return false;
  const below = imagesOf(base);
  const { images } = mount.stack;
  return (
    images.length === below.length &&
    images.every((image, i) => isSameImage(image, below[i]))
  );
}

/** Whether two readers are of one image, as far as is known. */
export function isSameImage(one: ImageReader, other: ImageReader): boolean {
  return one === other || (one.sha256 !== undefined && one.sha256 === other.sha256);
}

async function differences(
  live: LiveTree,
  after: ILiveEntry,
  base: ImageReader | Stack,
  before: IEntry
): Promise<Property[]> {
  if (before.kind !== after.kind) return ['kind'];
  const differs: Property[] = [];
  if (before.mode !== after.mode) differs.push('mode');
  if (before.mtime !== after.mtime) differs.push('mtime');
  if (before.kind === 'link' && before.target !== after.target) differs.push('target');
  if (before.kind === 'file') {
    if (before.end - before.start !== after.size) differs.push('size');
    else if (!(await isSameContent(live, after, imageOf(base, before), before))) {
      differs.push('content');
    }
  }
  return differs;
}

/** Whether a live file has the bytes of one of the same size in an image. */
export async function isSameContent(
  live: LiveTree,
  after: ILiveEntry,
  image: ImageReader,
  { start, end }: IFileEntry
): Promise<boolean> {
  const stored = live.stored(after);
  if (stored && isSameImage(stored.image, image) && stored.file.start === start) {
    return true;
  }
  let at = start;
  for await (const piece of await iterated(live.content(after))) {
    for (let from = 0; from < piece.length; from += PIECE) {
      const part = piece.subarray(from, from + PIECE);
      if (at + part.length > end) return false;
      if (!sameBytes(part, await image.read(at, at + part.length))) return false;
      at += part.length;
    }
  }
  return at === end;
}

async function iterated(
  content: ReturnType<LiveTree['content']>
): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>> {
  const bytes = await content;
  return bytes instanceof Uint8Array ? [bytes] : bytes;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
