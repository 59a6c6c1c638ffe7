/** What an environment puts into the notebook's namespace: names of its warm-up script. */
export interface IExposed {
  names: string[];
  /** The text of the script. */
  script: string;
  /** What tracebacks call it. */
  script_name: string;
}

/**
 * Defines `run_script`, which answers the names that a script has after those that it was given, and `put_away`, which closes what it has
 * left on show: nothing of it may turn up below the first cell of a notebook.
 */
export const SCRIPT = `
import linecache, sys

import pyodide_kernel

def run_script(script, script_name, given=None):
    linecache.cache[script_name] = (len(script), None, script.splitlines(keepends=True), script_name)
    names = {**(given or {}), "__name__": "__warm_up__", "__file__": script_name}
    exec(compile(script, script_name, "exec"), names)
    return names

def put_away():
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
    if widgets := sys.modules.get("ipywidgets"):
        widgets.Widget.close_all()
    pyodide_kernel.ipython_shell.kernel.comm_manager.comms.clear()
`;

/** Run where the kernel was imported, with `names`, `script` and `script_name` in its namespace. */
const EXPOSE = `
${SCRIPT}
def expose():
    import contextlib, traceback

    shell = pyodide_kernel.ipython_shell
    if all(name in shell.user_ns for name in names):
        return  # by the snapshot
    shell.send_comm = lambda *arguments: None  # there is no page yet that shows a widget
    try:
        with contextlib.redirect_stdout(sys.__stdout__), contextlib.redirect_stderr(sys.__stderr__):
            defined = run_script(script, script_name)
            put_away()
            shell.push({name: defined[name] for name in names})
    except Exception:
        traceback.print_exc(file=sys.__stderr__)
    finally:
        del shell.send_comm

expose()
`;

/**
 * Python that exposes names in a kernel, unless a snapshot has done so. A script that fails is told on standard
 * error; the kernel starts without its names.
 */
export function exposeIn({ names, script, script_name: name }: IExposed): string {
  const given = `{"names": ${JSON.stringify(names)}, "script": ${JSON.stringify(script)}, "script_name": ${JSON.stringify(name)}}`;
  return `exec(${JSON.stringify(EXPOSE)}, ${given})`;
}
