import type { PyodideAPI } from 'pyodide';

import { kernelBootstrap } from '../bootstrap';
import { PythonFailure } from './events';
import { pythonTraceback } from './pyodide';

/** What the author of an environment wants to be there when a notebook starts. */
export interface IAuthorsWarmUp {
  /** Modules to import, in this order. */
  modules: string[];
  /** The text of the author's script, run after the imports. */
  script: string | null;
  script_name?: string;
}

/**
 * What the first cell of every notebook runs through: without it these files would be fetched one by one.
 */
const FIRST_CELL = `
import sys

import pyodide_kernel

def echo(name, text):
    sys.__stdout__.write(text)

# There is no page to show anything: what is printed goes to whoever builds, what is displayed nowhere.
for stream in (pyodide_kernel.stdout_stream, pyodide_kernel.stderr_stream):
    stream.publish_stream_callback = echo
pyodide_kernel.ipython_shell.send_comm = lambda *arguments: None

await pyodide_kernel.kernel_instance.run("None")
pyodide_kernel.kernel_instance.complete("import sy", 9)
`;

/**
 * The author's warm-up; answers the traceback of what it raises, without our own frames. (Once IPython is there,
 * Pyodide's own errors come without one.)
 */
const WARM_UP = `
import importlib, linecache, traceback

def run(modules, script, script_name):
    for module in modules:
        importlib.import_module(module)
    if script is not None:
        linecache.cache[script_name] = (len(script), None, script.splitlines(keepends=True), script_name)
        exec(compile(script, script_name, "exec"), {"__name__": "__warm_up__", "__file__": script_name})

def warm_up(modules, script, script_name):
    try:
        run(modules, script, script_name)
    except BaseException as error:
        report = traceback.TracebackException.from_exception(error)
        own = [frame for frame in report.stack if frame.filename != "<exec>" and "importlib" not in frame.filename]
        report.stack = traceback.StackSummary.from_list(own)
        return "".join(report.format())

warm_up
`;

/** Make a kernel of an interpreter, and run what its first cell runs through. */
export async function startKernel(pyodide: PyodideAPI): Promise<void> {
  const settings = { pipliteUrls: [], disablePyPIFallback: true };
  await runPython(
    pyodide,
    kernelBootstrap(settings),
    'the kernel could not be imported'
  );
  await runApart(pyodide, FIRST_CELL, 'the kernel could not run a cell');
}

/**
 * Run the author's warm-up in a started kernel.
 *
 * @throws PythonFailure with the author's traceback.
 */
export async function runWarmUp(
  pyodide: PyodideAPI,
  author: IAuthorsWarmUp
): Promise<void> {
  const globals = pyodide.toPy({});
  const warmUp = pyodide.runPython(WARM_UP, { globals }) as ((
    ...args: unknown[]
  ) => string | undefined) & { destroy(): void };
  const modules = pyodide.toPy(author.modules);
  const traceback = warmUp(
    modules,
    // `null` would be a `jsnull` in Python.
    author.script ?? undefined,
    author.script_name ?? 'warm_up.py'
  );
  for (const proxy of [warmUp, modules, globals]) proxy.destroy();
  if (traceback !== undefined) {
    throw new PythonFailure('the warm-up raised an error', traceback);
  }
  await runApart(
    pyodide,
    'import sys; sys.stdout.flush(); sys.stderr.flush()',
    'output'
  );
}

/** In a namespace of its own: what a notebook starts with stays as it is. */
async function runApart(
  pyodide: PyodideAPI,
  code: string,
  problem: string
): Promise<void> {
  const globals = pyodide.toPy({});
  await runPython(pyodide, code, problem, { globals });
  globals.destroy();
}

async function runPython(
  pyodide: PyodideAPI,
  code: string,
  problem: string,
  options?: Parameters<PyodideAPI['runPythonAsync']>[1]
): Promise<void> {
  try {
    await pyodide.runPythonAsync(code, options);
  } catch (error) {
    throw asPythonFailure(pyodide, error, problem);
  }
}

function asPythonFailure(
  pyodide: PyodideAPI,
  error: unknown,
  problem: string
): unknown {
  const traceback = pythonTraceback(pyodide, error);
  return traceback === null ? error : new PythonFailure(problem, traceback);
}
