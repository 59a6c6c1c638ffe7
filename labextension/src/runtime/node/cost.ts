import type { PyodideAPI } from 'pyodide';

import { heapEnd } from '../snapshot/heap';
import { linkerOf } from '../snapshot/module';
import { type PythonFunction, runApart } from '../snapshot/take';

/** Stands for what the author's own code did beside importing. */
export const OWN = '(the warm-up itself)';

/** Stands for the packages of Python's own library, which nobody can leave out. */
export const STDLIB = '(standard library)';

/** What a warm-up has spent on the modules of one package. */
export interface ICost {
  /** The first name of the modules, or `OWN`, or `STDLIB`. */
  package: string;
  /** How many modules of it were loaded. */
  modules: number;
  /** By how much the memory grew, in bytes. */
  bytes: number;
  milliseconds: number;
}

/**
 * Tells of each module that is loaded when that begins and ends, in whatever way it is imported.
 *
 * Its file name is that of the function which it stands in front of: warnings and tracebacks skip such frames.
 * Frames can stay in memory, with an error that a library keeps, so nothing of JavaScript is in one.
 */
const TRACE = `
import importlib, sys

stdlib = ${JSON.stringify(STDLIB)}

CODE = '''
def make(find_and_load, listeners, label):
    def _find_and_load(name, import_):
        listeners[0](label(name.partition(".")[0]))
        loaded = False
        try:
            module = find_and_load(name, import_)
            loaded = True
            return module
        finally:
            listeners[1](loaded)
    return _find_and_load
'''

def label(name):
    return stdlib if name in sys.stdlib_module_names else name

def trace(enter, leave):
    bootstrap = importlib._bootstrap
    before = bootstrap._find_and_load
    listeners = [enter, leave]
    names = {}
    exec(compile(CODE, before.__code__.co_filename, "exec"), names)
    bootstrap._find_and_load = names["make"](before, listeners, label)

    def stop():
        bootstrap._find_and_load = before
        listeners[:] = [lambda name: None, lambda loaded: None]

    return stop

trace
`;

/**
 * Measure what the imports of some work cost, each package without what it has others import; the largest first.
 *
 * @param clock - Milliseconds of the real time, which Python may not see.
 */
export async function measureImports(
  pyodide: PyodideAPI,
  clock: () => number,
  work: () => Promise<void>
): Promise<ICost[]> {
  const linker = linkerOf(pyodide);
  const costs = new Map<string, ICost>();
  const within = [OWN];
  let last = { time: clock(), end: heapEnd(linker) };
  const costOf = (name: string): ICost => {
    let cost = costs.get(name);
    if (!cost) {
      cost = { package: name, modules: 0, bytes: 0, milliseconds: 0 };
      costs.set(name, cost);
    }
    return cost;
  };
  /** What has been spent since the last event is the innermost package's. */
  const settle = () => {
    const now = { time: clock(), end: heapEnd(linker) };
    const cost = costOf(within.at(-1)!);
    cost.milliseconds += now.time - last.time;
    cost.bytes += now.end - last.end;
    last = now;
  };
  const enter = (name: string) => {
    settle();
    within.push(name);
  };
  const leave = (loaded: boolean) => {
    settle();
    const name = within.pop()!;
    if (loaded) costOf(name).modules++;
  };
  const trace = runApart(pyodide, TRACE);
  const stop = trace(enter, leave) as PythonFunction;
  try {
    await work();
  } finally {
    settle();
    stop();
    stop.destroy();
    trace.destroy();
  }
  return [...costs.values()].sort(
    (a, b) => b.bytes - a.bytes || (a.package < b.package ? -1 : 1)
  );
}
