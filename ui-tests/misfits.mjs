// Places of the tests' web server where a snapshot does not fit, each for a reason of its own: most change one file of
// the site on its way, the others send a Content-Security-Policy.
import { existsSync, readFileSync } from 'node:fs';

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

/** Which files are changed, and how. */
const CHANGES = {
  '/unrestored/': [
    /\/environment\.json$/,
    text => JSON.stringify({ ...JSON.parse(text), snapshot: undefined })
  ],
  '/other-digest/': inManifest(({ snapshot }) => {
    snapshot.header.sha256 = '0'.repeat(64);
  }),
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
  // A large step fails where the address space has no such hole; small ones, as Python takes them, do not.
  '/little-memory/': inWorker(`
    const { grow } = WebAssembly.Memory.prototype;
    WebAssembly.Memory.prototype.grow = function (pages) {
      if (pages > 800) throw new RangeError('WebAssembly.Memory.grow(): Unable to grow instance memory');
      return grow.call(this, pages);
    };`)
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

/** @type {(folder: string, files: Handler, change: [RegExp, (text: string) => string]) => Handler} */
function changed(folder, files, [which, change]) {
  return (request, response, next) => {
    const path = new URL(request.url, 'http://host').pathname;
    const file = `${folder}${path}`;
    if (!which.test(path) || !existsSync(file)) return files(request, response, next);
    const type = path.endsWith('.json') ? 'application/json' : 'text/javascript';
    response.setHeader('Content-Type', type);
    response.end(change(readFileSync(file, 'utf8')));
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
