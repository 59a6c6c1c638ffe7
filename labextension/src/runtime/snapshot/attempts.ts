import { openCacheFolder } from '../../store/cache-folder';
import { Download } from '../download';
import type { ISnapshotFile } from '../manifest';
import type { IDecodeOptions, IDecoderWorker } from './decoded-elsewhere';
import {
  DecodedElsewhere,
  NoDecoderError,
  startDecoderWorker
} from './decoded-elsewhere';
import { KeptSnapshot } from './kept';
import type { ISnapshot } from './reader';
import { SnapshotReader } from './reader';

export interface IFindOptions extends IDecodeOptions {
  /** The absolute URL of `environment.json`. */
  url: string;
  /** What another kernel of the page has compiled. */
  compiled?: { libraries?: WebAssembly.Module[] };
  startDecoder?(): Worker;
  /** False when no earlier start can have left what it has decoded: it is not looked for then. */
  mayBeKept?: boolean;
}

/** What is begun before it is known which snapshot it is: it takes its time, the more so when this thread is busy. */
export interface IBegun {
  /** Where an earlier start may have left it. */
  folder?: Promise<FileSystemDirectoryHandle>;
  /** Where it will be decoded. */
  decoder?: IDecoderWorker;
}

export function beginSnapshot({
  mayBeKept = true,
  startDecoder
}: Pick<IFindOptions, 'mayBeKept' | 'startDecoder'>): IBegun {
  if (!mayBeKept) return { decoder: attemptDecoder(startDecoder) };
  const folder = openCacheFolder(false);
  folder.catch(() => undefined); // there may be none
  return { folder };
}

/** Undefined where there can be none: that is told by who needs it. */
function attemptDecoder(
  start: IFindOptions['startDecoder']
): IDecoderWorker | undefined {
  try {
    return start && startDecoderWorker(start);
  } catch {
    return undefined;
  }
}

/**
 * Start from what an earlier start has kept of a snapshot, or else from what other workers decode of it, or else from
 * what is decoded in this one.
 *
 * @param start - Is given a snapshot that is still looked for.
 * @throws what the last attempt does
 */
export async function tryEach<T>(
  file: ISnapshotFile,
  begun: IBegun,
  options: IFindOptions,
  start: (finding: Promise<ISnapshot>) => Promise<T>
): Promise<T> {
  const attempt = async (finding: Promise<ISnapshot>): Promise<T> => {
    const leave = (started: boolean) =>
      void finding.then(snapshot => snapshot.release(started)).catch(() => undefined);
    try {
      const runtime = await start(finding);
      leave(true);
      return runtime;
    } catch (error) {
      leave(false);
      throw error;
    }
  };
  const decode = () => decoded(file, begun, options);

  const kept = findKept(file, begun, options);
  let problem: unknown;
  try {
    return await attempt(kept.then<ISnapshot>(kept => kept ?? decode()));
  } catch (error) {
    problem = error;
  }
  if (await kept) {
    // Whatever it is, the file that was fetched once may do better.
    console.warn(problem);
    try {
      return await attempt(decode());
    } catch (error) {
      problem = error;
    }
  }
  if (!(problem instanceof NoDecoderError)) throw problem;
  console.warn(`The snapshot is decoded in the kernel's thread: ${problem.message}`);
  return attempt(decodedHere(file, options));
}

/** What an earlier start has decoded; nobody else compiles anything by then that its libraries would hold up. */
async function findKept(
  { sha256 }: ISnapshotFile,
  { folder }: IBegun,
  { compiled }: IFindOptions
): Promise<KeptSnapshot | null> {
  if (!folder) return null;
  const kept = await KeptSnapshot.open(sha256, folder);
  if (!compiled?.libraries) kept?.modules().catch(() => undefined); // reported by who waits for them
  return kept;
}

async function decoded(
  file: ISnapshotFile,
  { decoder }: IBegun,
  options: IFindOptions
): Promise<ISnapshot> {
  const { url, startDecoder } = options;
  if (!startDecoder) return decodedHere(file, options);
  const { parts, header, sha256 } = file;
  return DecodedElsewhere.open(
    decoder ?? startDecoderWorker(startDecoder),
    { url, parts, header, sha256 },
    options
  );
}

async function decodedHere(
  { parts, header }: ISnapshotFile,
  { url, onWarning, onBytes }: IFindOptions
): Promise<ISnapshot> {
  const { source } = await new Download({ url, onWarning, onBytes }).load(parts);
  return SnapshotReader.open(source, header);
}
