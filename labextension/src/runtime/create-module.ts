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
}

/**
 * Make the module of a runtime, and tell of its WebAssembly as soon as it is instantiated: the memory holds the data of
 * its file then, and nothing has run. Nothing does until `onInstance` is done.
 *
 * @throws what `onInstance` throws
 */
export async function createModule(
  create: CreatePyodideModule,
  settings: Settings,
  onInstance: (instance: IInstance) => void | Promise<void>
): Promise<Awaited<ReturnType<CreatePyodideModule>>> {
  const hooked = settings as unknown as IInstantiating;
  const { instantiateWasm } = hooked;
  const refused = new Promise<never>((_, refuse) => {
    hooked.instantiateWasm = (imports, receive) =>
      instantiateWasm(imports, async (instance, module) => {
        try {
          const memory = instance.exports.memory as WebAssembly.Memory;
          await onInstance({ memory, module });
          await receive(instance, module);
        } catch (error) {
          // Pyodide would print it, and wait for ever.
          refuse(error);
        }
      });
  });
  return Promise.race([create(settings), refused]);
}
