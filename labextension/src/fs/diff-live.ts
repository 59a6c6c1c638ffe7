import type { IEmscriptenFS } from '../emscripten';
import type { IEntry, ImageReader, Property, Stack } from '../image';
import { walk } from '../image';
import { Pacer } from '../image/pause';
import type { ILiveChange } from './compare';
import { compareLive } from './compare';
import type { ILiveTreeOptions } from './live-tree';
import { LiveTree } from './live-tree';
import type { ISelectOptions } from './selection';
import { Selection } from './selection';

export interface IDiffLiveOptions
  extends Pick<ILiveTreeOptions, 'root' | 'includeMounts'>, ISelectOptions {
  /** What does not count, such as `mtime`. */
  ignore?: readonly Property[];

  /** Aborting stops it, and its reason is thrown. */
  signal?: AbortSignal;
}

/**
 * What changed in a live filesystem since an image was frozen from it: each path that was added, removed or changed,
 * in no particular order. What is below a removed directory is told of, too.
 *
 * Where this very image is mounted, it costs what was changed.
 *
 * @throws Error when a glob of `include` selects nothing, there nor in the image.
 */
export async function* diffLive(
  FS: IEmscriptenFS,
  image: ImageReader | Stack,
  options: IDiffLiveOptions = {}
): AsyncGenerator<ILiveChange> {
  const { ignore = [], signal } = options;
  const selection = new Selection(options);
  const tree = new LiveTree(FS, { ...options, without: selection.without });
  for await (const change of compareLive(tree, image, new Pacer(signal))) {
    if (change.kind === 'removed') {
      for (const before of withBelow(change.before!)) {
        const { path } = before;
        if (selection.has(path)) yield { path, kind: 'removed', before, differs: [] };
      }
      continue;
    }
    const differs = change.differs.filter(property => !ignore.includes(property));
    if (change.kind === 'changed' && differs.length === 0) continue;
    if (selection.has(change.path)) yield { ...change, differs };
  }
}

function* withBelow(entry: IEntry): Generator<IEntry> {
  yield entry;
  if (entry.kind === 'directory') yield* walk(entry.children);
}
