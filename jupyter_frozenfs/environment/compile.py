"""Byte code for a tree, made by the Python that will run it."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING

from jupyter_frozenfs.image import scan

from .core import DIGEST_LENGTH
from .files import new_directory
from .node import run_job

if TYPE_CHECKING:
    from pathlib import Path

    from .core import Core
    from .options import BuildOptions
    from .report import Report

#: raised when the same sources give other byte code
COMPILER = 1

#: files that a message lists
_SHOWN = 5


def compile_tree(tree: Path, core: Core, options: BuildOptions, report: Report) -> Path:
    """Return a copy of an installed tree with ``.pyc`` files beside its sources, kept in the cache.

    Parameters
    ----------
    tree
        What `install` returned.
    core
        The Pyodide that compiles.
    options
        Says how many interpreters work at a time.
    report
        Is told how far it is.
    """
    report.step("compile")
    # short: Windows stops at 260 characters of a path
    key = hashlib.sha256(f"{tree.name} {core.digest} {COMPILER}".encode()).hexdigest()[:DIGEST_LENGTH]
    target = options.cache / "compiled" / key
    if target.is_dir():
        report.log("The packages are compiled already")
        os.utime(target)
        return target
    with new_directory(target) as directory:
        shutil.copytree(tree, directory, copy_function=_link, dirs_exist_ok=True)
        files = [
            entry.path for entry in scan(directory) if entry.kind == "file" and entry.path.endswith(".py")
        ]
        result = run_job(
            {
                "job": "compile",
                "pyodide": str(core.directory),
                "tree": str(directory),
                "files": files,
                "workers": options.workers,
            },
            report,
        )
    skipped = result["skipped"]
    if skipped:
        names = ", ".join(path for path, _ in skipped[:_SHOWN])
        more = f" and {len(skipped) - _SHOWN} more" if len(skipped) > _SHOWN else ""
        report.log(f"Left as they are, because they are not Python {core.python}: {names}{more}")
    return target


def _link(source: str, target: str) -> None:
    """Share the bytes of a file where the disk can: only new files are added to a compiled tree."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
