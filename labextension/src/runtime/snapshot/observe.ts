/** An instance of a library, with the bases that it was given. */
export interface IInstantiated {
  memoryBase: number;
  tableBase: number;
  exports: WebAssembly.Exports;
  /** What its file has put into its part of the memory. */
  data: Uint8Array;
}

/** The type of the subsection of `dylink.0` that says how much memory a library needs. */
const MEMORY_INFO = 1;

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
    const note = (
      instance: WebAssembly.Instance,
      module: WebAssembly.Module,
      imports?: WebAssembly.Imports
    ) => this.note(instance, module, imports);
    WebAssembly.Instance = class extends Instance {
      constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
        super(module, imports);
        note(this, module, imports);
      }
    };
    WebAssembly.instantiate = (async (
      source: BufferSource | WebAssembly.Module,
      imports?: WebAssembly.Imports
    ) => {
      const answer = await instantiate(source as BufferSource, imports);
      if (answer instanceof Instance) {
        note(answer, source as WebAssembly.Module, imports);
      } else {
        note(answer.instance, answer.module, imports);
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

  private note(
    instance: WebAssembly.Instance,
    module: WebAssembly.Module,
    imports?: WebAssembly.Imports
  ): void {
    const {
      __memory_base: memoryBase,
      __table_base: tableBase,
      memory
    } = (imports?.env ?? {}) as Record<string, unknown>;
    // Other instances have none of these.
    if (typeof memoryBase !== 'number' || typeof tableBase !== 'number') return;
    // Nothing has run yet: relocations and constructors are called by Emscripten.
    const { buffer } = memory as WebAssembly.Memory;
    const data = new Uint8Array(buffer, memoryBase, memorySizeOf(module)).slice();
    this.seen.push({ memoryBase, tableBase, exports: instance.exports, data });
    this.onInstantiated?.();
  }
}

/** How much memory a library needs, in bytes, in whole words. */
function memorySizeOf(module: WebAssembly.Module): number {
  const [section] = WebAssembly.Module.customSections(module, 'dylink.0');
  const bytes = new Uint8Array(section);
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const type = bytes[at++];
    const length = number();
    if (type === MEMORY_INFO) return (number() + 3) & ~3;
    at += length;
  }
  return 0;
}
