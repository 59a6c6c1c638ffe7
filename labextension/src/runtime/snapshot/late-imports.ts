import { LATE_ADDRESSES, LATE_FUNCTIONS } from '../wasm/names';
import type { ILinker, SymbolFunction } from './module';

/**
 * What a linked runtime imports for its libraries beside that which the runtime imports for itself: symbols that nobody
 * had when it was linked, and that libraries may bring which are opened later.
 *
 * @param linker - The module that is made; it is asked once there is anything in it.
 */
export function lateImports(linker: ILinker): WebAssembly.Imports {
  const functions = new Proxy<Record<string, SymbolFunction>>(
    {},
    {
      get: (_, symbol: string) => {
        let found: SymbolFunction | undefined;
        return (...args: never[]) => {
          found ??= linker.resolveGlobalSymbol(symbol).sym as
            SymbolFunction | undefined;
          if (!found) {
            throw new Error(`Dynamic linking error: cannot resolve symbol ${symbol}`);
          }
          return found(...args);
        };
      }
    }
  );
  const addresses = new Proxy<Record<string, WebAssembly.Global>>(
    {},
    {
      // 0 is what a symbol has that nobody needs to have.
      get: (_, symbol: string) =>
        (linker.GOT[symbol] ??= new WebAssembly.Global(
          { value: 'i32', mutable: true },
          0
        ))
    }
  );
  return { [LATE_FUNCTIONS]: functions, [LATE_ADDRESSES]: addresses };
}
