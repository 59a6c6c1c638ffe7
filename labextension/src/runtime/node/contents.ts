import type { ITaken } from '../snapshot';
import type { ICost } from './cost';

/** What is in a snapshot, for people who want it smaller; sizes in bytes. The same for the same input. */
export interface IContents {
  /** Of the memory as a kernel has it. */
  memory: number;
  /** What was there when the warm-up began. */
  kernel: { bytes: number; modules: number };
  /** By how much the memory grew, and how many modules were loaded; the largest first. */
  warm_up: { package: string; bytes: number; modules: number }[];
  /** Compiled libraries, the largest first. */
  libraries: { path: string; size: number }[];
}

/** Put together what a build writes beside a snapshot. */
export function contentsOf(
  taken: ITaken,
  kernel: IContents['kernel'],
  costs: readonly ICost[]
): IContents {
  return {
    memory: taken.memory.length,
    kernel,
    warm_up: costs.map(({ package: name, bytes, modules }) => ({
      package: name,
      bytes,
      modules
    })),
    libraries: taken.known.libraries
      .map(({ name }, index) => ({ path: name, size: taken.librarySizes[index] }))
      .sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1))
  };
}
