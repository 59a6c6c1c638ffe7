import type { CreatePyodideModule } from './create-module';
import { EnvironmentError } from './manifest';
import { EXPORTS, MEMORY_MODULE } from './wasm/names';

type LoadPyodide = typeof import('pyodide').loadPyodide;

/** Pyodide's core on a site: its two modules, and its WebAssembly. */
export interface ICore {
  loadPyodide: LoadPyodide;
  createPyodideModule: CreatePyodideModule;
  /** What became of the linked runtime, once that is known. */
  linked: Promise<ILinked>;
}

/** A runtime with the libraries of a snapshot linked into it, which stands in for the plain one. */
export interface ILinked {
  /** Why there is none, where there should be one: the plain one is used. */
  failure?: unknown;
  /** The file, where it is to be checked. */
  bytes?: Promise<ArrayBuffer>;
}

export interface ILoadOptions {
  /** The runtime's WebAssembly, if another kernel of the page has compiled it: it is not fetched then. */
  compiled?: WebAssembly.Module;
  /** The URLs of the linked runtime's pieces, none where there is none. */
  linked?: readonly string[] | Promise<readonly string[]>;
  /** Whether the linked runtime's bytes are wanted. */
  check?: boolean;
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
 * @throws EnvironmentError
 */
export async function loadCore(
  base: string,
  options: ILoadOptions = {}
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
  const wasm = new CoreWasm(`${base}pyodide.asm.wasm`, options);
  try {
    const [{ default: createPyodideModule }, { loadPyodide }] = await scripts;
    return {
      loadPyodide: options => wasm.during(() => loadPyodide(options)),
      createPyodideModule,
      linked: wasm.linked()
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
  /** Complete once it is known which module it is. */
  private readonly found: ILinked = {};
  private readonly module: Promise<WebAssembly.Module>;
  /** Whether the module is what was at the URLs of the linked runtime, whatever that is. */
  private standsIn = false;
  /** The platform's: `during` answers for this URL. */
  private readonly fetch = globalThis.fetch.bind(globalThis);

  constructor(
    private readonly url: string,
    options: ILoadOptions
  ) {
    const { compiled } = options;
    this.module = compiled ? Promise.resolve(compiled) : this.load(options);
    this.module.catch(() => undefined); // reported by who waits for it
  }

  /** What became of the linked runtime, once it is known which module there is. */
  linked(): Promise<ILinked> {
    const { module, found } = this;
    return module.then(
      () => found,
      () => found
    );
  }

  private async load({
    linked = [],
    check
  }: ILoadOptions): Promise<WebAssembly.Module> {
    const urls = 'then' in linked ? await linked : linked;
    if (urls.length > 0) {
      try {
        const response = await fetchPieces(urls);
        if (check) {
          this.found.bytes = response.clone().arrayBuffer();
          this.found.bytes.catch(() => undefined); // reported by who waits for it
        }
        const module = await compile(response);
        this.standsIn = true;
        return module;
      } catch (error) {
        this.found.failure = error;
      }
    }
    return this.loadPlain();
  }

  private async loadPlain(): Promise<WebAssembly.Module> {
    try {
      return await compile(await fetchFile(this.url, this.fetch));
    } catch (error) {
      if (error instanceof WebAssembly.CompileError) throw error;
      throw notLoaded(this.url, error);
    }
  }

  /** Nothing is restored: a linked runtime is of no use then. */
  private async plain(): Promise<WebAssembly.Module> {
    const module = await this.module;
    const linked =
      this.standsIn ||
      WebAssembly.Module.exports(module).some(({ name }) => name === EXPORTS);
    return linked ? this.loadPlain() : module;
  }

  /** Answer for as long as Pyodide loads. */
  async during<T>(load: () => Promise<T>): Promise<T> {
    const { module, url } = this;
    const answer = Promise.resolve(new Response());
    const { fetch } = globalThis;
    const { instantiateStreaming, Module } = WebAssembly;
    let fail!: (error: unknown) => void;
    const failed = new Promise<never>((_, reject) => (fail = reject));
    module.catch(fail);
    globalThis.fetch = (...request) => {
      // Pyodide asks with a URL object.
      const asked = String(request[0]);
      if (asked === EMPTY_FILE) return Promise.resolve(new Response());
      return asked === url ? answer : fetch(...request);
    };
    WebAssembly.instantiateStreaming = async (source, imports) => {
      if (source !== answer) return instantiateStreaming(source, imports);
      try {
        const restoring = imports && MEMORY_MODULE in imports;
        const compiled = restoring ? await module : await this.plain();
        return {
          instance: await WebAssembly.instantiate(compiled, imports),
          module: compiled
        };
      } catch (error) {
        fail(error);
        throw error;
      }
    };
    WebAssembly.Module = eachOnce(Module);
    try {
      // Pyodide would print why there is no module, and wait for ever.
      return await Promise.race([load(), failed]);
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

async function fetchFile(
  url: string,
  fetch: typeof globalThis.fetch = globalThis.fetch
): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  return response;
}

/** One answer for a file that is in pieces on its host; engines keep what they have compiled of one that is not. */
async function fetchPieces(urls: readonly string[]): Promise<Response> {
  const [first, ...others] = await Promise.all(urls.map(url => fetchFile(url)));
  if (others.length === 0) return first;
  const { readable, writable } = new TransformStream();
  void (async () => {
    try {
      for (const { body } of [first, ...others]) {
        await body!.pipeTo(writable, { preventClose: true });
      }
      await writable.close();
    } catch (error) {
      await writable.abort(error).catch(() => undefined);
    }
  })();
  return new Response(readable, { headers: { 'Content-Type': 'application/wasm' } });
}

/** Compile a module while it arrives; hosts that do not know its type send it as something else. */
async function compile(response: Response): Promise<WebAssembly.Module> {
  const type = response.headers.get('Content-Type') ?? '';
  return /^application\/wasm\b/.test(type)
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
