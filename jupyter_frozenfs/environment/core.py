"""Pyodide's core: the interpreter, its standard library and the list of its packages."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from jupyter_frozenfs.errors import BuildError

from .files import sha256_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: the version that this package is tested with; `core_npm/package-lock.json` pins its bytes
PYODIDE_VERSION = "314.0.7"

#: where Pyodide publishes the files that its lock names
PACKAGE_BASE_URL = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"

#: the WebAssembly of a runtime
RUNTIME_WASM = "pyodide.asm.wasm"

#: what a kernel in a browser fetches; the standard library comes with the image
RUNTIME_FILES = ("pyodide.mjs", "pyodide.asm.mjs", RUNTIME_WASM, "pyodide-lock.json")

STDLIB = "python_stdlib.zip"

CORE_FILES = (*RUNTIME_FILES, STDLIB)

#: what a version of Pyodide looks like
VERSION = re.compile(r"\d+\.\d+\.\d+[\w.-]*")

#: hexadecimal digits of a SHA-256 that name a directory
DIGEST_LENGTH = 16


@dataclass(frozen=True, slots=True)
class LockPackage:
    """One package of Pyodide's lock file."""

    name: str
    version: str
    file: str
    sha256: str
    depends: tuple[str, ...]
    shared_library: bool


@dataclass(frozen=True, slots=True)
class Core:
    """A checked core.

    Attributes
    ----------
    directory
        Where Node loads Pyodide from: `CORE_FILES`, with the package ``ws`` in reach.
    version
        Of Pyodide.
    python, abi
        As the lock says, e.g. ``3.14.2`` and ``2026_0``.
    digest
        Names the bytes of `RUNTIME_FILES`.
    stdlib_sha256
        Of the standard library.
    package_base_url
        Where the wheels of the lock file are, ends in ``/``.
    packages
        What the lock names, by normalized name; test suites left out.
    wheels
        A directory that has some of these wheels, None when there is none.
    """

    directory: Path
    version: str
    python: str
    abi: str
    digest: str
    stdlib_sha256: str
    package_base_url: str
    packages: Mapping[str, LockPackage]
    wheels: Path | None = None

    @property
    def stdlib(self) -> Path:
        """The standard library, sources only."""
        return self.directory / STDLIB

    @property
    def lib(self) -> str:
        """Where the standard library is in the kernel, e.g. ``/lib/python3.14``."""
        major, minor = self.python.split(".")[:2]
        return f"/lib/python{major}.{minor}"

    def runtime_files(self) -> list[Path]:
        """Return the files that a kernel fetches."""
        return [self.directory / name for name in RUNTIME_FILES]


def open_core(directory: Path, *, package_base_url: str | None = None, wheels: Path | None = None) -> Core:
    """Check the files of a core and read its lock file."""
    missing = [name for name in CORE_FILES if not (directory / name).is_file()]
    if missing:
        raise BuildError(
            f"{directory} is not a whole Pyodide: {', '.join(missing)} missing. Name a directory with "
            f"{', '.join(CORE_FILES)}, as in the npm package `pyodide` or the archive `pyodide-core`."
        )
    lock_file = directory / "pyodide-lock.json"
    try:
        data = json.loads(lock_file.read_text(encoding="utf-8"))
        info = data["info"]
        python, abi = str(info["python"]), str(info["abi_version"])
        packages = _lock_packages(data["packages"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuildError(
            f"{lock_file} cannot be read ({type(error).__name__}: {error}), expected the lock file of "
            f"Pyodide {PYODIDE_VERSION}. Fetch Pyodide again."
        ) from error
    version = _version_of(directory)
    return Core(
        directory=directory,
        version=version,
        python=python,
        abi=abi,
        digest=runtime_digest(directory),
        stdlib_sha256=sha256_of(directory / STDLIB),
        package_base_url=package_base_url or PACKAGE_BASE_URL.format(version=version),
        packages=packages,
        wheels=wheels,
    )


def runtime_digest(directory: Path) -> str:
    """Return what names the bytes of `RUNTIME_FILES` in a directory."""
    digest = hashlib.sha256()
    for name in RUNTIME_FILES:
        digest.update(f"{name} {sha256_of(directory / name)}\n".encode())
    return digest.hexdigest()[:DIGEST_LENGTH]


def _lock_packages(packages: Mapping[str, Any]) -> dict[str, LockPackage]:
    found = {}
    for key in sorted(packages):
        data = packages[key]
        if data["file_name"].endswith("-tests.zip"):
            continue
        package = LockPackage(
            name=canonicalize_name(data["name"]),
            version=data["version"],
            file=data["file_name"],
            sha256=data["sha256"],
            depends=tuple(sorted(canonicalize_name(name) for name in data["depends"])),
            shared_library=not data["file_name"].endswith(".whl"),
        )
        found[package.name] = package
    return found


def _version_of(directory: Path) -> str:
    """Return the version of Pyodide, which its lock file does not say."""
    manifest = directory / "package.json"
    if manifest.is_file():
        try:
            version = json.loads(manifest.read_text(encoding="utf-8"))["version"]
        except (ValueError, KeyError, TypeError):
            version = None
        if isinstance(version, str) and VERSION.fullmatch(version):
            return version
    loader = (directory / "pyodide.mjs").read_text(encoding="utf-8", errors="replace")
    found = re.search(r'=\s*"(\d{2,}\.\d+\.\d+[\w.-]*)"', loader)
    if not found:
        raise BuildError(
            f"{directory / 'pyodide.mjs'} does not tell its version, expected Pyodide {PYODIDE_VERSION}. "
            "Name another Pyodide as `pyodide`."
        )
    return found[1]
