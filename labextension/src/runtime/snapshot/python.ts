import { SCRIPT } from '../exposed';

/**
 * The Python halves of taking and restoring a snapshot.
 *
 * IPython puts a module of its own at `sys.modules["__main__"]`, while Pyodide's globals are those of the `__main__`
 * that it finds when it starts, restored or not. So the two change places while the snapshot is taken.
 */

/** Run before the kernel is imported. Its value is a function of the environment variables at the start. */
export const REMEMBER = `
import sys, types

def remember(variables):
    state = types.ModuleType("_frozenfs_snapshot")
    state.pyodide_main = sys.modules["__main__"]
    state.variables = variables
    sys.modules[state.__name__] = state

remember
`;

/**
 * Run after the warm-up: a kernel as if no cell had been run in it, with all that was imported and exposed. Its value
 * is the address of an object that has survived the collection.
 */
export const SETTLE = `${SCRIPT}
import ast
import gc

import pyodide._package_loader
import pyodide_js

shell = pyodide_kernel.ipython_shell
put_away()
shell.reset(new_session=True)
shell.user_ns.update({"_": "", "__": "", "___": ""})
shell._last_traceback = None
for stream in (pyodide_kernel.stdout_stream, pyodide_kernel.stderr_stream):
    stream.publish_stream_callback = None
vars(shell).pop("send_comm", None)

state = sys.modules["_frozenfs_snapshot"]
shell.push(vars(state).pop("exposed", {}))
state.kernel_main = sys.modules["__main__"]
sys.modules["__main__"] = state.pyodide_main
state.modules = len(sys.modules)
# A start looks for packages in many small files of the image; what it finds is known.
state.loaded_packages = pyodide_js.loadedPackages.to_py()
state.init_loaded_packages = pyodide._package_loader.init_loaded_packages
pyodide._package_loader.init_loaded_packages = lambda: None
# All trees that the parser makes share the same few nodes, such as that of ast.Load. Whoever notes each node's parent in
# it has left a tree there (IPython's tracebacks do), and Pyodide would copy it each time that it compiles something.
shared = (ast.boolop, ast.cmpop, ast.expr_context, ast.operator, ast.unaryop)
for node in gc.get_objects():
    if issubclass(type(node), shared):
        vars(node).clear()
while gc.collect():
    pass
id(sys.modules)
`;

/**
 * Run after SETTLE: leaves the function that a restored kernel calls first, compiled, so that nothing is stale that
 * should be fresh. It takes the environment variables, the name of the engine and the time zone that are true then, and
 * what refreshes `run_sync` at an address; it answers what is wrong, if anything is.
 *
 * What stays is the hash seed: dictionaries and sets in memory are built upon it.
 */
export const REFRESH = `
import importlib, os, sys, time

def refresh(variables, runtime, zone, refresh_run_sync):
    state = sys.modules.pop("_frozenfs_snapshot")
    if len(sys.modules) + 1 != state.modules:
        raise ImportError(f"{len(sys.modules) + 1} modules are there, the snapshot was taken with {state.modules}")
    sys.modules["__main__"] = state.kernel_main

    # Pyodide adds the working directory at each start.
    if sys.path[:2] == ["", ""]:
        del sys.path[0]
    importlib.invalidate_caches()

    # Pyodide leaves this module with an object of its own.
    loader = sys.modules["pyodide._package_loader"]
    loader.init_loaded_packages = state.init_loaded_packages
    loader.loadedPackages = sys.modules["pyodide_js"].loadedPackages
    for name, source in state.loaded_packages.items():
        setattr(loader.loadedPackages, name, source)

    # What the warm-up has set stays, what was the build machine's goes.
    for name, value in state.variables.items():
        if name not in variables and os.environ.get(name) == value:
            del os.environ[name]
    for name, value in variables.items():
        if os.environ.get(name) == state.variables.get(name):
            os.environ[name] = value
    time.timezone, time.daylight, time.tzname = zone.timezone, zone.daylight, tuple(zone.names)
    time.altzone = time.timezone - 3600
    info = sys._emscripten_info
    sys._emscripten_info = type(info)((info.emscripten_version, runtime, info.pthreads, info.shared_memory))
    refresh_run_sync(id(sys.modules["pyodide.ffi"].run_sync))

    if random := sys.modules.get("random"):
        random.seed()
    if tempfile := sys.modules.get("tempfile"):
        tempfile._name_sequence = None
    if uuid := sys.modules.get("uuid"):
        for name in ("_node", "_last_timestamp", "_last_timestamp_v7"):
            setattr(uuid, name, None)
        uuid._last_counter_v7 = 0
    if numpy_random := sys.modules.get("numpy.random"):
        # What seeds it needs much of numpy, which engines would have to compile; this is all of its state.
        words = memoryview(os.urandom(4 * 624)).cast("I")
        numpy_random.set_state(("MT19937", words, len(words), 0, 0.0))
    if logging := sys.modules.get("logging"):
        logging._startTime = time.time_ns()

def attempt(*fresh):
    # Once IPython is there, an error of Python comes to JavaScript without its text.
    try:
        refresh(*fresh)
    except BaseException as error:
        return f"{type(error).__name__}: {error}"

sys.modules["_frozenfs_snapshot"].refresh = attempt
`;
