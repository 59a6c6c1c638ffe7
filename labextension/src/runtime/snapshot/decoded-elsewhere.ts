import type { FromDecoder, IDecodeJob, ToDecoder } from './decoder-messages';
import { type IDecoderWorker, NoDecoderError } from './decoder-worker';
import { deferred } from './deferred';
import { SnapshotError } from './error';
import type { IHeader } from './format';
import { canKeep } from './kept';
import type { IMemoryFrame, ISnapshot, WriteMemory } from './reader';
import { writeFrame } from './reader';
import type { IState } from './state';

/** How long after a start what it has decoded is kept, in milliseconds: the first cell comes first. */
const KEEP_AFTER = 2000;

export interface IDecodeOptions {
  onWarning?(text: string): void;
  /** Is told how many bytes of the file have arrived, and of how many. */
  onBytes?(done: number, total: number): void;
  /** Is told its SHA-256 when the next start need not decode it. */
  onKept?(sha256: string): void;
}

/** A snapshot that another worker fetches and decodes, see `decoder.ts`. */
export class DecodedElsewhere implements ISnapshot {
  readonly complete = false;
  private readonly theState = deferred<IState>();
  private readonly thePyodide = deferred<Uint8Array>();
  private readonly theGcHeads = deferred<Uint32Array>();
  private readonly theRuntimeData = deferred<Uint32Array>();
  private readonly theLinker = deferred<Uint8Array>();
  private readonly decoded = deferred<void>();
  private readonly waiting: IMemoryFrame[] = [];
  private write: WriteMemory | undefined;

  private constructor(
    private readonly worker: Worker,
    readonly header: IHeader
  ) {}

  /**
   * @param decoder - Is stopped when it is not needed any more.
   * @throws NoDecoderError when the worker does not start.
   */
  static async open(
    { worker, failure }: IDecoderWorker,
    job: IDecodeJob,
    { onWarning, onBytes, onKept }: IDecodeOptions
  ): Promise<DecodedElsewhere> {
    let snapshot: DecodedElsewhere | undefined;
    const opened = deferred<DecodedElsewhere>();
    const fail = (error: Error) => {
      worker.terminate();
      opened.reject(error);
      snapshot?.fail(error);
    };
    void failure.then(reason => fail(new NoDecoderError(reason)));
    worker.addEventListener('message', ({ data }: MessageEvent<FromDecoder>) => {
      switch (data.type) {
        case 'header':
          snapshot = new DecodedElsewhere(worker, data.header);
          opened.resolve(snapshot);
          break;
        case 'failed':
          fail(data.misfit ? new SnapshotError(data.message) : new Error(data.message));
          break;
        case 'warning':
          onWarning?.(data.text);
          break;
        case 'bytes':
          onBytes?.(data.done, data.total);
          break;
        case 'kept':
          if (data.kept) onKept?.(job.sha256);
          break;
        case 'done':
          worker.terminate();
          break;
        default:
          snapshot!.receive(data);
      }
    });
    worker.postMessage({ type: 'decode', job } satisfies ToDecoder);
    return opened.promise;
  }

  state(): Promise<IState> {
    return this.theState.promise;
  }

  pyodide(): Promise<Uint8Array> {
    return this.thePyodide.promise;
  }

  gcHeads(): Promise<Uint32Array> {
    return this.theGcHeads.promise;
  }

  runtimeData(): Promise<Uint32Array> {
    return this.theRuntimeData.promise;
  }

  linker(): Promise<Uint8Array> {
    return this.theLinker.promise;
  }

  memory(write: WriteMemory): Promise<void> {
    this.write = write;
    this.waiting.splice(0).forEach(block => this.take(block));
    return this.decoded.promise;
  }

  /** After a start what was decoded is kept for the next one; then the worker is not needed any more. */
  release(started: boolean): void {
    if (!started || !canKeep()) {
      this.worker.terminate();
      return;
    }
    setTimeout(
      () => this.worker.postMessage({ type: 'keep' } satisfies ToDecoder),
      KEEP_AFTER
    );
  }

  private receive(message: FromDecoder): void {
    switch (message.type) {
      case 'state':
        return this.theState.resolve(message.state);
      case 'pyodide':
        return this.thePyodide.resolve(message.bytes);
      case 'gc-heads':
        return this.theGcHeads.resolve(message.distances);
      case 'runtime-data':
        return this.theRuntimeData.resolve(message.words);
      case 'linker':
        return this.theLinker.resolve(message.bytes);
      case 'memory':
        return this.write
          ? this.take(message.block)
          : void this.waiting.push(message.block);
      case 'decoded':
        return this.decoded.resolve();
    }
  }

  private take(block: IMemoryFrame): void {
    try {
      writeFrame(this.write!, block);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    const buffer = block.bytes.buffer as ArrayBuffer;
    this.worker.postMessage({ type: 'written', buffer } satisfies ToDecoder, [buffer]);
  }

  private fail(error: Error): void {
    for (const { promise, reject } of [
      this.theState,
      this.thePyodide,
      this.theGcHeads,
      this.theRuntimeData,
      this.theLinker,
      this.decoded
    ]) {
      promise.catch(() => undefined); // reported by who waits for it, if anybody does
      reject(error);
    }
  }
}
