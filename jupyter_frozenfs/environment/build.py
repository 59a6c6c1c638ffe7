"""The whole way from a declared environment to a frozen one."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from .freeze import FrozenEnvironment, freeze_environment
from .install import install
from .resolve import resolve

if TYPE_CHECKING:
    from pathlib import Path

    from .declare import Environment
    from .options import BuildOptions
    from .report import Report

#: seconds after which a tree in the cache that no build has used goes
_UNUSED = 30 * 24 * 3600


def build_environment(
    environment: Environment, options: BuildOptions, destination: Path, report: Report
) -> FrozenEnvironment:
    """Resolve, install, compile, warm up, gather and write.

    Parameters
    ----------
    environment
        What to build.
    options
        How.
    destination
        The folder of the environment on the site, ``…/frozen/NAME``.
    report
        Is told how far it is.

    Raises
    ------
    BuildError
        The message names what is wrong and what to do.
    """
    resolution = resolve(environment, options, report)
    tree = install(environment, resolution, options, report)
    frozen = freeze_environment(environment, resolution, tree, options, destination, report)
    prune_cache(options.cache)
    return frozen


def prune_cache(cache: Path, unused: float = _UNUSED) -> None:
    """Remove trees, and what builds that were killed left, that nothing has used for `unused` seconds."""
    oldest = time.time() - unused
    for folder in ("trees", "compiled", "work"):
        for path in (cache / folder).glob("*"):
            # another build may have removed it meanwhile
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    shutil.rmtree(path, ignore_errors=True)
