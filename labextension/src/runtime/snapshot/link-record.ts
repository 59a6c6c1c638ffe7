import { SnapshotError } from './error';
import type { Exports, ILibraryObject, ILinker, SymbolFunction } from './module';
import { MAIN } from './module';
import type { LibraryObserver } from './observe';
import type { PromotionObserver } from './promotions';
import type { ILibrary, ILinkRecord, ILinkerRecord, Promotion, Slot } from './record';
import { RUNTIME } from './record';
import { runSyncAddresses } from './run-sync';

/** A runtime in which Python has not started. */
export interface IRuntimeStart {
  /** Length of the function table as the runtime's own file makes it. */
  tableOwn: number;
  /** Length of the function table. */
  tableStart: number;
  heapStart: number;
  /** The addresses of what the runtime exports. */
  got: Record<string, number>;
  /** What the runtime's own file has put into the memory, from address 0 on. */
  data: Uint8Array;
}

/**
 * Record how the libraries of a running kernel are linked.
 *
 * @param start - What there was before Python started.
 * @throws SnapshotError when something is there that could not be linked again.
 */
export function takeLinkRecord(
  linker: ILinker,
  observer: LibraryObserver,
  promoted: PromotionObserver,
  start: IRuntimeStart
): { link: ILinkRecord; known: ILinkerRecord } {
  const objects = Object.values(linker.LDSO.loadedLibsByName).filter(
    ({ name, exports }) => name !== MAIN && exports !== 'loading' // opening it has failed
  );
  const handles = handlesByName(linker);
  const libraries = objects.map(object =>
    describe(linker, observer, object, handles.get(object.name) ?? [])
  );
  const promotions = findPromotions(linker, libraries, promoted);
  for (const [library] of promotions) libraries[library].global = false;
  const { tableStart, heapStart, got } = start;
  const offsets = offsetsOf(linker);
  return {
    link: {
      heapStart,
      tableStart,
      tableEnd: linker.wasmTable.length,
      slots: findSlots(linker, objects, libraries, tableStart),
      runSync: runSyncAddresses(linker)
    },
    known: {
      libraries,
      promotions,
      exported: findExported(linker, objects, tableStart),
      got: Object.fromEntries(
        Object.entries(offsets).filter(([symbol, value]) => got[symbol] !== value)
      )
    }
  };
}

/** The global offset table as it is. */
export function offsetsOf({ GOT }: ILinker): Record<string, number> {
  return Object.fromEntries(
    Object.entries(GOT).map(([symbol, { value }]) => [symbol, value])
  );
}

function handlesByName({ LDSO }: ILinker): Map<string, number[]> {
  const handles = new Map<string, number[]>();
  for (const [handle, { name }] of Object.entries(LDSO.loadedLibsByHandle)) {
    handles.set(name, [...(handles.get(name) ?? []), Number(handle)]);
  }
  return handles;
}

function describe(
  linker: ILinker,
  observer: LibraryObserver,
  object: ILibraryObject,
  handles: number[]
): ILibrary {
  const { name, global, refcount } = object;
  const exports = object.exports as Exports;
  const instance = observer.find(exports);
  if (!instance) {
    throw new SnapshotError(`it is not known where the library ${name} lies in memory`);
  }
  const script = Object.keys(instance.exports).find(
    symbol => symbol.startsWith('__em_js__') || symbol === '__start_em_asm'
  );
  if (script) {
    throw new SnapshotError(
      `the library ${name} brings JavaScript of its own (${script}), which cannot be linked again`
    );
  }
  const metadata = linker.getDylinkMetadata(linker.FS.readFile(name));
  const rpath = { parentLibPath: name, paths: metadata.runtimePaths };
  const needed = metadata.neededDynlibs.map(needed =>
    linker.PATH.normalize(linker.findLibraryFS(needed, rpath) ?? needed)
  );
  const missing = needed.find(path => !linker.LDSO.loadedLibsByName[path]);
  if (missing) {
    throw new SnapshotError(
      `the library ${name} needs ${missing}, which is opened under another name`
    );
  }
  return {
    name,
    memoryBase: instance.memoryBase,
    tableBase: instance.tableBase,
    tableSize: metadata.tableSize ?? 0,
    global,
    refcount: refcount === Infinity ? -1 : refcount,
    handles,
    needed,
    functions: {},
    data: {}
  };
}

function findPromotions(
  { LDSO }: ILinker,
  libraries: ILibrary[],
  { seen }: PromotionObserver
): Promotion[] {
  const opened = Object.keys(LDSO.loadedLibsByName);
  const index = new Map(libraries.map(({ name }, index) => [name, index]));
  return seen
    .filter(({ name }) => index.has(name))
    .map(({ name, opened: count }) => [
      index.get(name)!,
      opened.slice(0, count).filter(other => index.has(other)).length
    ]);
}

function findExported(
  linker: ILinker,
  objects: ILibraryObject[],
  tableStart: number
): number[] {
  const all = [linker.LDSO.loadedLibsByName[MAIN], ...objects];
  const addresses = all.flatMap(({ exports }) =>
    Object.values(exports as Exports)
      .filter(value => typeof value === 'function')
      .map(value => linker.getFunctionAddress(value as SymbolFunction))
  );
  const own = new Set(addresses.filter(address => address >= tableStart));
  return [...own].sort((a, b) => a - b);
}

/** Name the functions whose address was taken after the start, and that so got a slot of their own. */
function findSlots(
  linker: ILinker,
  objects: ILibraryObject[],
  libraries: ILibrary[],
  tableStart: number
): Slot[] {
  const { length } = linker.wasmTable;
  const owned = new Uint8Array(length);
  for (const { tableBase, tableSize } of libraries) {
    owned.fill(1, tableBase, tableBase + tableSize);
  }
  const slots: Slot[] = [];
  const all = [linker.LDSO.loadedLibsByName[MAIN], ...objects];
  all.forEach(({ exports }, position) => {
    for (const [symbol, value] of Object.entries(exports as Exports)) {
      if (typeof value !== 'function') continue;
      const index = linker.getFunctionAddress(value as SymbolFunction);
      if (index < tableStart || owned[index]) continue;
      owned[index] = 1;
      slots.push([index, position - 1, symbol]);
    }
  });
  for (let index = tableStart; index < length; index++) {
    if (!owned[index] && linker.wasmTable.get(index) !== null) {
      throw new SnapshotError(
        `slot ${index} of the function table holds a function that no library exports: ` +
          'a callback from ctypes or cffi that is still alive, or a library that was closed'
      );
    }
  }
  return slots.sort((a, b) => a[0] - b[0]);
}

/** The symbols in which a slot is looked up, and of what. */
export function slotOwner(
  linker: ILinker,
  libraries: readonly ILibrary[],
  library: number
): { name: string; symbols: Exports } {
  const name = library === RUNTIME ? MAIN : libraries[library].name;
  const symbols = linker.LDSO.loadedLibsByName[name].exports as Exports;
  return { name, symbols };
}
