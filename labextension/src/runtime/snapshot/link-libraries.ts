import type {
  IHostFunction,
  ILinkInput,
  ILinked,
  IOrigin,
  Resolution
} from '../wasm/link';
import { RUNTIME, linkModules } from '../wasm/link';
import { ModuleError } from '../wasm/parse';
import { SnapshotError } from './error';
import { offsetsOf } from './link-record';
import type { Exports, ILinker, SymbolFunction } from './module';
import { MAIN } from './module';
import type { ILibrary, ILinkRecord, ILinkerRecord } from './record';
import { functionType } from './signature';

/** A module of a running kernel: the runtime, or a library. */
export interface IRunning {
  bytes: Uint8Array;
  /** Of its instance. */
  exports: WebAssembly.Exports;
}

export interface IRunningRuntime extends IRunning {
  /** Of the function table, as its file makes it. */
  tableLength: number;
}

/**
 * Link the libraries of a running kernel into a copy of its runtime, see `linkModules`, and note in the record where what
 * they export is.
 *
 * @param libraries - In the order of the record.
 * @throws SnapshotError
 */
export function linkLibraries(
  linker: ILinker,
  record: ILinkRecord,
  { libraries: described }: ILinkerRecord,
  runtime: IRunningRuntime,
  libraries: readonly IRunning[]
): Pick<ILinked, 'bytes' | 'maximum'> {
  const origins = originsOf(runtime, libraries);
  const functionOf = (symbol: unknown) => origins.get(symbol as object);
  const main = linker.LDSO.loadedLibsByName[MAIN].exports as Exports;
  const scopes = scopesOf(linker, described);
  const resolve = (library: ILibrary, symbol: string): Resolution => {
    const found = linker.isSymbolDefined(symbol)
      ? main[symbol]
      : (scopes.get(library.name)?.[symbol] ?? exportsOf(linker, library.name)[symbol]);
    return found ? (functionOf(found) ?? 'host') : 'late';
  };
  const slots: ILinkInput['slots'][number][] = [];
  record.slots = record.slots.filter(([index, library, symbol]) => {
    const owner = library === RUNTIME ? MAIN : described[library].name;
    const origin = functionOf(exportsOf(linker, owner)[symbol]);
    if (origin) slots.push({ index, origin });
    return !origin;
  });
  const offsets = offsetsOf(linker);
  const addresses = Object.entries(offsets).filter(([, value]) => value > 0);
  const linked = attemptLink(described, {
    runtime: runtime.bytes,
    libraries: described.map((library, index) => ({
      bytes: libraries[index].bytes,
      memoryBase: library.memoryBase,
      tableBase: library.tableBase,
      resolve: symbol => resolve(library, symbol)
    })),
    addresses: new Map(addresses),
    appended: appendedTo(linker, record, runtime, offsets),
    slots
  });
  described.forEach((library, index) => Object.assign(library, linked.exports[index]));
  return linked;
}

function attemptLink(described: readonly ILibrary[], input: ILinkInput): ILinked {
  try {
    return linkModules(input);
  } catch (error) {
    if (!(error instanceof ModuleError || error instanceof RangeError)) throw error;
    const text = error.message.replace(
      /\blibrary (\d+)\b/g,
      (_, index) => described[Number(index)].name
    );
    throw new SnapshotError(`its libraries cannot be linked into the runtime: ${text}`);
  }
}

/**
 * Emscripten gives an address to each function that the runtime exports, and then to each of its own in JavaScript whose
 * address the runtime takes, one after the other.
 */
function appendedTo(
  linker: ILinker,
  { tableStart }: ILinkRecord,
  { exports, tableLength }: IRunningRuntime,
  offsets: Record<string, number>
): ILinkInput['appended'] {
  const functions = new Map<number, IHostFunction | string>();
  for (const [name, address] of Object.entries(offsets)) {
    if (address < tableLength || address >= tableStart) continue;
    if (typeof exports[name] === 'function') {
      functions.set(address, name);
      continue;
    }
    const { sig } = (linker.resolveGlobalSymbol(name).sym ?? {}) as SymbolFunction;
    if (sig) functions.set(address, { name, type: functionType(sig) });
  }
  const appended: (IHostFunction | string)[] = [];
  for (let address = tableLength; functions.has(address); address++) {
    appended.push(functions.get(address)!);
  }
  return appended;
}

/** Which module each function is from that a module exports. */
function originsOf(
  runtime: IRunning,
  libraries: readonly IRunning[]
): Map<object, IOrigin> {
  const origins = new Map<object, IOrigin>();
  [runtime, ...libraries].forEach(({ exports }, index) => {
    for (const [name, value] of Object.entries(exports)) {
      // A library may export what it has imported.
      if (typeof value === 'function' && !origins.has(value)) {
        origins.set(value, { module: index + RUNTIME, name });
      }
    }
  });
  return origins;
}

function exportsOf({ LDSO }: ILinker, name: string): Exports {
  return LDSO.loadedLibsByName[name].exports as Exports;
}

/**
 * The symbols that a library and what it needs have found in each other when Emscripten's `loadDynamicLibrary` had opened
 * them all; none for those whose symbols are seen by all.
 */
function scopesOf(
  linker: ILinker,
  libraries: readonly ILibrary[]
): Map<string, Exports | null> {
  const byName = new Map(libraries.map(library => [library.name, library]));
  const scopes = new Map<string, Exports | null>();
  const open = (library: ILibrary, scope: Exports | null) => {
    scopes.set(library.name, scope);
    for (const name of library.needed) {
      if (!scopes.has(name)) open(byName.get(name)!, scope);
      else if (scope) Object.assign(scope, exportsOf(linker, name));
    }
    if (scope && !library.global) {
      Object.assign(scope, exportsOf(linker, library.name));
    }
  };
  for (const library of libraries) {
    if (!scopes.has(library.name)) open(library, library.global ? null : {});
  }
  return scopes;
}
