import type { IEmscriptenFS } from '../../emscripten';

/**
 * What this folder uses of Emscripten's private linker, as Pyodide's build exports it on its module.
 *
 * Source of the shapes: Emscripten's `src/lib/libdylink.js`, `libaddfunction.js` and `libcore.js`.
 */
export interface ILinker {
  FS: IEmscriptenFS & { streams: (IOpenStream | null | undefined)[] };
  PATH: { normalize(path: string): string };
  HEAPU8: Uint8Array;
  wasmTable: WebAssembly.Table;
  /** Addresses of symbols, by name: the global offset table. */
  GOT: Record<string, WebAssembly.Global<'i32'>>;
  GOTHandler: ProxyHandler<Set<string>>;
  LDSO: {
    loadedLibsByName: Record<string, ILibraryObject>;
    loadedLibsByHandle: Record<number, ILibraryObject>;
  };
  /** Indexes of the table that `addFunction` takes before it makes the table longer. */
  freeTableIndexes: number[];
  /** Make the memory this many bytes large; 1 when that worked. */
  growMemory(size: number): 1 | undefined;
  newDSO(name: string, handle: number | undefined, exports: Exports): ILibraryObject;
  getDylinkMetadata(binary: Uint8Array | WebAssembly.Module): IDylinkMetadata;
  findLibraryFS(
    name: string,
    rpath: { parentLibPath: string; paths: string[] }
  ): string | undefined;
  relocateExports(exports: WebAssembly.Exports, memoryBase: number): Exports;
  mergeLibSymbols(exports: Exports, name: string): void;
  /** Put the addresses of what a module exports into the global offset table, where they are not in it. */
  updateGOT(exports: WebAssembly.Exports): void;
  resolveGlobalSymbol(symbol: string): { sym?: Symbol };
  isSymbolDefined(symbol: string): boolean;
  addFunction(fn: SymbolFunction, signature?: string): number;
  getFunctionAddress(fn: SymbolFunction): number;
  setWasmTableEntry(index: number, fn: SymbolFunction): void;
  /** Note the addresses of the functions in `[start, start + count)` of the table. */
  updateTableMap(start: number, count: number): void;
  /** The environment of a process that starts now, as `NAME=value`. */
  getEnvStrings(): string[];
  UTF8ToString(address: number): string;
  /** Addresses of C's `timezone`, `daylight` and `tzname`. */
  _timezone: number;
  _daylight: number;
  _tzname: number;
  /** Whether this engine can switch stacks. */
  jspiSupported: boolean;
  /** The C functions of Python's `run_sync`, where stacks can be switched and where not. */
  _run_sync: SymbolFunction;
  _run_sync_not_supported: SymbolFunction;
  __tzset_js(
    timezone: number,
    daylight: number,
    standardName: number,
    summerName: number
  ): void;
}

/** A function of WebAssembly or of the JavaScript half of the runtime, which knows its own signature. */
export type SymbolFunction = ((...args: never[]) => unknown) & {
  sig?: string;
  stub?: boolean;
};

export type Symbol = SymbolFunction | WebAssembly.Global | WebAssembly.ExportValue;

export type Exports = Record<string, Symbol>;

/** Emscripten's record of one opened library. */
export interface ILibraryObject {
  name: string;
  /** `Infinity` for a library that is never closed. */
  refcount: number;
  /** Its symbols are seen by libraries that are opened later. */
  global: boolean;
  exports: Exports | 'loading';
}

/** What a library says about itself in its section `dylink.0`. */
export interface IDylinkMetadata {
  memorySize: number;
  tableSize: number;
  neededDynlibs: string[];
  weakImports: Set<string>;
  runtimePaths: string[];
}

/** An open file, as `FS.streams` lists it by its number. */
export interface IOpenStream {
  path?: string;
  flags: number;
  position: number;
  node: { mode: number };
}

/** The name under which the linker keeps the runtime itself. */
export const MAIN = '__main__';

/** The module that a Pyodide runs in. */
export function linkerOf(pyodide: unknown): ILinker {
  return (pyodide as { _module: ILinker })._module;
}
