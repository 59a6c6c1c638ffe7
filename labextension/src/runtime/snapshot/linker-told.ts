import { SnapshotError } from './error';
import type { Exports, ILinker, SymbolFunction } from './module';
import type { ILibrary, ILinkRecord, ILinkerRecord, Promotion } from './record';

/*
 * Emscripten's linker keeps tables by name: the addresses of all symbols, the functions at all addresses, the libraries that
 * are open. A restored kernel needs them when it opens another library, or looks for a symbol by its name; most never do.
 * What they hold takes as long to make as the rest of a restore where there are many libraries.
 */

/** What stands in for each entry of the global offset table while nobody needs the true one. */
const SOME_ENTRY = { value: 0 };

/**
 * Have Emscripten's linker leave its tables empty while a runtime starts, as if all were in them that it would put there.
 *
 * @param table - Of the functions, which nobody has called yet.
 * @returns what ends it; the table has another length until then
 */
export function leaveEmpty({ GOT }: ILinker, table: WebAssembly.Table): () => void {
  const before = Object.getPrototypeOf(GOT) as object;
  const entries = new Proxy(
    {},
    { get: (_, name) => (typeof name === 'string' ? SOME_ENTRY : undefined) }
  );
  Object.setPrototypeOf(GOT, entries);
  // The addresses of the functions are listed by going through it.
  Object.defineProperty(table, 'length', { value: 0, configurable: true });
  return () => {
    Object.setPrototypeOf(GOT, before);
    delete (table as { length?: number }).length;
  };
}

/** Do something before anything else reads which libraries are open. */
export function whenAsked(LDSO: ILinker['LDSO'], tell: () => void): void {
  const names = ['loadedLibsByName', 'loadedLibsByHandle'] as const;
  const before = { ...LDSO };
  for (const name of names) {
    Object.defineProperty(LDSO, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        for (const name of names) {
          Object.defineProperty(LDSO, name, { value: before[name], writable: true });
        }
        tell();
        return LDSO[name];
      }
    });
  }
}

/** Tells the linker what is linked into the runtime. */
export class LinkerTold {
  private record: ILinkerRecord | undefined;

  /**
   * @param exports - Of the linked runtime.
   * @param functions - What its libraries export.
   */
  constructor(
    private readonly linker: ILinker,
    private readonly link: ILinkRecord,
    private readonly exports: WebAssembly.Exports,
    private readonly functions: WebAssembly.Table,
    private readonly known: () => ILinkerRecord
  ) {}

  get libraries(): readonly ILibrary[] {
    return this.read().libraries;
  }

  tell(): void {
    const { linker } = this;
    const { libraries, promotions, exported, got } = this.read();
    linker.updateTableMap(0, this.link.tableStart);
    // Or Emscripten would give them a second address; nobody but C knows others.
    for (const index of exported) linker.updateTableMap(index, 1);
    linker.updateGOT(this.exports);
    fillOffsets(linker, got);
    new Opening(linker, libraries, promotions, this.functions).run();
    this.record = undefined;
  }

  private read(): ILinkerRecord {
    return (this.record ??= this.known());
  }
}

function fillOffsets(linker: ILinker, got: ILinkerRecord['got']): void {
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

/** Opens libraries in the order in which Emscripten's `loadDynamicLibrary` has opened them. */
class Opening {
  private readonly byName: Map<string, ILibrary>;
  private readonly promotions: Promotion[];
  private opened = 0;

  constructor(
    private readonly linker: ILinker,
    private readonly libraries: readonly ILibrary[],
    promotions: readonly Promotion[],
    private readonly functions: WebAssembly.Table
  ) {
    this.byName = new Map(libraries.map(library => [library.name, library]));
    this.promotions = [...promotions];
  }

  run(): void {
    for (const library of this.libraries) {
      if (!this.linker.LDSO.loadedLibsByName[library.name]) this.open(library);
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

  private open(library: ILibrary): void {
    const { linker } = this;
    const object = linker.newDSO(library.name, undefined, {});
    this.opened++;
    object.refcount = library.refcount < 0 ? Infinity : library.refcount;
    object.global = library.global;
    for (const handle of library.handles) {
      linker.LDSO.loadedLibsByHandle[handle] = object;
    }
    for (const name of library.needed) {
      if (!linker.LDSO.loadedLibsByName[name]) this.open(this.byName.get(name)!);
    }
    const exports = this.exportsOf(library);
    object.exports = exports;
    if (library.global) linker.mergeLibSymbols(exports, library.name);
  }

  private exportsOf({ functions, data }: ILibrary): Exports {
    const exports: Exports = {};
    for (const [symbol, index] of Object.entries(functions)) {
      exports[symbol] = this.functions.get(index) as SymbolFunction;
    }
    for (const [symbol, address] of Object.entries(data)) {
      exports[symbol] = new WebAssembly.Global({ value: 'i32' }, address);
    }
    return exports;
  }
}
