import { SnapshotError } from './error';
import { slotOwner } from './link-record';
import type {
  Exports,
  ILibraryObject,
  ILinker,
  Symbol,
  SymbolFunction
} from './module';
import { MAIN } from './module';
import type { ILibrary, ILinkRecord, Promotion } from './record';

/**
 * Link the libraries of a snapshot where they were, in a runtime in which Python has not started.
 *
 * Instantiating a library writes its data and its part of the table. Relocations and constructors are not run:
 * the memory of the snapshot, which is written afterwards, holds what they did.
 *
 * @param modules - The libraries, in the order of the record.
 */
export function relink(
  linker: ILinker,
  record: ILinkRecord,
  modules: readonly WebAssembly.Module[]
): void {
  const { tableStart, tableEnd, libraries, promotions, got } = record;
  const found = linker.wasmTable.length;
  if (found !== tableStart) {
    throw new SnapshotError(
      `the runtime has ${found} functions in its table where the snapshot expects ${tableStart}: this browser ` +
        'lacks or has a feature that the build machine had not or had'
    );
  }
  linker.wasmTable.grow(tableEnd - tableStart);
  fillOffsets(linker, got);
  new Relinking(linker, libraries, promotions, modules).run();
  for (const [index, library, symbol] of record.slots) {
    const fn = slotOwner(linker, libraries, library)[symbol] as
      SymbolFunction | undefined;
    if (typeof fn !== 'function') {
      throw new SnapshotError(
        `no function ${symbol} in ${libraries[library]?.name ?? 'the runtime'}`
      );
    }
    setSlot(linker, index, fn);
  }
}

function fillOffsets(linker: ILinker, got: ILinkRecord['got']): void {
  for (const [symbol, value] of Object.entries(got)) {
    const entry = linker.GOT[symbol];
    if (!entry) {
      linker.GOT[symbol] = new WebAssembly.Global(
        { value: 'i32', mutable: true },
        value
      );
    } else if (entry.value !== value) {
      // -1: not resolved yet, 0: nobody had it and nobody needs it
      if (entry.value > 0) {
        throw new SnapshotError(
          `the runtime has ${symbol} at ${entry.value}, the snapshot expects it at ${value}`
        );
      }
      entry.value = value;
    }
  }
}

/** Put a function where its address says that it is. */
function setSlot(linker: ILinker, index: number, fn: SymbolFunction): void {
  try {
    linker.setWasmTableEntry(index, fn);
  } catch (error) {
    // A function of JavaScript has to be wrapped, as it was when its address was taken.
    if (!(error instanceof TypeError)) throw error;
    linker.freeTableIndexes.push(index);
    if (linker.addFunction(fn, fn.sig) !== index) {
      throw new SnapshotError(`the function ${fn.name} has another address already`);
    }
    return;
  }
  linker.updateTableMap(index, 1); // or Emscripten would give the function a second address
}

/** The symbols that a library and what it needs have found in each other; none where all of them are global. */
type Scope = Exports | null;

/**
 * Opens libraries in the order, and with the scopes, in which Emscripten's `loadDynamicLibrary` has opened them.
 */
class Relinking {
  private readonly byName: Map<string, ILibrary>;
  private readonly modules: Map<string, WebAssembly.Module>;
  private readonly promotions: Promotion[];
  private opened = 0;

  constructor(
    private readonly linker: ILinker,
    private readonly libraries: readonly ILibrary[],
    promotions: readonly Promotion[],
    modules: readonly WebAssembly.Module[]
  ) {
    this.byName = new Map(libraries.map(library => [library.name, library]));
    this.modules = new Map(libraries.map(({ name }, index) => [name, modules[index]]));
    this.promotions = [...promotions];
  }

  run(): void {
    for (const library of this.libraries) {
      if (!this.linker.LDSO.loadedLibsByName[library.name]) {
        this.open(library, library.global ? null : {});
      }
      this.promote();
    }
  }

  /** Make those global that had become so when as many libraries were open as are now. */
  private promote(): void {
    const { LDSO } = this.linker;
    while (this.promotions.length > 0 && this.promotions[0][1] <= this.opened) {
      const [library] = this.promotions.shift()!;
      const object = LDSO.loadedLibsByName[this.libraries[library].name];
      object.global = true;
      this.linker.mergeLibSymbols(object.exports as Exports, object.name);
    }
  }

  private open(library: ILibrary, scope: Scope): void {
    const { linker } = this;
    const object = linker.newDSO(library.name, undefined, {});
    this.opened++;
    object.refcount = library.refcount < 0 ? Infinity : library.refcount;
    object.global = library.global;
    for (const handle of library.handles) {
      linker.LDSO.loadedLibsByHandle[handle] = object;
    }
    for (const name of library.needed) {
      const opened: ILibraryObject | undefined = linker.LDSO.loadedLibsByName[name];
      if (!opened) {
        this.open(this.byName.get(name)!, scope);
      } else if (scope) {
        Object.assign(scope, opened.exports);
      }
    }
    const exports = this.instantiate(library, scope);
    object.exports = exports;
    if (library.global) {
      linker.mergeLibSymbols(exports, library.name);
    } else if (scope) {
      Object.assign(scope, exports);
    }
  }

  private instantiate(library: ILibrary, scope: Scope): Exports {
    const { linker } = this;
    const module = this.modules.get(library.name)!;
    const runtime = linker.LDSO.loadedLibsByName[MAIN].exports as Exports;
    const stubs: Record<string, SymbolFunction> = {};
    let own: Exports = {};
    const resolve = (symbol: string): SymbolFunction => {
      const found: Symbol | undefined =
        linker.resolveGlobalSymbol(symbol).sym ?? scope?.[symbol] ?? own[symbol];
      if (typeof found !== 'function') {
        throw new Error(`Dynamic linking error: cannot resolve symbol ${symbol}`);
      }
      return found as SymbolFunction;
    };
    const env = new Proxy(stubs, {
      get(_, symbol: string) {
        if (symbol === '__memory_base') return library.memoryBase;
        if (symbol === '__table_base') return library.tableBase;
        if (linker.isSymbolDefined(symbol)) return runtime[symbol];
        let found: SymbolFunction | undefined;
        stubs[symbol] ??= (...args) => (found ??= resolve(symbol))(...args);
        return stubs[symbol];
      }
    });
    const { weakImports } = linker.getDylinkMetadata(module);
    const offsets = new Proxy(
      weakImports,
      linker.GOTHandler as ProxyHandler<Set<string>>
    );
    const instance = new WebAssembly.Instance(module, {
      env,
      wasi_snapshot_preview1: env,
      'GOT.mem': offsets,
      'GOT.func': offsets
    } as unknown as WebAssembly.Imports);
    linker.updateTableMap(library.tableBase, library.tableSize);
    own = linker.relocateExports(instance.exports, library.memoryBase);
    return own;
  }
}
