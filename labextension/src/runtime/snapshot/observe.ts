/** An instance of a library, with the bases that it was given. */
export interface IInstantiated {
  memoryBase: number;
  tableBase: number;
  exports: WebAssembly.Exports;
}

/**
 * Note each library that is instantiated until `stop`.
 *
 * Emscripten writes the bases into its `struct dso`, but a library that is opened only because another needs it
 * has none. They are imports of the instance: seen here, they are known for every library.
 */
export class LibraryObserver {
  readonly seen: IInstantiated[] = [];

  /** Called after each of them, before the linker goes on. */
  onInstantiated: (() => void) | undefined;

  private readonly Instance = WebAssembly.Instance;
  private readonly instantiate = WebAssembly.instantiate;

  constructor() {
    const { Instance, instantiate } = this;
    const note = (instance: WebAssembly.Instance, imports?: WebAssembly.Imports) =>
      this.note(instance, imports);
    WebAssembly.Instance = class extends Instance {
      constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
        super(module, imports);
        note(this, imports);
      }
    };
    WebAssembly.instantiate = (async (
      source: BufferSource | WebAssembly.Module,
      imports?: WebAssembly.Imports
    ) => {
      const answer = await instantiate(source as BufferSource, imports);
      if (answer instanceof Instance) {
        note(answer, imports);
      } else {
        note(answer.instance, imports);
      }
      return answer;
    }) as typeof WebAssembly.instantiate;
  }

  stop(): void {
    WebAssembly.Instance = this.Instance;
    WebAssembly.instantiate = this.instantiate;
  }

  /** The instance that a library's symbols come from. */
  find(exports: Record<string, unknown>): IInstantiated | undefined {
    return this.seen.find(({ exports: own }) => {
      const functions = Object.keys(own).filter(
        name => typeof own[name] === 'function'
      );
      return (
        functions.length > 0 && functions.every(name => exports[name] === own[name])
      );
    });
  }

  private note(instance: WebAssembly.Instance, imports?: WebAssembly.Imports): void {
    const { __memory_base: memoryBase, __table_base: tableBase } = (imports?.env ??
      {}) as Record<string, unknown>;
    // Other instances have none of these.
    if (typeof memoryBase !== 'number' || typeof tableBase !== 'number') return;
    this.seen.push({ memoryBase, tableBase, exports: instance.exports });
    this.onInstantiated?.();
  }
}
