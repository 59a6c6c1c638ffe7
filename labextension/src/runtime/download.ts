import { HttpSource, PartsSource } from '../source';
import type { IPart } from './manifest';

/** A file of the site that is on its way. */
export interface ILoading {
  /** Reads of what has not arrived yet wait for it. */
  source: PartsSource;
  /** All of it is there; how it fails is told by the reads too. */
  loaded: Promise<unknown>;
}

export interface IDownloadOptions {
  /** The absolute URL of `environment.json`. */
  url: string;
  onWarning?(text: string): void;
  /** Is told how many bytes of what was to be loaded have arrived, and of how many. */
  onBytes?(done: number, total: number): void;
}

/** Who is told of bytes that arrive is told no more often, in milliseconds: a page redraws for it, beside the start. */
const EVERY = 100;

/** Fetches files beside a manifest, and counts the bytes of those that are fetched whole. */
export class Download {
  private readonly arrived = new Map<IPart, number>();
  private told = -Infinity;

  constructor(private readonly options: IDownloadOptions) {}

  get url(): string {
    return this.options.url;
  }

  /** Files that are read in ranges. */
  open(parts: readonly IPart[]): Promise<HttpSource[]> {
    return Promise.all(parts.map(part => this.source(part)));
  }

  /** Begin to fetch a file whole, by plain requests, which browsers keep for the next visit. */
  async load(parts: readonly IPart[]): Promise<ILoading> {
    for (const part of parts) this.arrived.set(part, 0);
    const sources = await Promise.all(
      parts.map(part => this.source(part, done => this.receive(part, done)))
    );
    const loaded = Promise.all(sources.map(source => source.loadAll()));
    loaded.catch(() => undefined); // reported by the reads that wait for it
    return { source: new PartsSource(sources), loaded };
  }

  private source(
    part: IPart,
    onProgress?: (done: number) => void
  ): Promise<HttpSource> {
    const { url, onWarning } = this.options;
    return HttpSource.open(new URL(part.file, url).href, {
      size: part.size,
      onWarning,
      onProgress
    });
  }

  private receive(part: IPart, done: number): void {
    this.arrived.set(part, done);
    const sum = (numbers: Iterable<number>) => [...numbers].reduce((a, b) => a + b, 0);
    const arrived = sum(this.arrived.values());
    const total = sum([...this.arrived.keys()].map(({ size }) => size));
    const now = performance.now();
    if (arrived < total && now < this.told + EVERY) return;
    this.told = now;
    this.options.onBytes?.(arrived, total);
  }
}
