import { EXPORTS } from '../wasm/names';
import { RuntimeMisfit, SnapshotError } from './error';
import { slotOwner } from './link-record';
import type { Exports, ILinker, SymbolFunction } from './module';
import type { ILibrary, ILinkRecord, Promotion } from './record';

/**
 * Make known to the linker of a runtime in which Python has not started what is linked into it already.
 *
 * Relocations and constructors are not run: the memory of the snapshot holds what they did.
 *
 * @param exports - Of the linked runtime.
 */
export function relink(
  linker: ILinker,
  record: ILinkRecord,
  exports: WebAssembly.Exports
): void {
  const { tableStart, tableEnd, libraries, promotions, got } = record;
  const found = linker.wasmTable.length;
  if (found !== tableStart) {
    throw new SnapshotError(
      `the runtime has ${found} functions in its table where the snapshot expects ${tableStart}: this browser ` +
        'lacks or has a feature that the build machine had not or had'
    );
  }
  if (!isLinked(exports)) {
    throw new RuntimeMisfit('its libraries are not linked into the runtime');
  }
  linker.wasmTable.grow(tableEnd - tableStart);
  fillOffsets(linker, got);
  const functions = exports[EXPORTS] as WebAssembly.Table;
  (functions.get(0) as () => void)();
  // Or Emscripten would give them a second address; nobody but C knows others.
  for (const index of record.exported) linker.updateTableMap(index, 1);
  new Relinking(linker, libraries, promotions, functions).run();
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

/** Whether libraries are linked into a runtime. */
export function isLinked(exports: WebAssembly.Exports): boolean {
  return exports[EXPORTS] instanceof WebAssembly.Table;
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

/** Put a function of JavaScript where its address says that it is: it has to be wrapped, as it was when that was taken. */
function setSlot(linker: ILinker, index: number, fn: SymbolFunction): void {
  linker.freeTableIndexes.push(index);
  if (linker.addFunction(fn, fn.sig) !== index) {
    throw new SnapshotError(`the function ${fn.name} has another address already`);
  }
}

/** Opens libraries in the order in which Emscripten's `loadDynamicLibrary` has opened them. */
class Relinking {
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
