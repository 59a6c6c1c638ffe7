import type { IEntry, ImageReader, INewEntry, Stack } from '../image';
import { walk } from '../image';
import type { Pacer } from '../image/pause';
import { compareLive } from './compare';
import type { ILiveEntry, LiveTree } from './live-tree';
import type { Selection } from './selection';
import { parentOf } from './selection';

/** What is to be written. */
export interface ILayer {
  entries: INewEntry[];

  /** Paths of the base that are gone. */
  whiteouts: string[];
}

/** Find what a live tree has that a base has not, and the other way round. */
export async function layerOf(
  tree: LiveTree,
  base: ImageReader | Stack,
  selection: Selection,
  pacer: Pacer
): Promise<ILayer> {
  const changed: ILiveEntry[] = [];
  const whiteouts: string[] = [];
  for await (const { path, before, after } of compareLive(tree, base, pacer)) {
    if (after) {
      if (selection.has(path)) changed.push(after);
    } else {
      whiteouts.push(...selected(before!, selection));
    }
  }
  const entries = withParents(tree, changed).map(entry => tree.newEntry(entry));
  return { entries, whiteouts };
}

/** A removed entry, or what is selected of that which lies below it. */
function selected(entry: IEntry, selection: Selection): string[] {
  if (selection.has(entry.path)) return [entry.path];
  if (entry.kind !== 'directory') return [];
  const below = [...walk(entry.children)].map(({ path }) => path);
  const chosen = new Set(below.filter(path => selection.has(path)));
  return [...chosen].filter(path => !chosen.has(parentOf(path)));
}

/** Entries with the directories that they lie in. */
function withParents(tree: LiveTree, entries: readonly ILiveEntry[]): ILiveEntry[] {
  const found = new Map(entries.map(entry => [entry.path, entry]));
  for (const { path } of entries) {
    for (let one = parentOf(path); one !== '' && !found.has(one); one = parentOf(one)) {
      found.set(one, tree.lookup(one)!);
    }
  }
  return [...found.values()];
}
