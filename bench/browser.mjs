// A real browser and a plain web server for the benchmarks, both of well-kept packages.
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

// The browser tests have what is needed here: one set of pinned packages, not two.
const require = createRequire(new URL('../ui-tests/package.json', import.meta.url));
const { chromium } = require('@playwright/test');
const sirv = require('sirv');

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
];

/** What a host like GitHub Pages compresses; a range of a file never is. */
const COMPRESSED = /\.(m?js|json|wasm|css|html|svg|txt|map|ipynb|csv)$/;

const gzipSizes = new Map();

/** Size in bytes of a whole file as a host that serves gzip would send it. */
function wireSize(file) {
  if (!gzipSizes.has(file)) {
    const bytes = readFileSync(file);
    gzipSizes.set(file, COMPRESSED.test(file) ? gzipSync(bytes).length : bytes.length);
  }
  return gzipSizes.get(file);
}

/**
 * Serve a built site, as GitHub Pages does: Range, ETag, ten minutes of cache.
 * `log` collects each answered request: its path, status and bytes on the wire.
 * `instead` has the text of files that are served in place of those of the site, by their paths.
 */
export async function serve(directory, instead = {}) {
  const files = sirv(directory, { etag: true, maxAge: 600, dotfiles: true });
  const log = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://site').pathname);
    let sent = 0;
    const write = response.write.bind(response);
    response.write = (chunk, ...rest) => {
      sent += chunk.length;
      return write(chunk, ...rest);
    };
    response.on('close', () => {
      const file = join(directory, path.endsWith('/') ? `${path}index.html` : path);
      const whole = response.statusCode === 200 && existsSync(file);
      const range = request.headers.range ?? '';
      log.push({ path, range, status: response.statusCode, bytes: whole ? wireSize(file) : sent });
    });
    if (path in instead) response.end(instead[path]);
    else files(request, response, () => response.writeHead(404).end());
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, log, close: () => server.close() };
}

/** A browser with an empty profile on disk, so that its HTTP cache is a real one; `close` removes it. */
export async function openBrowser() {
  const profile = await mkdtemp(join(tmpdir(), 'frozenfs-bench-'));
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: FLAGS, headless: true });
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    }
  };
}
