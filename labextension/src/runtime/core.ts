import type { CreatePyodideModule } from './create-module';
import { EnvironmentError } from './manifest';

type LoadPyodide = typeof import('pyodide').loadPyodide;

/** Pyodide's core on a site: its two modules, and its WebAssembly. */
export interface ICore {
  loadPyodide: LoadPyodide;
  createPyodideModule: CreatePyodideModule;
}

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
  const wasm = new CoreWasm(`${base}pyodide.asm.wasm`, compiled);
  try {
    const [{ loadPyodide }, { default: createPyodideModule }] = await Promise.all([
      import(/* webpackIgnore: true */ `${base}pyodide.mjs`) as Promise<{
        loadPyodide: LoadPyodide;
      }>,
      import(/* webpackIgnore: true */ `${base}pyodide.asm.mjs`) as Promise<{
        default: CreatePyodideModule;
      }>
    ]);
    return {
      loadPyodide: options => wasm.during(() => loadPyodide(options)),
      createPyodideModule
    };
  } catch (error) {
    throw new EnvironmentError(
      `Python's runtime at ${base} could not be loaded (${String(error)}). Check the network, then restart the ` +
        'kernel; if it stays, the site is incomplete: build it again.'
    );
  }
}

/**
 * The WebAssembly of Pyodide, which it fetches and instantiates itself: it has no option to be given one, so what it
 * asks the platform for is answered with what is there already.
 */
class CoreWasm {
  private response: Promise<Response> | undefined;

  constructor(
    private readonly url: string,
    private readonly compiled?: WebAssembly.Module
  ) {
    this.response = compiled ? Promise.resolve(new Response()) : fetch(url);
    this.response.catch(() => undefined); // reported by Pyodide, which waits for it
  }

  /** Answer for as long as Pyodide loads. A second load, after the first has failed, gets a response of its own. */
  async during<T>(load: () => Promise<T>): Promise<T> {
    const { response, compiled, url } = this;
    if (!response) return load();
    this.response = compiled && Promise.resolve(new Response());
    const { fetch } = globalThis;
    const { instantiateStreaming } = WebAssembly;
    globalThis.fetch = (...request) =>
      request[0] === url ? response : fetch(...request);
    if (compiled) {
      WebAssembly.instantiateStreaming = async (source, imports) =>
        source === response
          ? {
              instance: await WebAssembly.instantiate(compiled, imports),
              module: compiled
            }
          : instantiateStreaming(source, imports);
    }
    try {
      return await load();
    } finally {
      globalThis.fetch = fetch;
      WebAssembly.instantiateStreaming = instantiateStreaming;
    }
  }
}
