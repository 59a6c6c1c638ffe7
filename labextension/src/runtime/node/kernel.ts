import type { PyodideAPI } from 'pyodide';
import type { PyCallable, PyProxy } from 'pyodide/ffi';

import { kernelBootstrap } from '../bootstrap';
import { type IExposed, SCRIPT } from '../exposed';
import { PythonFailure } from './events';
import { pythonTraceback } from './pyodide';

/** What the author of an environment wants to be there when a notebook starts. */
export interface IAuthorsWarmUp {
  /** Modules to import, in this order. */
  modules: string[];
  /** The text of the author's script, run after the imports. */
  script: string | null;
  script_name: string;
  /** Names that the script defines, and that the notebook finds in its namespace. */
  expose: string[];
}

/** What the author of an environment has tried out in a restored kernel. */
export interface IAuthorsCheck {
  check: string | null;
  /** What tracebacks call it. */
  check_name: string;
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
 * The author's warm-up, and the author's check of a restored kernel. They answer what is wrong and its traceback,
 * without our own frames. (Once IPython is there, Pyodide's own errors come without one.)
 */
const AUTHORS = `
import importlib, traceback
${SCRIPT}

def describe(error):
    report = traceback.TracebackException.from_exception(error)
    own = [frame for frame in report.stack if frame.filename != "<exec>" and "importlib" not in frame.filename]
    report.stack = traceback.StackSummary.from_list(own)
    return "".join(report.format())

def warm_up(modules, script, script_name, expose):
    try:
        for module in modules:
            importlib.import_module(module)
        names = run_script(script, script_name) if script is not None else {}
    except BaseException as error:
        return "the warm-up raised an error", describe(error)
    if missing := [name for name in expose if name not in names]:
        return f"expose names {', '.join(missing)}, which {script_name} does not define; correct one of the two", ""
    if state := sys.modules.get("_frozenfs_snapshot"):
        state.exposed = {name: names[name] for name in expose}

def check(script, script_name, expose):
    names = pyodide_kernel.ipython_shell.user_ns
    if missing := [name for name in expose if name not in names]:
        return f"a restored kernel has no {', '.join(missing)} in the notebook's namespace", ""
    if script is None:
        return
    try:
        run_script(script, script_name, names)
    except BaseException as error:
        return "the check raised an error", describe(error)
`;

/** Make a kernel of an interpreter, and run what its first cell runs through. */
export async function startKernel(
  pyodide: PyodideAPI,
  exposed?: IExposed
): Promise<void> {
  const settings = { pipliteUrls: [], disablePyPIFallback: true, exposed };
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
  { modules, script, script_name: name, expose }: IAuthorsWarmUp
): Promise<void> {
  await runAuthors(pyodide, 'warm_up', [modules, script, name, expose]);
}

/**
 * Run the author's check in a restored kernel: it sees what a notebook sees.
 *
 * @throws PythonFailure with the author's traceback.
 */
export async function runCheck(
  pyodide: PyodideAPI,
  { expose, check, check_name: name }: IAuthorsWarmUp & IAuthorsCheck
): Promise<void> {
  await runAuthors(pyodide, 'check', [check, name, expose]);
}

async function runAuthors(
  pyodide: PyodideAPI,
  name: 'warm_up' | 'check',
  parameters: unknown[]
): Promise<void> {
  const globals = pyodide.toPy({});
  pyodide.runPython(AUTHORS, { globals });
  const run = globals.get(name) as PyCallable;
  // `null` would be a `jsnull` in Python.
  const given = parameters.map(value => pyodide.toPy(value ?? undefined) as unknown);
  const found = run(...given);
  const failure = found?.toJs() as [problem: string, traceback: string] | undefined;
  for (const proxy of [found, run, globals, ...given]) {
    (proxy as Partial<PyProxy> | undefined)?.destroy?.();
  }
  if (failure) throw new PythonFailure(...failure);
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
