import {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  statSync
} from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, resolve } from 'node:path';

import type { IManifest, ISnapshotFile } from '../../../src/runtime/manifest';
import type { ITakenFile } from './course';
import { course } from './course';

const TYPES: Record<string, string> = {
  '.mjs': 'text/javascript',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
  '.html': 'text/html',
  '.json': 'application/json'
};

/** Bytes of the image that the index file has beside the index. */
const HEAD = 4096;

/** Pieces into which the linked runtime is cut where it is in several. */
const PIECES = 3;

/** What a request is answered with in place of the file of the site: other bytes, a status, or the file as another type. */
export type Override = (url: string) => Uint8Array | number | string | undefined;

/** The built course with a snapshot beside its image, on an HTTP host. */
export class Site {
  /** Path and range of each request for a file of the environment. */
  readonly requests: string[] = [];
  override: Override = () => undefined;
  private readonly results = new Map<string, (result: unknown) => void>();

  private constructor(
    private readonly server: Server,
    private readonly files: Map<string, Uint8Array>
  ) {}

  /** @param scripts - What the pages run, by path. */
  static async start(
    taken: ITakenFile,
    scripts: Record<string, string>
  ): Promise<Site> {
    const { manifest, image } = course();
    const plain: IManifest = { ...manifest, snapshot: undefined };
    const { last_chunk: lastChunk, size } = manifest.image;
    const index = Buffer.concat([read(image, lastChunk, size), read(image, 0, HEAD)]);
    const linked = readFileSync(taken.linked.path);
    const pieces = cut(linked);
    const snapshot: ISnapshotFile = {
      parts: [{ file: 'snapshot.img', size: taken.size }],
      size: taken.size,
      sha256: taken.sha256,
      header: taken.head,
      linked: {
        parts: [{ file: 'linked.wasm', size: linked.length }],
        size: linked.length,
        sha256: taken.linked.sha256
      },
      index: {
        parts: [{ file: 'index.img', size: index.length }],
        sha256: '',
        boot: HEAD
      }
    };
    const full: IManifest = { ...manifest, snapshot };
    const parts = pieces.map(({ length: size }, i) => ({
      file: `linked.wasm.${i}`,
      size
    }));
    const inPieces: IManifest = {
      ...full,
      snapshot: { ...snapshot, linked: { ...snapshot.linked, parts } }
    };
    const files = new Map<string, Uint8Array>([
      ['/frozen/api/course/now/environment.json', Buffer.from(JSON.stringify(full))],
      ['/frozen/api/course/now/pieces.json', Buffer.from(JSON.stringify(inPieces))],
      ['/frozen/api/course/now/plain.json', Buffer.from(JSON.stringify(plain))],
      ['/frozen/api/course/now/snapshot.img', readFileSync(taken.path)],
      ['/frozen/api/course/now/linked.wasm', linked],
      ...pieces.map((piece, i): [string, Uint8Array] => [
        `/frozen/api/course/now/linked.wasm.${i}`,
        piece
      ]),
      ['/frozen/api/course/now/index.img', index],
      ...Object.entries(scripts).map(([path, text]): [string, Uint8Array] => [
        path,
        Buffer.from(text)
      ])
    ]);
    const holder: { site?: Site } = {};
    const server = createServer((request, response) => {
      void holder.site!.handle(request, response, dirname(image));
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    return (holder.site = new Site(server, files));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What a worker posts under a name. */
  result(name: string): Promise<unknown> {
    return new Promise(done => this.results.set(name, done));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
  }

  private async handle(
    request: IncomingMessage,
    response: ServerResponse,
    built: string
  ): Promise<void> {
    const path = new URL(request.url!, this.url).pathname;
    if (request.method === 'POST') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.end();
      this.results.get(decodeURIComponent(path.slice(1)))?.(
        JSON.parse(Buffer.concat(chunks).toString())
      );
      return;
    }
    const { range } = request.headers;
    if (/\.(img|wasm)(\.\d+)?$/.test(path)) {
      this.requests.push(`${path.split('/').at(-1)} ${range ?? 'whole'}`);
    }
    const other = this.override(path);
    const type =
      typeof other === 'string'
        ? other
        : (TYPES[extname(path)] ?? 'application/octet-stream');
    const bytes = typeof other === 'object' ? other : this.files.get(path);
    if (typeof other === 'number') {
      response.writeHead(other).end('no');
    } else if (bytes) {
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length });
      response.end(bytes);
    } else {
      const file = path.startsWith('/frozen/api/course/now/')
        ? join(built, path.slice('/frozen/api/course/now/'.length))
        : resolve(built, '../../../..', `.${path}`);
      answerFile(file, type, range, response);
    }
  }
}

function answerFile(
  file: string,
  type: string,
  range: string | undefined,
  response: ServerResponse
): void {
  if (!existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  const { size } = statSync(file);
  const asked = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
  const [start, end] = asked ? [Number(asked[1]), Number(asked[2])] : [0, size - 1];
  response.writeHead(asked ? 206 : 200, {
    'Content-Type': type,
    'Content-Length': end - start + 1,
    ...(asked && { 'Content-Range': `bytes ${start}-${end}/${size}` })
  });
  createReadStream(file, { start, end }).pipe(response);
}

function cut(bytes: Uint8Array): Uint8Array[] {
  const size = Math.ceil(bytes.length / PIECES);
  return Array.from({ length: PIECES }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size)
  );
}

function read(path: string, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, bytes.length, start);
  closeSync(file);
  return bytes;
}
