import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { IManifest } from '../../src/runtime/manifest';
import { VERSION } from '../../src/runtime/manifest';
import type { IMade } from './images';

/** A site with files, whose host knows ranges. */
export class PanelSite {
  readonly files = new Map<string, Uint8Array | string>();

  /** The path and range of each request. */
  readonly requests: string[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string
  ) {}

  static async start(): Promise<PanelSite> {
    const server = createServer();
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const site = new PanelSite(server, `http://127.0.0.1:${port}/`);
    server.on('request', (request, response) => {
      const { range } = request.headers;
      const path = decodeURIComponent(request.url!.slice(1));
      site.requests.push(`${path} ${range ?? 'whole'}`);
      const found = site.files.get(path);
      if (found === undefined) {
        response.writeHead(404).end();
        return;
      }
      const file = Buffer.from(found);
      const asked = /^bytes=(\d+)-(\d+)$/.exec(range ?? '');
      // As some hosts do, it takes a last byte of 0 for none.
      const [start, end] = asked
        ? [Number(asked[1]), (Number(asked[2]) || file.length - 1) + 1]
        : [0, file.length];
      response.writeHead(asked ? 206 : 200, {
        'Content-Type': typeOf(path),
        'Content-Length': end - start,
        ...(asked && { 'Content-Range': `bytes ${start}-${end - 1}/${file.length}` })
      });
      response.end(file.subarray(start, end));
    });
    return site;
  }

  /** Put a frozen environment there. @returns The URL of its manifest. */
  environment(name: string, { bytes, summary }: IMade, digest = 'aaaa'): string {
    const { size, sha256, boot, lastChunk, uncompressedSize } = summary;
    const folder = `frozen/${name}/${digest}/`;
    const manifest: IManifest = {
      version: VERSION,
      name,
      display_name: `Python (${name})`,
      python: '3.14.2',
      runtime: { version: '314.0.7', url: '../pyodide/', package_base_url: '../' },
      image: {
        parts: [{ file: 'image.img', size }],
        size,
        sha256,
        boot,
        last_chunk: lastChunk,
        uncompressed_size: uncompressedSize,
        start: {
          parts: [{ file: 'start.img', size: size - lastChunk + boot }],
          sha256
        }
      },
      mounts: [{ root: '/', path: '/' }],
      packages: [
        {
          name: 'numpy',
          version: '2.4.3',
          source: 'lock',
          file: 'numpy.whl',
          sha256,
          size: 1,
          in_lock: true
        }
      ]
    };
    this.files.set(`${folder}environment.json`, JSON.stringify(manifest));
    this.files.set(`${folder}image.img`, bytes);
    return `${this.url}${folder}environment.json`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
  }
}

function typeOf(path: string): string {
  if (path.endsWith('.js')) return 'text/javascript';
  if (path.endsWith('.css')) return 'text/css';
  if (path.endsWith('.json')) return 'application/json';
  return path === '' || path.endsWith('.html')
    ? 'text/html'
    : 'application/octet-stream';
}
