import { Download } from '../download';
import { DecoderHelper } from './decoder-helper';
import type {
  FromDecoder,
  IFromHelper,
  IDecodeJob,
  ToDecoder,
  IToHelper
} from './decoder-messages';
import { SnapshotError } from './error';
import { FIRST_LIBRARIES, memoryPieces } from './format';
import { keepSnapshot } from './kept';
import { SnapshotReader, compileLibraries } from './reader';
import type { Decode } from './zstd';
import { loadZstd } from './zstd';

/** So many frames of memory may be on their way. */
const ON_THE_WAY = 3;

/** So many frames the helper has at once, so that it need not wait for this thread, which is busy for one at a time. */
const AT_HELPER = 2;

/** The part of a worker's global scope that is used here. */
export interface IDecoderScope {
  postMessage(message: FromDecoder | IFromHelper, transfer?: Transferable[]): void;
  addEventListener(
    type: 'message',
    listener: (event: MessageEvent<ToDecoder>) => void
  ): void;
}

/**
 * Fetch and decode a snapshot in a worker of its own, beside the kernel's, which starts the runtime meanwhile.
 *
 * @param startHelper - Start another worker in which this is called.
 */
export function serveDecoder(scope: IDecoderScope, startHelper: () => Worker): void {
  const decoder = new Decoder(scope, startHelper);
  scope.addEventListener('message', ({ data }) => decoder.handle(data));
}

class Decoder {
  private job: IDecodeJob | undefined;
  private reader: SnapshotReader | undefined;
  private places = ON_THE_WAY;
  private readonly onPlace: (() => void)[] = [];
  private helper: DecoderHelper | undefined;
  private decoding: Promise<Decode> | undefined;

  constructor(
    private readonly scope: IDecoderScope,
    private readonly startHelper: () => Worker
  ) {}

  handle(message: ToDecoder): void {
    switch (message.type) {
      case 'decode':
        this.job = message.job;
        void this.decode(message.job).catch((error: unknown) => this.fail(error));
        break;
      case 'written':
        this.places++;
        this.onPlace.shift()?.();
        break;
      case 'keep':
        void keepSnapshot(this.job!.sha256, this.reader!)
          // A full disk is no matter of the kernel's, which has started.
          .catch((error: unknown) => {
            console.warn(`The memory is not kept: ${String(error)}`);
            return false;
          })
          .then(kept => this.scope.postMessage({ type: 'kept', kept }));
        break;
      case 'frame':
        void this.help(message);
        break;
    }
  }

  private async decode({ url, parts, header }: IDecodeJob): Promise<void> {
    const { scope } = this;
    this.helper = this.findHelper();
    const download = new Download({
      url,
      onWarning: text => scope.postMessage({ type: 'warning', text }),
      onBytes: (done, total) => scope.postMessage({ type: 'bytes', done, total })
    });
    const { source } = await download.load(parts);
    const reader = await SnapshotReader.open(source, header);
    this.reader = reader;
    scope.postMessage({ type: 'header', header: reader.header });
    scope.postMessage({ type: 'state', state: await reader.state() });
    scope.postMessage({ type: 'pyodide', bytes: await reader.pyodide() });
    scope.postMessage({ type: 'gc-heads', distances: await reader.gcHeads() });
    const modules = this.compile(reader).then(modules =>
      scope.postMessage({ type: 'modules', modules })
    );
    await Promise.all([modules, this.sendMemory(reader)]);
    scope.postMessage({ type: 'decoded' });
    this.helper?.stop();
  }

  /** The libraries, compiled; the helper begins with them. */
  private async compile(reader: SnapshotReader): Promise<WebAssembly.Module[]> {
    const { libraries, frames } = reader.header;
    const groups = libraries.map(async (sizes, group) => {
      const index = FIRST_LIBRARIES + group;
      try {
        const bytes = (await reader.compressed(index)).slice();
        return await this.helper!.compile(bytes, frames[index][1], sizes);
      } catch {
        return compileLibraries(await reader.frame(index), sizes);
      }
    });
    return (await Promise.all(groups)).flat();
  }

  private async sendMemory(reader: SnapshotReader): Promise<void> {
    const frames = memoryPieces(reader.header).values();
    const send = async (decode: (index: number) => Promise<Uint8Array>) => {
      for (const pieces of frames) {
        const bytes = await decode(pieces[0].frame);
        while (this.places === 0) {
          await new Promise<void>(resolve => this.onPlace.push(resolve));
        }
        this.places--;
        this.scope.postMessage({ type: 'memory', frame: { pieces, bytes } }, [
          bytes.buffer
        ]);
      }
    };
    const decodeThere = async (index: number) => {
      try {
        const bytes = (await reader.compressed(index)).slice();
        return await this.helper!.decode(bytes, reader.header.frames[index][1]);
      } catch {
        return reader.frame(index);
      }
    };
    const there = this.helper
      ? Array.from({ length: AT_HELPER }, () => send(decodeThere))
      : [];
    await Promise.all([send(index => reader.frame(index)), ...there]);
  }

  /** Undefined where there is one processor only, or no further worker to be had. */
  private findHelper(): DecoderHelper | undefined {
    if (navigator.hardwareConcurrency === 1) return undefined;
    try {
      return new DecoderHelper(this.startHelper());
    } catch {
      return undefined;
    }
  }

  /** Be the helper of another decoder. */
  private async help({ id, bytes, uncompressed, libraries }: IToHelper): Promise<void> {
    const { scope } = this;
    this.decoding ??= loadZstd();
    try {
      const decoded = (await this.decoding)(bytes, uncompressed);
      if (libraries) {
        scope.postMessage({ id, modules: await compileLibraries(decoded, libraries) });
      } else {
        scope.postMessage({ id, decoded }, [decoded.buffer]);
      }
    } catch {
      // Whoever has asked tries it as well, and tells what is wrong.
      scope.postMessage({ id });
    }
  }

  private fail(error: unknown): void {
    this.scope.postMessage({
      type: 'failed',
      message: error instanceof Error ? error.message : String(error),
      misfit: error instanceof SnapshotError
    });
  }
}
