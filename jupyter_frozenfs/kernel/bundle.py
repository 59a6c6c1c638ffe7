"""`frozenfs.mjs` in a kernel: loaded when it is first needed, from this package's own file."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

#: the module and its session. Not made at import: the snapshot of a memory can hold nothing of these
_loaded: list[tuple[Any, Any]] = []


async def session() -> tuple[Any, Any]:
    """Return the JavaScript module and this kernel's `Session` of it."""
    if not _loaded:
        module = await _load()
        _loaded.append((module, _session(module)))
    return _loaded[0]


async def _load() -> Any:
    import js  # noqa: PLC0415 - only a browser has it
    from pyodide.code import run_js  # noqa: PLC0415
    from pyodide.ffi import to_js  # noqa: PLC0415

    source = (resources.files("jupyter_frozenfs") / "bundle" / "frozenfs.mjs").read_bytes()
    blob = js.Blob.new(to_js([to_js(source)]), to_object({"type": "text/javascript"}))
    url = js.URL.createObjectURL(blob)
    try:
        return await run_js("url => import(url)")(url)
    finally:
        js.URL.revokeObjectURL(url)


def _session(module: Any) -> Any:
    import js  # noqa: PLC0415
    import pyodide_js  # noqa: PLC0415

    # what a frozen kernel's worker says of itself; that of the stock kernel lies in the same folder of a site
    about = getattr(js, "frozenfsKernel", None)
    site, kernelspec, environment = js.location.href.partition("/extensions/")[0] + "/", "python", None
    if about is not None:
        site, kernelspec, environment = about.site, about.kernelspec, about.environment
    described = to_object({"site": site, "kernelspec": kernelspec, "environment": environment})
    return module.Session.new(pyodide_js.FS, described)


def to_object(value: Any) -> Any:
    """Turn what JSON can say into JavaScript's own; None becomes null."""
    import js  # noqa: PLC0415

    return js.JSON.parse(json.dumps(value))


def from_object(value: Any) -> Any:
    """Turn what JSON can say into Python's own; null becomes None."""
    import js  # noqa: PLC0415

    return json.loads(js.JSON.stringify(value))
