import type { IFromHelper, IToHelper } from './decoder-messages';
import type { IDeferred } from './deferred';
import { deferred } from './deferred';

/**
 * A second worker that decodes: frames are independent of each other, so two threads need little more than half the
 * time. Whatever it does not answer can be decoded without it.
 */
export class DecoderHelper {
  private readonly asked = new Map<number, IDeferred<IFromHelper>>();
  private count = 0;
  private stopped = false;

  /**
   * @param worker - In which `serveDecoder` runs.
   */
  constructor(private readonly worker: Worker) {
    worker.addEventListener('error', () => this.stop());
    worker.addEventListener('message', ({ data }: MessageEvent<IFromHelper>) => {
      this.asked.get(data.id)?.resolve(data);
      this.asked.delete(data.id);
    });
  }

  /**
   * Decode a frame.
   *
   * @param bytes - Are given away.
   * @param uncompressed - How many bytes it has then.
   * @throws Error when it has not been decoded, for whatever reason.
   */
  async decode(bytes: Uint8Array, uncompressed: number): Promise<Uint8Array> {
    const { decoded } = await this.ask({ bytes, uncompressed });
    if (!decoded) throw new Error('the frame cannot be decoded');
    return decoded;
  }

  /** Decode a frame of libraries, whose sizes are given, and compile them. */
  async compile(
    bytes: Uint8Array,
    uncompressed: number,
    libraries: readonly number[]
  ): Promise<WebAssembly.Module[]> {
    const { modules } = await this.ask({ bytes, uncompressed, libraries });
    if (!modules) throw new Error('the libraries cannot be compiled');
    return modules;
  }

  /** Nothing more is asked of it. */
  stop(): void {
    this.stopped = true;
    this.worker.terminate();
    for (const { reject } of this.asked.values()) reject(new Error('it has stopped'));
    this.asked.clear();
  }

  private ask(frame: Omit<IToHelper, 'type' | 'id'>): Promise<IFromHelper> {
    const answer = deferred<IFromHelper>();
    const id = this.count++;
    if (this.stopped) {
      answer.reject(new Error('it has stopped'));
    } else {
      this.asked.set(id, answer);
      this.worker.postMessage({ type: 'frame', id, ...frame } satisfies IToHelper, [
        frame.bytes.buffer
      ]);
    }
    return answer.promise;
  }
}
