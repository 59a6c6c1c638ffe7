import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { bundled } from '../browser/bundled';
import type { Browser, Page } from '../browser/devtools';
import type { Calls } from './calls';

type Result<N extends keyof Calls> = Awaited<ReturnType<Calls[N]>>;
type Argument<N extends keyof Calls> = Parameters<Calls[N]>[0];

/** A site of one page, whose tabs do what they are told with a store. */
export class StoreSite {
  private constructor(
    private readonly server: Server,
    readonly url: string
  ) {}

  static async start(): Promise<StoreSite> {
    const [page, worker] = await Promise.all(
      ['browser-page.ts', 'browser-worker.ts'].map(path =>
        bundled(new URL(path, import.meta.url))
      )
    );
    const scripts: Record<string, string> = { '/page.js': page, '/worker.js': worker };
    const server = createServer(({ url }, response) => {
      const script = scripts[url!];
      const type = script ? 'text/javascript' : 'text/html; charset=utf-8';
      response
        .writeHead(200, {
          'Content-Type': type,
          // A frame without an origin may have the scripts, too.
          'Access-Control-Allow-Origin': '*'
        })
        .end(script ?? '<!doctype html><script type="module" src="/page.js"></script>');
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return new StoreSite(
      server,
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    );
  }

  /** Open a tab of it. */
  async open(
    browser: Browser,
    url = this.url,
    options?: { isPrivate: boolean }
  ): Promise<Tab> {
    return new Tab(await browser.open(`${url}/`, options));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** A tab of the site. */
export class Tab {
  constructor(readonly page: Page) {}

  /** Do something in the page. */
  call<N extends keyof Calls>(name: N, argument?: Argument<N>): Promise<Result<N>> {
    return this.page.evaluate(`call(${args(name, argument)})`);
  }

  /** Do something in a worker of the page, which is made when it is first named. */
  callWorker<N extends keyof Calls>(
    worker: string,
    name: N,
    argument?: Argument<N>
  ): Promise<Result<N>> {
    return this.page.evaluate(`callWorker(${args(worker, name, argument)})`);
  }

  /** End a worker in the middle of what it does. */
  endWorker(name: string): Promise<void> {
    return this.page.evaluate(`endWorker(${args(name)})`);
  }

  /** Wait until a put says that it has stopped, or written all. */
  nextEvent(): Promise<string> {
    return this.page.evaluate('nextEvent()');
  }
}

function args(...values: unknown[]): string {
  return values.map(value => JSON.stringify(value) ?? 'undefined').join(', ');
}
