import type { CreatePyodideModule } from './create-module';
import { EnvironmentError } from './manifest';

type LoadPyodide = typeof import('pyodide').loadPyodide;

/** Pyodide's core on a site: its two modules, and its WebAssembly. */
export interface ICore {
  loadPyodide: LoadPyodide;
  createPyodideModule: CreatePyodideModule;
}

/**
 * The URL of a file with nothing in it. It is answered here, because a Content-Security-Policy may forbid to fetch
 * `data:`.
 */
export const EMPTY_FILE = 'data:application/zip,';

/**
 * Fetch Pyodide's core, all of it at once. Pyodide by itself fetches the second module after the first has run, and the
 * WebAssembly after both.
 *
 * @param base - The URL of its folder.
 * @param compiled - Its WebAssembly, if another kernel of the page has compiled it: it is not fetched then.
 * @throws EnvironmentError
 */
export async function loadCore(
  base: string,
  compiled?: WebAssembly.Module
): Promise<ICore> {
  // First: to read it holds up this thread, while the other file arrives.
  const scripts = Promise.all([
    import(/* webpackIgnore: true */ `${base}pyodide.asm.mjs`) as Promise<{
      default: CreatePyodideModule;
    }>,
    import(/* webpackIgnore: true */ `${base}pyodide.mjs`) as Promise<{
      loadPyodide: LoadPyodide;
    }>
  ]);
  const wasm = new CoreWasm(`${base}pyodide.asm.wasm`, compiled);
  try {
    const [{ default: createPyodideModule }, { loadPyodide }] = await scripts;
    return {
      loadPyodide: options => wasm.during(() => loadPyodide(options)),
      createPyodideModule
    };
  } catch (error) {
    throw notLoaded(base, error);
  }
}

function notLoaded(what: string, error: unknown): EnvironmentError {
  return new EnvironmentError(
    `Python's runtime at ${what} could not be loaded (${String(error)}). Check the network, then restart the ` +
      'kernel; if it stays, the site is incomplete: build it again.'
  );
}

/**
 * The WebAssembly of Pyodide, which it fetches and instantiates itself: it has no option to be given one, so what it
 * asks the platform for is answered with what is there already.
 */
class CoreWasm {
  private readonly module: Promise<WebAssembly.Module>;

  constructor(
    private readonly url: string,
    compiled?: WebAssembly.Module
  ) {
    this.module = compiled ? Promise.resolve(compiled) : compile(url);
    this.module.catch(() => undefined); // reported by who waits for it
  }

  /** Answer for as long as Pyodide loads. */
  async during<T>(load: () => Promise<T>): Promise<T> {
    const { module, url } = this;
    const answer = Promise.resolve(new Response());
    const { fetch } = globalThis;
    const { instantiateStreaming, Module } = WebAssembly;
    globalThis.fetch = (...request) => {
      // Pyodide asks with a URL object.
      const asked = String(request[0]);
      if (asked === EMPTY_FILE) return Promise.resolve(new Response());
      return asked === url ? answer : fetch(...request);
    };
    WebAssembly.instantiateStreaming = async (source, imports) => {
      if (source !== answer) return instantiateStreaming(source, imports);
      const compiled = await module;
      return {
        instance: await WebAssembly.instantiate(compiled, imports),
        module: compiled
      };
    };
    WebAssembly.Module = eachOnce(Module);
    try {
      // Pyodide would print why there is no module, and wait for ever.
      return await Promise.race([load(), failureOf(module)]);
    } finally {
      globalThis.fetch = fetch;
      WebAssembly.instantiateStreaming = instantiateStreaming;
      WebAssembly.Module = Module;
    }
  }
}

/** Up to this size in bytes a module is one by which Emscripten makes a function of JavaScript one of WebAssembly. */
const ADAPTER = 64;

/**
 * Compiles equal adapters once: Emscripten makes some 260 of them while it starts, of few signatures.
 *
 * @param Module - The constructor of the platform.
 */
function eachOnce(Module: typeof WebAssembly.Module): typeof WebAssembly.Module {
  const compiled = new Map<string, WebAssembly.Module>();
  return new Proxy(Module, {
    construct(_, [bytes]: [Uint8Array<ArrayBuffer>]) {
      if (!(bytes.length <= ADAPTER)) return new Module(bytes);
      const key = bytes.join();
      const found = compiled.get(key) ?? new Module(bytes);
      compiled.set(key, found);
      return found;
    }
  });
}

/** Compile a module while it arrives; hosts that do not know its type send it as something else. */
async function compile(url: string): Promise<WebAssembly.Module> {
  let response: Response;
  try {
    response = await fetch(url);
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  } catch (error) {
    throw notLoaded(url, error);
  }
  const type = response.headers.get('Content-Type') ?? '';
  return /^application\/wasm\b/.test(type)
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/** Rejects when a promise does, and never resolves. */
function failureOf(promise: Promise<unknown>): Promise<never> {
  return promise.then(() => new Promise<never>(() => undefined));
}
