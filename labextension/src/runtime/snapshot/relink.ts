import { EXPORTS } from '../wasm/names';
import { RuntimeMisfit, SnapshotError } from './error';
import { slotOwner } from './link-record';
import { LinkerTold, whenAsked } from './linker-told';
import type { ILinker, SymbolFunction } from './module';
import type { ILinkRecord, ILinkerRecord } from './record';

/**
 * Put what is linked into a runtime in which Python has not started where it belongs, and have the linker know of it once
 * that is asked.
 *
 * Relocations and constructors are not run: the memory of the snapshot holds what they did.
 *
 * @param exports - Of the linked runtime.
 * @param known - Reads what the linker is told.
 */
export function relink(
  linker: ILinker,
  record: ILinkRecord,
  exports: WebAssembly.Exports,
  known: () => ILinkerRecord
): void {
  const { tableStart, tableEnd, slots } = record;
  if (!isLinked(exports)) {
    throw new RuntimeMisfit('its libraries are not linked into the runtime');
  }
  const found = linker.wasmTable.length;
  if (found !== tableStart) {
    throw new SnapshotError(
      `the runtime has ${found} functions in its table where the snapshot expects ${tableStart}: this browser ` +
        'lacks or has a feature that the build machine had not or had'
    );
  }
  linker.wasmTable.grow(tableEnd - tableStart);
  const functions = exports[EXPORTS] as WebAssembly.Table;
  (functions.get(0) as () => void)();
  const told = new LinkerTold(linker, record, exports, functions, known);
  whenAsked(linker.LDSO, () => told.tell());
  for (const [index, library, symbol] of slots) {
    const { name, symbols } = slotOwner(linker, told.libraries, library);
    const fn = symbols[symbol] as SymbolFunction | undefined;
    if (typeof fn !== 'function') {
      throw new SnapshotError(`no function ${symbol} in ${name}`);
    }
    setSlot(linker, index, fn);
  }
}

/** Whether libraries are linked into a runtime. */
export function isLinked(exports: WebAssembly.Exports): boolean {
  return exports[EXPORTS] instanceof WebAssembly.Table;
}

/** Put a function of JavaScript where its address says that it is: it has to be wrapped, as it was when that was taken. */
function setSlot(linker: ILinker, index: number, fn: SymbolFunction): void {
  linker.freeTableIndexes.push(index);
  if (linker.addFunction(fn, fn.sig) !== index) {
    throw new SnapshotError(`the function ${fn.name} has another address already`);
  }
}
