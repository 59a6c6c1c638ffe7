import type { IByteSource } from './base';
import { SourceError } from './base';
import { plainLength, totalOf } from './http-answer';
import type { IDownload, IWhole } from './http-fetch';
import { answerOf, fetchRange, fetchWhole } from './http-fetch';
import { canWait, fetchSync } from './http-sync';
import { Loading } from './loading';
import { checkRange } from './range';

/** How a URL is opened. */
export interface IHttpOptions {
  /** Size in bytes, when that is known: it saves a request, and is checked against each answer. */
  size?: number;

  /** Is told how many bytes of what was asked to be loaded have arrived. */
  onProgress?: (done: number, total: number) => void;

  /** Is told what makes it slower than it should be. */
  onWarning?: (text: string) => void;

  signal?: AbortSignal;
}

/**
 * A file on an HTTP host, read in ranges.
 *
 * A host that does not send ranges, or sends them in a way that browsers cannot read, has its file
 * downloaded whole, once, and that is said.
 */
export class HttpSource implements IByteSource {
  private readonly loads: Loading[] = [];
  private whole: { loading: Loading; done: Promise<void> } | undefined;

  private constructor(
    private readonly url: string,
    readonly size: number,
    private readonly options: IHttpOptions
  ) {}

  /**
   * @throws SourceError when the size is not given and cannot be found out.
   */
  static async open(
    url: string | URL,
    options: IHttpOptions = {}
  ): Promise<HttpSource> {
    const address = String(url);
    return options.size === undefined
      ? HttpSource.measure(address, options)
      : new HttpSource(address, options.size, options);
  }

  get name(): string {
    return this.url;
  }

  /** Whether the host sends ranges, as far as is known. */
  get ranges(): boolean {
    return this.whole === undefined;
  }

  /**
   * Fetch a range in one request and keep it in memory; what is read of it meanwhile waits for
   * the bytes in question only.
   */
  async load(offset: number, length: number): Promise<void> {
    checkRange(this.url, this.size, offset, length);
    if (this.whole) return this.whole.done;
    if (length === 0) return;
    const loading = new Loading(offset, length);
    this.loads.push(loading);
    try {
      const whole = await fetchRange(
        this.download(piece => this.receive(loading, piece)),
        offset,
        offset + length
      );
      if (whole) {
        const done = this.fallBack(whole);
        this.forget(loading);
        loading.supersede();
        await done;
      }
    } catch (error) {
      this.forget(loading);
      loading.fail(error);
      throw error;
    }
  }

  /** Fetch the whole file by a plain request, which browsers keep for the next visit, and keep it in memory. */
  loadAll(): Promise<void> {
    return this.whole?.done ?? this.begin();
  }

  /** Drop what was loaded; a file that had to be fetched whole is kept. */
  release(): void {
    this.loads.length = 0;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    checkRange(this.url, this.size, offset, length);
    const end = offset + length;
    for (;;) {
      const loading = this.covering(offset, end);
      if (loading) {
        if (await loading.until(end)) return loading.view(offset, end);
        continue;
      }
      const piece = new Loading(offset, length);
      const whole =
        length === 0
          ? null
          : await fetchRange(
              this.download(bytes => piece.push(bytes)),
              offset,
              end
            );
      if (!whole) return piece.bytes;
      void this.fallBack(whole).catch(() => undefined);
    }
  }

  /**
   * What was loaded; in a worker also all else, by a request that blocks the worker.
   */
  readSync(offset: number, length: number): Uint8Array {
    checkRange(this.url, this.size, offset, length);
    const end = offset + length;
    if (length === 0) return new Uint8Array(0);
    const held = [this.whole?.loading, ...this.loads].find(l => l?.holds(offset, end));
    if (held) return held.view(offset, end);
    if (!canWait()) {
      throw new SourceError(
        `${this.url}: bytes ${offset}-${end - 1} are not loaded, and only a worker can wait for them. ` +
          'Load them first.'
      );
    }
    const answer = fetchSync(this.url, offset, end, this.size);
    if (!answer.whole) return answer.bytes;
    const loading = new Loading(0, this.size);
    loading.push(answer.bytes);
    this.whole = { loading, done: Promise.resolve() };
    this.warn(answer.whole.reason);
    return loading.view(offset, end);
  }

  private covering(start: number, end: number): Loading | undefined {
    return [this.whole?.loading, ...this.loads].find(loading =>
      loading?.covers(start, end)
    );
  }

  /** From now on all comes from one download of the whole file. */
  private fallBack({ reason, response }: IWhole): Promise<void> {
    if (this.whole) {
      void response?.body?.cancel();
      return this.whole.done;
    }
    this.warn(reason);
    return this.begin(response);
  }

  private begin(response?: Response): Promise<void> {
    const loading = new Loading(0, this.size);
    const done = fetchWhole(
      this.download(piece => this.receive(loading, piece)),
      response
    ).then(
      () => undefined,
      error => {
        this.whole = undefined;
        loading.fail(error);
        throw error;
      }
    );
    done.catch(() => undefined);
    this.whole = { loading, done };
    return done;
  }

  private receive(loading: Loading, piece: Uint8Array): void {
    loading.push(piece);
    const under = this.whole ? [this.whole.loading] : this.loads;
    this.options.onProgress?.(
      under.reduce((sum, { filled }) => sum + filled, 0),
      under.reduce((sum, { bytes }) => sum + bytes.length, 0)
    );
  }

  private download(onBytes: (piece: Uint8Array) => void): IDownload {
    return { url: this.url, size: this.size, signal: this.options.signal, onBytes };
  }

  private forget(loading: Loading): void {
    const at = this.loads.indexOf(loading);
    if (at >= 0) this.loads.splice(at, 1);
  }

  private warn(reason: string): void {
    this.options.onWarning?.(
      `${this.url}: ${reason}, so the whole file of ${this.size} bytes is downloaded. ` +
        'A host that sends ranges would start faster.'
    );
  }

  /** Ask for one byte, to learn the size. */
  private static async measure(
    url: string,
    options: IHttpOptions
  ): Promise<HttpSource> {
    let total: number | null = null;
    const pieces: Uint8Array[] = [];
    const download: IDownload = {
      url,
      size: null,
      signal: options.signal,
      onBytes: () => undefined,
      onAnswer: answer => {
        total = totalOf(answer.header('content-range'));
      }
    };
    const whole = await fetchRange(download, 0, 1);
    if (!whole) {
      if (total === null) {
        throw new SourceError(
          `${url}: its size is not known, because the host does not let pages of other sites see Content-Range. ` +
            'Give the size, or have the host expose the header.'
        );
      }
      return new HttpSource(url, total, options);
    }
    const length = whole.response && plainLength(answerOf(whole.response));
    if (length) {
      const source = new HttpSource(url, length, options);
      void source.fallBack(whole);
      return source;
    }
    // Only the end of the body tells how long it is.
    const all = {
      ...download,
      onBytes: (piece: Uint8Array) => void pieces.push(piece)
    };
    const size = await fetchWhole(all, whole.response);
    const source = new HttpSource(url, size, options);
    const loading = new Loading(0, size);
    pieces.forEach(piece => loading.push(piece));
    source.whole = { loading, done: Promise.resolve() };
    source.warn(whole.reason);
    return source;
  }
}
