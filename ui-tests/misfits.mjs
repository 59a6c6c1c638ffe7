// Places of the tests' web server where a snapshot does not fit, each for a reason of its own: most change one file of
// the site on its way, the others send a Content-Security-Policy.
import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

/** Put a statement in front of what the kernel's worker begins with, whose browser then is another one. */
const inWorker = statement => [
  /\/start\.worker\.[^/]*\.js$/,
  script => `${statement}\n${script}`
];

const inManifest = change => [
  /\/frozen\/api\/course\/[^/]*\/environment\.json$/,
  text => {
    const manifest = JSON.parse(text);
    change(manifest);
    return JSON.stringify(manifest);
  }
];

const inLinked = change => [/\/frozen\/api\/course\/[^/]*\/linked\.wasm$/, change];

/** Which files are changed, and how: the text, of WebAssembly the bytes. What becomes undefined is not there. */
const CHANGES = {
  '/unrestored/': [
    /\/environment\.json$/,
    text => JSON.stringify({ ...JSON.parse(text), snapshot: undefined })
  ],
  '/other-digest/': inManifest(({ snapshot }) => {
    snapshot.header.sha256 = '0'.repeat(64);
  }),
  '/no-linked/': inLinked(() => undefined),
  // It can be compiled: what it has more is a section that nobody reads.
  '/other-linked/': inLinked(bytes =>
    Buffer.concat([bytes, Buffer.from([0, 2, 1, 0x78])])
  ),
  // From a byte on that is in its code.
  '/damaged-linked/': inLinked(bytes => {
    bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 16);
    return bytes;
  }),
  // From a host that answers with a page where there is no such file.
  '/page-for-linked/': inLinked(() => '<!doctype html><title>Not here</title>'),
  '/other-build/': [
    /\/pyodide\.mjs$/,
    script => script.replace(/(BUILD_ID:")[0-9a-f]{64}"/, `$1${'ab'.repeat(32)}"`)
  ],
  // As in Safari before 18.2, whose WebAssembly knows no types for garbage collection: Pyodide asks by a small module.
  '/fewer-features/': inWorker(`
    WebAssembly.Module = new Proxy(WebAssembly.Module, {
      construct(Module, [bytes]) {
        const text = new TextDecoder().decode(bytes);
        if (text.includes('trampoline_call')) throw new WebAssembly.CompileError('invalid type 0x5f');
        return new Module(bytes);
      }
    });`),
  // As Safari before 17.4, and Firefox before 121.
  '/older-browser/': inWorker('delete Promise.withResolvers;'),
  // A large memory fails where the address space has no such hole; one that grows by small steps, as Python takes them,
  // does not.
  '/little-memory/': inWorker(`
    WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
      construct(Memory, [size]) {
        if (size.initial > 800) throw new RangeError('WebAssembly.Memory(): could not allocate memory');
        return new Memory(size);
      }
    });`)
};

/** What JupyterLab needs: its page has scripts and styles of its own, and it compiles the schemas of its settings. */
const PAGE =
  "script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
  "font-src 'self' data:";

/** What is sent with each file, and what with the programs of workers instead, which have a policy of their own. */
const POLICIES = {
  '/strict/': [
    `default-src 'self'; ${PAGE}`,
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
  ],
  '/no-decoder/': [`default-src 'self'; ${PAGE}`, "worker-src 'none'"],
  '/no-workers/': [`default-src 'self'; worker-src 'none'; ${PAGE}`],
  '/no-wasm/': [`default-src 'self'; ${PAGE}`, "default-src 'self'"]
};

/** What a changed file is sent as, and how it is read. */
const TYPES = {
  '.js': ['text/javascript', 'utf8'],
  '.mjs': ['text/javascript', 'utf8'],
  '.json': ['application/json', 'utf8'],
  '.wasm': ['application/wasm']
};

/**
 * @typedef {(content: string | Buffer) => string | Buffer | undefined} Change
 * @type {(folder: string, files: Handler, change: [RegExp, Change]) => Handler}
 */
function changed(folder, files, [which, change]) {
  return (request, response, next) => {
    const path = new URL(request.url, 'http://host').pathname;
    const file = `${folder}${path}`;
    if (!which.test(path) || !existsSync(file)) return files(request, response, next);
    const [type, encoding] = TYPES[extname(path)];
    const content = change(readFileSync(file, encoding));
    if (content === undefined) return response.writeHead(404).end();
    response.setHeader('Content-Type', type);
    response.end(content);
  };
}

/** @type {(files: Handler, policies: string[]) => Handler} */
function guarded(files, [page, worker = page]) {
  return (request, response, next) => {
    const policy = /\.worker\.[^/]*\.js/.test(request.url) ? worker : page;
    response.setHeader('Content-Security-Policy', policy);
    files(request, response, next);
  };
}

/**
 * The places, by the beginnings of their paths.
 *
 * @typedef {(request: object, response: object, next: () => void) => void} Handler
 * @type {(folder: string, files: Handler) => Record<string, Handler>}
 */
export function misfits(folder, files) {
  const places = {};
  for (const [place, change] of Object.entries(CHANGES)) {
    places[place] = changed(folder, files, change);
  }
  for (const [place, policies] of Object.entries(POLICIES)) {
    places[place] = guarded(files, policies);
  }
  return places;
}
