import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

import { makeProfile, removeProfile, startChromium } from './chromium';

interface IMessage {
  id?: number;
  result?: unknown;
  error?: { message: string };
}

type Params = Record<string, unknown>;

/** A browser that is told what to do by the DevTools protocol, through a pipe. */
export class Browser {
  private id = 0;
  private readonly pending = new Map<number, PromiseWithResolvers<unknown>>();

  private constructor(
    readonly profile: string,
    private readonly chromium: ReturnType<typeof startChromium>
  ) {
    const [, , , , output] = chromium.process.stdio as Readable[];
    let rest = Buffer.alloc(0);
    output.on('data', (piece: Buffer) => {
      rest = Buffer.concat([rest, piece]);
      for (let end; (end = rest.indexOf(0)) >= 0; rest = rest.subarray(end + 1)) {
        this.receive(JSON.parse(rest.toString('utf8', 0, end)) as IMessage);
      }
    });
    // It is killed on purpose.
    output.on('error', () => undefined);
    this.input.on('error', () => undefined);
  }

  /**
   * Start one.
   *
   * @param profile - That of a browser before it, to go on where that has ended.
   */
  static start(profile = makeProfile(), args: readonly string[] = []): Browser {
    return new Browser(
      profile,
      startChromium(
        profile,
        ['--remote-debugging-pipe', ...args, 'about:blank'],
        ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']
      )
    );
  }

  async send<T>(method: string, params: Params = {}, sessionId?: string): Promise<T> {
    const id = ++this.id;
    const answer = Promise.withResolvers<unknown>();
    this.pending.set(id, answer);
    this.input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answer.promise as Promise<T>;
  }

  /** Open a tab; in a private window of its own, if asked for. */
  async open(url: string, { isPrivate = false } = {}): Promise<Page> {
    const window = isPrivate
      ? await this.send<Params>('Target.createBrowserContext')
      : {};
    const { targetId } = await this.send<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
      ...window
    });
    const { sessionId } = await this.send<{ sessionId: string }>(
      'Target.attachToTarget',
      { targetId, flatten: true }
    );
    const page = new Page(this, targetId, sessionId);
    await page.go(url);
    return page;
  }

  /** Memory of its processes, pages and all, in bytes; what is a file's does not count. Linux only. */
  async memory(): Promise<number> {
    const { processInfo } = await this.send<{ processInfo: { id: number }[] }>(
      'SystemInfo.getProcessInfo'
    );
    return processInfo.reduce((sum, { id }) => sum + ownMemory(id), 0);
  }

  /** End it as a crash does; what it has stored stays. */
  async kill(): Promise<void> {
    await this.chromium.kill();
  }

  /** End it, and forget what it has stored. */
  async close(): Promise<void> {
    await this.kill();
    removeProfile(this.profile);
  }

  private get input(): Writable {
    return this.chromium.process.stdio[3] as Writable;
  }

  private receive({ id, result, error }: IMessage): void {
    const answer = id === undefined ? undefined : this.pending.get(id);
    if (!answer) return;
    this.pending.delete(id!);
    if (error) answer.reject(new Error(error.message));
    else answer.resolve(result);
  }
}

function ownMemory(id: number): number {
  try {
    const text = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
    return Number(/^Pss_Anon:\s+(\d+)/m.exec(text)![1]) * 1024;
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}

interface IEvaluated {
  result: { value: unknown };
  exceptionDetails?: { exception?: { description?: string; value?: unknown } };
}

/** A tab. */
export class Page {
  constructor(
    private readonly browser: Browser,
    private readonly targetId: string,
    private readonly sessionId: string
  ) {}

  send<T>(method: string, params?: Params): Promise<T> {
    return this.browser.send<T>(method, params, this.sessionId);
  }

  /** Run an expression; what a promise resolves to comes back. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send<IEvaluated>(
      'Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true }
    );
    if (exceptionDetails) {
      const { description, value } = exceptionDetails.exception ?? {};
      throw new Error(description ?? String(value));
    }
    return result.value as T;
  }

  /** Open an address, and wait until its modules have run. */
  async go(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
    for (;;) {
      const ready = await this.evaluate<boolean>(
        `location.href === ${JSON.stringify(url)} && document.readyState === 'complete'`
      ).catch(() => false);
      if (ready) return;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  }

  /** Close it as a person does. */
  async close(): Promise<void> {
    await this.browser.send('Target.closeTarget', { targetId: this.targetId });
  }

  /** End its process. */
  crash(): void {
    this.send('Page.crash').catch(() => undefined);
  }
}
