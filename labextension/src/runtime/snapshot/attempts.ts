import type { IBegun } from '../begin';
import { Download } from '../download';
import type { ISnapshotFile } from '../manifest';
import type { IDecodeOptions } from './decoded-elsewhere';
import { DecodedElsewhere } from './decoded-elsewhere';
import { NoDecoderError, startDecoderWorker } from './decoder-worker';
import { RuntimeMisfit } from './error';
import { KeptSnapshot } from './kept';
import { openKeptFile } from './kept-file';
import type { ISnapshot } from './reader';
import { SnapshotReader } from './reader';

export interface IFindOptions extends IDecodeOptions {
  /** The absolute URL of `environment.json`. */
  url: string;
  /** The absolute URL of the runtime's folder. */
  runtimeUrl: string;
  startDecoder?(): Worker;
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

  const kept = findKept(file, begun);
  let problem: unknown;
  try {
    return await attempt(kept.then<ISnapshot>(kept => kept ?? decode()));
  } catch (error) {
    if (error instanceof RuntimeMisfit) throw error;
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

/** What an earlier start has decoded, while the runtime is still on its way. */
async function findKept(
  { sha256 }: ISnapshotFile,
  { kept }: IBegun
): Promise<KeptSnapshot | null> {
  let file = await kept;
  if (file && file.sha256 !== sha256) {
    file.handle.close();
    file = await openKeptFile(sha256);
  }
  const snapshot = file ? await KeptSnapshot.open(file) : null;
  // What is wrong with it is reported by who waits for it.
  snapshot?.state().catch(() => undefined);
  return snapshot;
}

async function decoded(
  file: ISnapshotFile,
  { decoder }: IBegun,
  options: IFindOptions
): Promise<ISnapshot> {
  const { url, runtimeUrl, startDecoder } = options;
  if (!startDecoder) return decodedHere(file, options);
  const { parts, header, sha256 } = file;
  return DecodedElsewhere.open(
    decoder ?? startDecoderWorker(startDecoder),
    { url, parts, header, sha256, runtimeUrl },
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
