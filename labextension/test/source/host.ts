import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** Answers one request for a file; `range` is what was asked for, `null` for all of it. */
export type Answer = (
  response: ServerResponse,
  file: Uint8Array,
  range: [start: number, end: number] | null
) => void | Promise<void>;

/** An HTTP host of one file, whose manners can be changed. */
export class Host {
  /** The Range header of each request so far. */
  readonly requests: (string | undefined)[] = [];

  answer: Answer = ranges;

  private constructor(
    private readonly server: Server,
    readonly file: Uint8Array
  ) {}

  static async start(file: Uint8Array): Promise<Host> {
    const handler: { host?: Host } = {};
    const server = createServer((request, response) => {
      handler.host?.handle(request, response);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    handler.host = new Host(server, file);
    return handler.host;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/image.img`;
  }

  /** Answer some requests in other ways, then all others as before. */
  answerFirst(...answers: Answer[]): void {
    const usual = this.answer;
    this.answer = (...args) => (answers.shift() ?? usual)(...args);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const { range } = request.headers;
    this.requests.push(range);
    const match = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
    const asked: [number, number] | null = match && [
      Number(match[1]),
      Number(match[2]) + 1
    ];
    void this.answer(response, this.file, asked);
  }
}

/** A host as it should be. */
export const ranges: Answer = (response, file, range) => {
  if (!range) {
    whole(response, file, range);
  } else if (range[1] > file.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${file.length}` }).end();
  } else {
    response
      .writeHead(206, headersOf(file, range))
      .end(Buffer.from(file.subarray(...range)));
  }
};

/** A host that knows no ranges. */
export const whole: Answer = (response, file) => {
  response.writeHead(200, { 'Content-Length': file.length }).end(Buffer.from(file));
};

/** An answer with a status, and nothing useful. */
export const status =
  (code: number): Answer =>
  response => {
    response.writeHead(code).end('no');
  };

/** A broken line: nothing comes back. */
export const broken: Answer = response => {
  response.destroy();
};

/** A host that encodes for the way what it sends, ranges too. */
export const encoded: Answer = (response, file, range) => {
  if (!range) {
    const body = gzipSync(file);
    response.writeHead(200, {
      'Content-Encoding': 'gzip',
      'Content-Length': body.length
    });
    response.end(body);
  } else {
    // As nginx with gzip_static and CDNs do: a slice of the encoded file.
    response
      .writeHead(206, { ...headersOf(file, range), 'Content-Encoding': 'gzip' })
      .end(Buffer.from(file.subarray(...range)));
  }
};

/** A range of which only the beginning comes, then the line breaks. */
export const cut =
  (bytes: number): Answer =>
  (response, file, range) => {
    const [start, end] = range ?? [0, file.length];
    response.writeHead(
      range ? 206 : 200,
      range ? headersOf(file, range) : { 'Content-Length': file.length }
    );
    response.write(
      Buffer.from(file.subarray(start, Math.min(start + bytes, end))),
      () => response.destroy()
    );
  };

export function headersOf(file: Uint8Array, [start, end]: [number, number]) {
  return {
    'Content-Range': `bytes ${start}-${end - 1}/${file.length}`,
    'Content-Length': end - start
  };
}
