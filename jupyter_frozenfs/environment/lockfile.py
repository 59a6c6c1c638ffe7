"""The lock file of an environment, ``frozen-NAME.lock``: what was resolved, to be the same the next time.

TOML, one table a package, sorted, without paths of the machine that wrote it: made to be read in a diff.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from jupyter_frozenfs.errors import BuildError

from .files import write_atomic

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1

#: where a wheel comes from: with the kernel, as a file of the author's, from a wheelhouse, from Pyodide's
#: distribution, from a package index, from the address that a requirement names
Origin = Literal["kernel", "path", "wheelhouse", "pyodide", "index", "url"]


@dataclass(frozen=True, slots=True)
class Package:
    """One resolved package.

    Attributes
    ----------
    name, version
        Normalized.
    file
        The name of the wheel.
    sha256
        Of the wheel.
    source
        Where it comes from.
    url
        Where it can be fetched, without credentials; empty when it cannot.
    path
        Of a wheel of the author's, relative to the environment's directory, with ``/``.
    asked_by
        The packages and places that ask for it, sorted.
    """

    name: str
    version: str
    file: str
    sha256: str
    source: Origin
    url: str = ""
    path: str = ""
    asked_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """All packages of an environment.

    Attributes
    ----------
    environment
        Its name.
    pyodide
        The version of Pyodide that it was resolved for.
    inputs
        A digest of all that was asked for.
    packages
        Sorted by name.
    """

    environment: str
    pyodide: str
    inputs: str
    packages: tuple[Package, ...]


def write_lock(path: Path, resolution: Resolution) -> None:
    """Write a lock file; one that would not change is not touched."""
    lines = [
        f"# The packages of the environment {_text(resolution.environment)}, written by jupyter-frozenfs.",
        "# Keep this file with the notebooks: these wheels are installed until the declaration changes.",
        f"version = {VERSION}",
        f"pyodide = {_text(resolution.pyodide)}",
        f"inputs = {_text(resolution.inputs)}",
    ]
    for package in sorted(resolution.packages, key=lambda each: each.name):
        lines += ["", "[[package]]"]
        for field in fields(Package):
            value = getattr(package, field.name)
            if isinstance(value, tuple):
                lines.append(f"{field.name} = [{', '.join(map(_text, value))}]")
            elif value:
                lines.append(f"{field.name} = {_text(value)}")
    data = ("\n".join(lines) + "\n").encode()
    if not path.is_file() or path.read_bytes() != data:
        write_atomic(path, data)


def read_lock(path: Path, environment: str) -> Resolution | None:
    """Read a lock file, None when there is none.

    Raises
    ------
    BuildError
        It is damaged, or of a newer version.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _unusable(path, f"it is not TOML ({error})") from error
    if data.get("version") != VERSION:
        raise _unusable(path, f"expected version {VERSION}, found {data.get('version')!r}")
    try:
        packages = tuple(_package(table) for table in data.get("package", []))
        return Resolution(environment, str(data["pyodide"]), str(data["inputs"]), packages)
    except (KeyError, TypeError, ValueError) as error:
        raise _unusable(path, f"{type(error).__name__}: {error}") from error


def _unusable(path: Path, problem: str) -> BuildError:
    return BuildError(
        f"{path} cannot be used: {problem}. Restore it from version control, or delete it to have the "
        "packages resolved anew."
    )


def _package(table: dict[str, Any]) -> Package:
    texts = {field.name: table.get(field.name, "") for field in fields(Package) if field.name != "asked_by"}
    for key, value in texts.items():
        if not isinstance(value, str) or (not value and key not in {"url", "path"}):
            raise ValueError(f"package {table.get('name')!r} has {key} {value!r}")
    if texts["source"] not in get_args(Origin):
        raise ValueError(f"package {texts['name']!r} has an unknown source {texts['source']!r}")
    if len(texts["sha256"]) != 64 or "/" in texts["file"] or "\\" in texts["file"]:  # noqa: PLR2004
        raise ValueError(f"package {texts['name']!r} has no proper sha256 or file name")
    return Package(**texts, asked_by=tuple(table.get("asked_by", ())))


def _text(value: str) -> str:
    """Return a TOML basic string, which has JSON's escapes."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", r"\u007f")
