"""Pyodide as the author of an offline site lays it out for the stock kernel.

That is with wheels, and a lock file that names them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

#: what the stock kernel needs beside Pyodide's core
KERNEL = ("micropip", "ipython", "jedi")

#: what it needs that is in no Pyodide lock file: its installer looks for it on the site
PIPLITE = ("comm",)

#: files of Pyodide that a browser fetches
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")

JsonObject = dict[str, Any]


def closure(lock: JsonObject, names: tuple[str, ...]) -> list[str]:
    """Return names of the lock's packages and of all that they depend on."""
    packages = lock["packages"]
    canonical = {name.lower().replace("_", "-"): name for name in packages}
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = canonical[waiting.pop().lower().replace("_", "-")]
        if name not in found:
            found[name] = None
            waiting.extend(packages[name]["depends"])
    return sorted(found)


def download(requirement: str, cache: Path) -> Path:
    """Fetch one pure wheel from the package index."""
    folder = cache / requirement.replace("==", "-")
    if not list(folder.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--ignore-requires-python"]
        subprocess.run([*command, "--only-binary", ":all:", "-d", str(folder), requirement], check=True)
    return next(folder.glob("*.whl"))


def stock_pyodide(
    pyodide: Path, wheelhouse: Path, cache: Path, destination: Path, packages: tuple[str, ...] = ()
) -> None:
    """Lay out Pyodide with what the kernel needs, further packages, and a lock file that fits.

    Parameters
    ----------
    pyodide
        A folder with Pyodide's core, as npm has it.
    wheelhouse
        Where wheels are looked for first.
    cache
        Where those are kept that come from a package index.
    destination
        A folder to be made.
    packages
        Names in the lock file.
    """
    destination.mkdir(parents=True)
    for name in CORE:
        shutil.copy(pyodide / name, destination / name)
    lock = json.loads((pyodide / "pyodide-lock.json").read_text(encoding="utf-8"))
    for name in closure(lock, (*KERNEL, *packages)):
        package = lock["packages"][name]
        stem = package["file_name"].split("-")[0].lower()
        held = (path for path in sorted(wheelhouse.glob("*.whl")) if path.name.split("-")[0].lower() == stem)
        wheel = next(held, None)
        if wheel is None:
            wheel = download(f"{name}=={package['version']}", cache)
        shutil.copy(wheel, destination / wheel.name)
        package["file_name"] = wheel.name
        package["version"] = wheel.name.split("-")[1]
        package["sha256"] = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (destination / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
