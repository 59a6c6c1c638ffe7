// The web servers of the tests: the same files from a plain host, and from one that isolates origins.
//   /                what `make test-browser` has built
//   /course/2026/    the same below a folder, as on GitHub Pages
//   /damaged/        with an image that is damaged
//   /truncated/      with an image that has lost its second half
//   /older/          where the page names an environment that is gone
//   /cached/         with JupyterLite's service worker keeping what it has seen
//   /freezing/       for what is frozen and thawed, and /freezing-rebuilt/ after a package was updated
//   /rangeless/      from a host that does not know ranges
//   /gzipped/        from a host that answers a range with Content-Encoding: gzip
//   those of misfits.mjs
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import sirv from 'sirv';

import { misfits } from './misfits.mjs';

/** Another three ports let two clones be tested at once. */
export const PLAIN_PORT = Number(process.env.FROZENFS_TEST_PORT ?? 8866);
export const ISOLATED_PORT = PLAIN_PORT + 1;

/** Of a JupyterLab with a server. */
export const NATIVE_PORT = PLAIN_PORT + 2;

/** The cookie of a page whose every request is refused. */
export const NO_NETWORK = 'network=off';

const BUILD = fileURLToPath(new URL('../build/ui-tests/', import.meta.url));

const ISOLATING = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin'
};

/** @type {(folder: string) => ReturnType<typeof sirv>} */
const files = folder =>
  existsSync(`${BUILD}${folder}`)
    ? sirv(`${BUILD}${folder}`, { etag: true, maxAge: 600 })
    : (_request, _response, next) => next(); // not all tests need all sites

const site = files('site');

/** Answer as if no range had been asked for, and promise none. */
function withoutRanges(request, response, next) {
  delete request.headers.range;
  const { writeHead } = response;
  response.writeHead = (status, headers) => {
    delete headers?.['Accept-Ranges'];
    return writeHead.call(response, status, headers);
  };
  site(request, response, next);
}

/** Compress what is asked for, ranges too: some hosts do, and no browser can read it. */
function withGzip(request, response, next) {
  if (!request.headers.range) return site(request, response, next);
  const blocks = [];
  const { writeHead } = response;
  response.writeHead = (status, headers) => {
    response.head = [status, headers];
    return response;
  };
  response.write = block => blocks.push(block) > 0;
  response.end = block => {
    if (block) blocks.push(block);
    const body = gzipSync(Buffer.concat(blocks));
    const [status, headers] = response.head;
    writeHead.call(response, status, {
      ...headers,
      'Content-Encoding': 'gzip',
      'Content-Length': body.length
    });
    delete response.write;
    delete response.end;
    return response.end(body);
  };
  site(request, response, next);
}

const places = Object.entries({
  '/course/2026/': site,
  '/damaged/': files('damaged'),
  '/truncated/': files('truncated'),
  '/older/': files('older'),
  '/cached/': files('cached'),
  '/freezing/': files('freezing'),
  '/freezing-rebuilt/': files('freezing-rebuilt'),
  '/rangeless/': withoutRanges,
  '/gzipped/': withGzip,
  ...misfits(`${BUILD}site`, site),
  '/': site
});

/** @type {(port: number, headers: Record<string, string>) => void} */
function listen(port, headers) {
  createServer((request, response) => {
    // What the browser of such a page has kept, it does not ask for.
    if (request.headers.cookie?.includes(NO_NETWORK)) return request.socket.destroy();
    for (const [name, value] of Object.entries(headers))
      response.setHeader(name, value);
    const [place, answer] = places.find(([place]) => request.url.startsWith(place));
    request.url = request.url.slice(place.length - 1);
    answer(request, response, () => response.writeHead(404).end());
  }).listen(port, '127.0.0.1');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  listen(PLAIN_PORT, {});
  listen(ISOLATED_PORT, ISOLATING);
}
