import { Download } from '../download';
import type { FromDecoder, IDecodeJob, ToDecoder } from './decoder-messages';
import { SnapshotError } from './error';
import { keepSnapshot } from './kept';
import { SnapshotReader } from './reader';

/** So many frames of memory may be on their way. */
const ON_THE_WAY = 2;

/** The part of a worker's global scope that is used here. */
export interface IDecoderScope {
  postMessage(message: FromDecoder, transfer?: Transferable[]): void;
  addEventListener(
    type: 'message',
    listener: (event: MessageEvent<ToDecoder>) => void
  ): void;
}

/**
 * Fetch and decode a snapshot in a worker of its own, beside the kernel's, which starts the runtime meanwhile.
 */
export function serveDecoder(scope: IDecoderScope): void {
  const decoder = new Decoder(scope);
  scope.addEventListener('message', ({ data }) => decoder.handle(data));
}

class Decoder {
  private job: IDecodeJob | undefined;
  private reader: SnapshotReader | undefined;
  private places = ON_THE_WAY;
  private onPlace: (() => void) | undefined;

  constructor(private readonly scope: IDecoderScope) {}

  handle(message: ToDecoder): void {
    switch (message.type) {
      case 'decode':
        this.job = message.job;
        void this.decode(message.job).catch((error: unknown) => this.fail(error));
        break;
      case 'written':
        this.places++;
        this.onPlace?.();
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
    }
  }

  private async decode({ url, parts, header }: IDecodeJob): Promise<void> {
    const { scope } = this;
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
    const modules = reader
      .modules()
      .then(modules => scope.postMessage({ type: 'modules', modules }));
    await Promise.all([modules, this.sendMemory(reader)]);
    scope.postMessage({ type: 'decoded' });
  }

  private async sendMemory(reader: SnapshotReader): Promise<void> {
    for await (const frame of reader.memoryFrames()) {
      while (this.places === 0) {
        await new Promise<void>(resolve => (this.onPlace = resolve));
      }
      this.places--;
      this.scope.postMessage({ type: 'memory', frame }, [frame.bytes.buffer]);
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
