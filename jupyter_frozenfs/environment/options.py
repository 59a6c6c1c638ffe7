"""What a build may be told, beside what an environment declares."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from jupyter_frozenfs.errors import BuildError

from .declare import check_keys, path_list

if TYPE_CHECKING:
    from collections.abc import Mapping

#: GitHub Pages refuses files over 100 MB
PART_SIZE = 95_000_000

#: builds of an environment that stay on a site, the newest included
KEEP = 3

#: of zstd: the smallest snapshot; a build takes longer for it, a start does not
SNAPSHOT_LEVEL = 19


def default_cache() -> Path:
    """Return where downloads and installed trees are kept for the next build of any site."""
    return Path(platformdirs.user_cache_dir("jupyter-frozenfs", appauthor=False))


def source_date_epoch() -> int | None:
    """Return ``SOURCE_DATE_EPOCH`` in seconds, None when it is not set.

    Source: https://reproducible-builds.org/specs/source-date-epoch/
    """
    text = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not text:
        return None
    if not text.isdecimal():
        raise BuildError(
            f"SOURCE_DATE_EPOCH is {text!r}, expected whole seconds since 1970 such as 1767225600. "
            "Correct or unset this environment variable."
        )
    return int(text)


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How to build, the same for all environments of a site.

    Attributes
    ----------
    cache
        Directory for downloads and installed trees, shared by all builds of this machine.
    wheelhouse
        Directories with wheels, preferred to all other sources.
    pyodide
        A version of Pyodide, or a directory or URL (archive, or folder with a trailing slash) that
        holds its files; None for the version that this package is tested with.
    index_url
        A package index (PEP 503 or 691); None for what uv and pip are configured to use, else PyPI.
    upgrade
        Resolve anew, without regard to the lock file of the environment.
    source_date_epoch
        The mtime, in seconds since 1970, of everything in an image; None for the time of the Pyodide
        that is used, so that builds are reproducible anyway.
    part_size
        Bytes after which an image is split into parts; None for never.
    keep
        How many builds of an environment stay on the site, the newest included.
    snapshot_level
        How hard zstd tries to make a snapshot small, 1 to 19. Beyond 19 a browser would need much more
        memory to decompress.
    lock_dir
        Where lock files are; None for beside the file that declares the environment.
    timeout
        Seconds to wait for a server that says nothing.
    workers
        How many interpreters compile at a time.
    """

    cache: Path = field(default_factory=default_cache)
    wheelhouse: tuple[Path, ...] = ()
    pyodide: str | None = None
    index_url: str | None = None
    upgrade: bool = False
    source_date_epoch: int | None = field(default_factory=source_date_epoch)
    part_size: int | None = PART_SIZE
    keep: int = KEEP
    snapshot_level: int = SNAPSHOT_LEVEL
    lock_dir: Path | None = None
    timeout: float = 30
    workers: int = field(default_factory=lambda: max(1, min(4, os.cpu_count() or 1)))


#: what the table `[build]` may hold
BUILD_KEYS = ("wheelhouse", "pyodide", "index", "part_size", "keep", "snapshot_level")


def options_from_mapping(data: Mapping[str, Any], directory: Path, **more: Any) -> BuildOptions:
    """Make options of a table ``[build]``.

    Parameters
    ----------
    data
        The table: ``wheelhouse`` (a path or a list of paths), ``pyodide``, ``index``, ``part_size``
        (bytes, 0 for never), ``keep``, ``snapshot_level``.
    directory
        What relative paths are relative to.
    more
        Other fields of `BuildOptions`; those that are not None win over the table.
    """
    where = "[build]"
    check_keys(data, BUILD_KEYS, where)
    found: dict[str, Any] = {}
    if "wheelhouse" in data:
        found["wheelhouse"] = path_list(data["wheelhouse"], directory, f"{where} wheelhouse")
    if "pyodide" in data:
        named = _text(data, "pyodide", where)
        # a directory beside the declaration, else a version or a URL
        found["pyodide"] = str(directory / named) if (directory / named).exists() else named
    if "index" in data:
        found["index_url"] = _text(data, "index", where)
    if "part_size" in data:
        found["part_size"] = _count(data, "part_size", 0, where) or None
    if "keep" in data:
        found["keep"] = _count(data, "keep", 1, where)
    if "snapshot_level" in data:
        found["snapshot_level"] = _count(data, "snapshot_level", 1, where, SNAPSHOT_LEVEL)
    found.update({name: value for name, value in more.items() if value is not None})
    return BuildOptions(**found)


def _text(data: Mapping[str, Any], key: str, where: str) -> str:
    value = data[key]
    if not isinstance(value, str) or not value:
        raise BuildError(f"{where} {key} is {value!r}, expected text.")
    return value


def _count(data: Mapping[str, Any], key: str, least: int, where: str, most: int | None = None) -> int:
    value = data[key]
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        bounds = f"at least {least}" if most is None else f"{least} to {most}"
        raise BuildError(f"{where} {key} is {value!r}, expected a whole number, {bounds}.")
    return int(value)
