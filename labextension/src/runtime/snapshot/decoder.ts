import { Download } from '../download';
import type { FromDecoder, IDecodeJob, ToDecoder } from './decoder-messages';
import { SnapshotError } from './error';
import { piecesWithin } from './format';
import { keepSnapshot } from './kept';
import type { IMemoryFrame } from './reader';
import { SnapshotReader } from './reader';
import { rehearse } from './rehearsal';

/** Bytes of the blocks in which a frame of memory is given away. */
const BLOCK = 2 * 2 ** 20;

/** Another frame is decoded when no more blocks than these are on their way: two frames of them. */
const ON_THE_WAY = 16;

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
  private onTheWay = 0;
  private onWritten: (() => void) | undefined;
  /** Of blocks that were written: new ones would cost more than what is put into them. */
  private readonly buffers: ArrayBuffer[] = [];

  constructor(private readonly scope: IDecoderScope) {}

  handle(message: ToDecoder): void {
    switch (message.type) {
      case 'decode':
        this.job = message.job;
        void this.decode(message.job).catch((error: unknown) => this.fail(error));
        break;
      case 'written':
        this.buffers.push(message.buffer);
        this.onTheWay--;
        this.onWritten?.();
        break;
      case 'keep':
        void this.keep(this.job!);
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
    scope.postMessage({ type: 'runtime-data', words: await reader.runtimeData() });
    scope.postMessage({ type: 'linker', bytes: await reader.linker() });
    await reader.memoryFrames(frame => {
      this.send(frame);
      return this.room();
    });
    scope.postMessage({ type: 'decoded' });
  }

  /** What goes wrong here is no matter of the kernel's, which has started. */
  private async keep({ sha256, runtimeUrl }: IDecodeJob): Promise<void> {
    let kept = false;
    try {
      kept = await keepSnapshot(sha256, this.reader!);
    } catch (error) {
      console.warn(`The memory is not kept: ${String(error)}`); // such as a full disk
    }
    this.scope.postMessage({ type: 'kept', kept });
    try {
      await rehearse(runtimeUrl);
    } catch (error) {
      console.warn(`The runtime is not rehearsed: ${String(error)}`);
    }
    this.scope.postMessage({ type: 'done' });
  }

  private send({ pieces, bytes }: IMemoryFrame): void {
    for (let from = 0; from < bytes.length; from += BLOCK) {
      const part = bytes.subarray(from, from + BLOCK);
      const buffer = this.buffers.pop() ?? new ArrayBuffer(BLOCK);
      const block = {
        pieces: piecesWithin(pieces, from, from + part.length),
        bytes: new Uint8Array(buffer, 0, part.length)
      };
      block.bytes.set(part);
      this.onTheWay++;
      this.scope.postMessage({ type: 'memory', block }, [buffer]);
    }
  }

  private async room(): Promise<void> {
    while (this.onTheWay > ON_THE_WAY) {
      await new Promise<void>(resolve => (this.onWritten = resolve));
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
