/** One library as it lay in the memory and the table when a snapshot was taken. */
export interface ILibrary {
  /** Its path in the kernel, which is its name for the linker. */
  name: string;
  memoryBase: number;
  tableBase: number;
  tableSize: number;
  /** Whether it was opened so that all others see its symbols. */
  global: boolean;
  /** -1 for a library that is never closed. */
  refcount: number;
  /** What `dlopen` answered, each time. */
  handles: number[];
  /** Names of the libraries that it needs. */
  needed: string[];
  /** Its functions, by name: where they are in the linked runtime's table of exports. */
  functions: Record<string, number>;
  /** Addresses of its data, by name. */
  data: Record<string, number>;
}

/** A slot of the table that belongs to no module's function: which function of JavaScript sits there, by whose name. */
export type Slot = [index: number, library: number, symbol: string];

/** A library that became global when so many others and itself had been opened. */
export type Promotion = [library: number, opened: number];

/** Index of the runtime itself in a `Slot`. */
export const RUNTIME = -1;

/** What a restore has to know of how the libraries are linked, beside the bytes in memory. */
export interface ILinkRecord {
  /** Where the heap of a runtime begins in which Python has not started. */
  heapStart: number;
  /** Length of the table before any library was opened; it depends on features of the engine too. */
  tableStart: number;
  tableEnd: number;
  slots: Slot[];
  /** The addresses of the two functions of which one is Python's `run_sync`, see `refreshRunSync`. */
  runSync: [able: number, unable: number];
}

/** What the linker knew of the libraries when a snapshot was taken, and is told when it is first asked. */
export interface ILinkerRecord {
  /** In the order in which opening began: a library comes before what only it needs. */
  libraries: ILibrary[];
  /** In the order in which they were made. */
  promotions: Promotion[];
  /** Where in the table functions are that a module exports, and that so have an address, behind `tableStart`. */
  exported: number[];
  /** The global offset table, but for what the runtime itself exports. */
  got: Record<string, number>;
}
