import { SnapshotError } from './error';
import type { ILinker } from './module';
import type { ILinkRecord } from './record';

/** Where a builtin function of Python has the address of its definition, and that of its C function; in bytes. */
const DEFINITION = 8;
const FUNCTION = 4;

/**
 * Have Python's `run_sync`, by which `time.sleep` and `asyncio.run` wait, do what this engine can.
 *
 * It is one of two C functions: Pyodide chooses when Python starts, by whether stacks can be switched. Node, which takes
 * snapshots, cannot do that by itself.
 *
 * @param addresses - See `runSyncAddresses`.
 * @param builtin - The address of `run_sync`.
 * @throws SnapshotError when neither is there.
 */
export function refreshRunSync(
  linker: ILinker,
  [able, unable]: ILinkRecord['runSync'],
  builtin: number
): void {
  const words = new Uint32Array(linker.HEAPU8.buffer);
  const place = (words[(builtin + DEFINITION) / 4] + FUNCTION) / 4;
  if (words[place] !== able && words[place] !== unable) {
    throw new SnapshotError(
      `run_sync is the function ${words[place]}, expected ${able} or ${unable}`
    );
  }
  words[place] = linker.jspiSupported ? able : unable;
}

/** The addresses of the two functions. */
export function runSyncAddresses(linker: ILinker): ILinkRecord['runSync'] {
  return [
    linker.addFunction(linker._run_sync),
    linker.addFunction(linker._run_sync_not_supported)
  ];
}
