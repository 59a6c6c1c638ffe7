import type { ICore } from './core';
import { loadCore } from './core';
import type { IManifest } from './manifest';
import { fetchManifest } from './manifest';
import type { IDecoderWorker } from './snapshot/decoder-worker';
import { startDecoderWorker } from './snapshot/decoder-worker';
import type { IKeptFile } from './snapshot/kept-file';
import { openKeptFile } from './snapshot/kept-file';

export interface IBeginOptions {
  /** The absolute URL of `environment.json`. */
  url: string;
  /** What is at that URL, when the caller has it already. */
  manifest?: IManifest | Promise<IManifest>;
  /** The absolute URL of the runtime's folder, where that is known before the manifest is there. */
  runtimeUrl?: string;
  /** The absolute URLs of the pieces of the linked runtime, in the same way; none where there is none. */
  linkedUrls?: readonly string[];
  /** What an earlier start from the same URL has compiled. */
  compiled?: { runtime?: WebAssembly.Module };
  /** Start a worker in which `serveDecoder` runs: a snapshot is decoded there, beside this thread. */
  startDecoder?(): Worker;
  /**
   * The SHA-256 of the snapshot whose decoded memory an earlier start has kept; null when none has. Where that is not
   * known, it is looked for once the manifest is there.
   */
  kept?: string | null;
}

/** What a start waits for, on its way. */
export interface IBegun {
  manifest: Promise<IManifest>;
  core: Promise<ICore>;
  /** The memory of the snapshot, where an earlier start has left it. */
  kept?: Promise<IKeptFile | null>;
  /** Where the snapshot will be decoded, if there is one. */
  decoder?: IDecoderWorker;
}

/**
 * Begin all that does not depend on anything else. It needs little code, so that a worker can do it before the rest of
 * its program has arrived.
 */
export function beginStart(options: IBeginOptions): IBegun {
  const { url, runtimeUrl, compiled } = options;
  const manifest = Promise.resolve(options.manifest ?? fetchManifest(url));
  const linked = options.linkedUrls ?? manifest.then(found => linkedUrls(found, url));
  // Whoever has kept the snapshot has checked the file that belongs to it.
  const check = typeof options.kept !== 'string';
  const load = (base: string) =>
    loadCore(base, { compiled: compiled?.runtime, linked, check });
  const core = runtimeUrl
    ? load(runtimeUrl)
    : manifest.then(({ runtime }) => load(new URL(runtime.url, url).href));
  const begun = { manifest, core, ...beginSnapshot(options, manifest) };
  // Reported by who waits for them.
  core.catch(() => undefined);
  if ('then' in linked) linked.catch(() => undefined);
  manifest.catch(() => endSnapshot(begun));
  return begun;
}

function linkedUrls({ snapshot }: IManifest, url: string): string[] {
  return (snapshot?.linked.parts ?? []).map(({ file }) => new URL(file, url).href);
}

/** Takes its time, the more so when this thread is busy; which snapshot it will be is known later. */
function beginSnapshot(
  { kept, startDecoder }: IBeginOptions,
  manifest: Promise<IManifest>
): Pick<IBegun, 'kept' | 'decoder'> {
  if (kept === null) return { decoder: attemptDecoder(startDecoder) };
  if (kept !== undefined) return { kept: openKeptFile(kept) };
  return {
    kept: manifest.then(
      ({ snapshot }) => (snapshot ? openKeptFile(snapshot.sha256) : null),
      () => null
    )
  };
}

/** No snapshot is needed any more. */
export function endSnapshot({ kept, decoder }: IBegun): void {
  decoder?.worker.terminate();
  void kept?.then(file => file?.handle.close());
}

/** Undefined where there can be none: that is told by who needs it. */
function attemptDecoder(
  start: IBeginOptions['startDecoder']
): IDecoderWorker | undefined {
  try {
    return start && startDecoderWorker(start);
  } catch {
    return undefined;
  }
}
