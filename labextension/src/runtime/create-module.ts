import type { ILinker } from './snapshot/module';
import { lateImports } from './snapshot/late-imports';
import { MEMORY, MEMORY_MODULE } from './wasm/names';

type PyodideOptions = NonNullable<Parameters<typeof import('pyodide').loadPyodide>[0]>;

/** What `pyodide.asm.mjs` exports. */
export type CreatePyodideModule = NonNullable<PyodideOptions['createPyodideModule']>;

type Settings = Parameters<CreatePyodideModule>[0];

interface IInstantiating {
  instantiateWasm(imports: WebAssembly.Imports, receive: Receive): object;
}

type Receive = (instance: WebAssembly.Instance, module: WebAssembly.Module) => unknown;

/** The WebAssembly of a runtime, instantiated. */
export interface IInstance {
  memory: WebAssembly.Memory;
  module: WebAssembly.Module;
  exports: WebAssembly.Exports;
}

/**
 * Make the module of a runtime, and tell of its WebAssembly as soon as it is instantiated: the memory holds the data of
 * its file then, and nothing has run. Nothing does until `onInstance` is done.
 *
 * @param memory - The memory of a linked runtime, asked for before that is instantiated; without it, it is a plain one.
 * @throws what `onInstance` or `memory` throws
 */
export async function createModule(
  create: CreatePyodideModule,
  settings: Settings,
  onInstance: (instance: IInstance) => void | Promise<void>,
  memory?: () => Promise<WebAssembly.Memory>
): Promise<Awaited<ReturnType<CreatePyodideModule>>> {
  const hooked = settings as unknown as IInstantiating;
  const { instantiateWasm } = hooked;
  const linked = async (): Promise<WebAssembly.Imports> =>
    memory
      ? {
          [MEMORY_MODULE]: { [MEMORY]: await memory() },
          ...lateImports(settings as unknown as ILinker)
        }
      : {};
  const refused = new Promise<never>((_, refuse) => {
    const receiveFor =
      (receive: Receive): Receive =>
      async (instance, module) => {
        try {
          const { exports } = instance;
          const memory = exports.memory as WebAssembly.Memory;
          await onInstance({ memory, module, exports });
          await receive(instance, module);
        } catch (error) {
          // Pyodide would print it, and wait for ever.
          refuse(error);
        }
      };
    hooked.instantiateWasm = (imports, receive) => {
      linked().then(
        more => instantiateWasm({ ...imports, ...more }, receiveFor(receive)),
        refuse
      );
      return {};
    };
  });
  return Promise.race([create(settings), refused]);
}
