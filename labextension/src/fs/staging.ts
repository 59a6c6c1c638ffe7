import type { IFileEntry, ImageReader } from '../image';
import { imageOf, imagesOf } from '../image';
import { Pacer } from '../image/pause';
import { isSameContent, isSameImage } from './compare';
import type { IFreezeProgress } from './freeze';
import { Incoming } from './incoming';
import type { LiveTree } from './live-tree';
import type { Draft, IStep } from './thaw-plan';

/** A file whose contents are on their way. */
interface IArrival {
  readonly step: IStep;
  readonly file: IFileEntry;
  readonly incoming: Incoming;
}

export interface IWatch {
  signal?: AbortSignal;
  onProgress?: (progress: IFreezeProgress) => void;
}

/**
 * Read all that is to be written, and check each byte of the images on the way.
 *
 * What it gives becomes the files' own memory: nothing is read twice, and nothing is written before all was found
 * to be right. Images that the filesystem runs from already are only read where they have to be.
 *
 * @returns The contents of files that are to be made, by what is to be done.
 */
export async function stage(
  draft: Draft,
  { signal, onProgress }: IWatch
): Promise<Map<IStep, Uint8Array>> {
  const { image, tree } = draft;
  const arrivals = new Map<ImageReader, IArrival[]>();
  let files = 0;
  for (const step of draft.steps) {
    const { entry, action, live } = step;
    if (entry.kind !== 'file' || action === 'attributes') continue;
    const view = action === 'may-differ' ? tree!.view(live!) : null;
    const incoming = new Incoming(entry.end - entry.start, view);
    const holder = imageOf(image, entry);
    const list = arrivals.get(holder) ?? [];
    list.push({ step, file: entry, incoming });
    arrivals.set(holder, list);
    files += 1;
  }
  const progress = { files: 0, totalFiles: files, bytes: 0, totalBytes: 0, path: '' };
  const scanned = imagesOf(image).filter(one => !isMounted(tree, one));
  progress.totalBytes =
    scanned.reduce((sum, one) => sum + one.archiveSize, 0) +
    [...arrivals]
      .filter(([one]) => !scanned.includes(one))
      .flatMap(([, list]) => list)
      .reduce((sum, { file }) => sum + file.end - file.start, 0);
  const told = (bytes: number, arrived?: IArrival) => {
    progress.bytes += bytes;
    if (arrived) {
      progress.files += 1;
      progress.path = arrived.file.path;
    }
    onProgress?.({ ...progress });
  };
  for (const one of imagesOf(image)) {
    const list = (arrivals.get(one) ?? []).sort((a, b) => a.file.start - b.file.start);
    if (scanned.includes(one)) await scan(one, list, told, signal);
    else await readEach(one, list, told, signal);
  }
  return settled(draft, [...arrivals.values()].flat(), signal);
}

type Told = (bytes: number, arrived?: IArrival) => void;

async function scan(
  image: ImageReader,
  arrivals: readonly IArrival[],
  told: Told,
  signal?: AbortSignal
): Promise<void> {
  let next = 0;
  await image.scan((bytes, start, isOwn) => {
    const end = start + bytes.length;
    const share = isOwn && isMostlyFiles(arrivals, next, start, end);
    for (let i = next; i < arrivals.length && arrivals[i].file.start < end; i++) {
      const { file, incoming } = arrivals[i];
      if (file.end <= start || file.end === file.start) continue;
      const from = Math.max(file.start - start, 0);
      // Names of one file become files of their own.
      const isFirst = i === 0 || arrivals[i - 1].file.start !== file.start;
      incoming.take(
        bytes.subarray(from, Math.min(file.end, end) - start),
        share && isFirst
      );
    }
    while (next < arrivals.length && arrivals[next].file.end <= end) {
      told(0, arrivals[next++]);
    }
    told(bytes.length);
  }, signal);
}

/** How much of a buffer has to become files, for the sake of which all of it stays in memory. */
const MOSTLY = 0.85;

/** Whether files that lie wholly in a range of the archive take up most of it. */
function isMostlyFiles(
  arrivals: readonly IArrival[],
  first: number,
  start: number,
  end: number
): boolean {
  let taken = 0;
  let last = -1;
  for (let i = first; i < arrivals.length && arrivals[i].file.end <= end; i++) {
    const { file, step } = arrivals[i];
    const isWhole = file.start >= start && file.start !== last;
    if (isWhole && step.action !== 'may-differ') taken += file.end - file.start;
    last = file.start;
  }
  return taken >= MOSTLY * (end - start);
}

async function readEach(
  image: ImageReader,
  arrivals: readonly IArrival[],
  told: Told,
  signal?: AbortSignal
): Promise<void> {
  const pacer = new Pacer(signal);
  for (const arrival of arrivals) {
    const { file, incoming } = arrival;
    if (file.end > file.start) {
      incoming.take(await image.read(file.start, file.end), true);
    }
    told(file.end - file.start, arrival);
    await pacer.rest();
  }
}

/** Decide what is to be written, once everything is there. */
async function settled(
  draft: Draft,
  arrivals: readonly IArrival[],
  signal?: AbortSignal
): Promise<Map<IStep, Uint8Array>> {
  const pacer = new Pacer(signal);
  const contents = new Map<IStep, Uint8Array>();
  for (const { step, file, incoming } of arrivals) {
    if (step.action === 'may-differ') {
      const { live } = step;
      const tree = draft.tree!;
      const same = tree.view(live!)
        ? incoming.isSame
        : await isSameContent(tree, live!, imageOf(draft.image, file), file);
      draft.decide(step, same);
      await pacer.rest();
    }
    if (step.action !== 'attributes') contents.set(step, incoming.whole());
  }
  return contents;
}

/** Whether the filesystem runs from an image. */
function isMounted(tree: LiveTree | null, image: ImageReader): boolean {
  return (tree?.images() ?? []).some(one => isSameImage(one, image));
}
