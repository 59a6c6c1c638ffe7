"""Wheels to a plain tree that mirrors the root of a kernel."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, BinaryIO

import installer
from installer.destinations import WheelDestination
from installer.exceptions import InstallerError
from installer.records import Hash, RecordEntry
from installer.sources import WheelFile

from jupyter_frozenfs.errors import BuildError

from .core import DIGEST_LENGTH
from .download import download
from .exclude import Exclusion
from .fetch_core import find_core
from .files import new_directory, temporary_directory
from .kernel_wheel import KERNEL_WHEEL, NAME, kernel_wheel
from .lockfile import Package

if TYPE_CHECKING:
    from collections.abc import Iterable

    from installer.utils import Scheme

    from .core import Core
    from .declare import Environment
    from .lockfile import Resolution
    from .options import BuildOptions
    from .report import Report

#: raised when the same wheels give another tree
LAYOUT = 1

#: what a record names as its installer (PEP 376)
INSTALLER = "jupyter-frozenfs"

_TEST_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([\w.]+\.tests(?:\.\w+)*)", re.MULTILINE)


def install(environment: Environment, resolution: Resolution, options: BuildOptions, report: Report) -> Path:
    """Unpack the packages of an environment, the standard library, and what of this package kernels run.

    Returns
    -------
    Path
        A tree that mirrors the root of a kernel (``lib/python3.14/site-packages/…``), kept in the cache: do
        not change it.
    """
    core = find_core(options, report)
    exclusion = Exclusion.of(environment)
    own = kernel_wheel()
    tree = options.cache / "trees" / tree_digest(resolution, core, exclusion, own)
    if tree.is_dir():
        report.step("install")
        report.log(f"{len(resolution.packages)} packages are installed already")
        os.utime(tree)
        return tree
    wheels = download(environment, resolution, core, options, report)
    report.step("install")
    with new_directory(tree) as directory:
        installation = Installation(directory, core.lib, exclusion)
        installation.add_stdlib(core.stdlib)
        for done, package in enumerate(resolution.packages, 1):
            # should it be asked for: the kernel's page has the labextension of this release
            if package.name != NAME:
                installation.add_wheel(wheels[package.name], package)
            report.progress(done, len(resolution.packages), package.name)
        with temporary_directory(options.cache / "work") as work:
            installation.add_own(own, work / KERNEL_WHEEL)
    for text in installation.warnings:
        report.log(text)
    return tree


def tree_digest(resolution: Resolution, core: Core, exclusion: Exclusion, own: bytes) -> str:
    """Return what names the tree of an installation: the same name means the same files.

    Parameters
    ----------
    resolution, core, exclusion
        What is installed, and what of it is left out.
    own
        The wheel of this package.
    """
    stated = {
        "layout": LAYOUT,
        "stdlib": core.stdlib_sha256,
        "lib": core.lib,
        "exclude": exclusion.patterns,
        "own": hashlib.sha256(own).hexdigest(),
        "packages": sorted((package.file, package.sha256, package.url) for package in resolution.packages),
    }
    return hashlib.sha256(json.dumps(stated).encode()).hexdigest()[:DIGEST_LENGTH]


class Installation:
    """A tree under construction.

    Parameters
    ----------
    root
        Its directory.
    lib
        Where the standard library belongs in the kernel.
    exclusion
        What to leave out.
    """

    def __init__(self, root: Path, lib: str, exclusion: Exclusion) -> None:
        self.root = root
        self.lib = PurePosixPath(lib)
        self.exclusion = exclusion
        self.warnings: list[str] = []
        #: path in the kernel → the package that put it there
        self._owner: dict[str, str] = {}
        #: the same with case folded
        self._folded: dict[str, str] = {}

    def add_stdlib(self, archive: Path) -> None:
        """Unpack the standard library."""
        try:
            with zipfile.ZipFile(archive) as source:
                for member in source.infolist():
                    path = self.lib / member.filename
                    if not member.is_dir() and not self.exclusion.package_file(str(path)):
                        with source.open(member) as stream:
                            self.write(path, stream, "the standard library")
        except (zipfile.BadZipFile, OSError) as error:
            raise BuildError(
                f"{archive} cannot be read ({error}), expected Python's standard library."
            ) from error

    def add_wheel(self, wheel: Path, package: Package) -> None:
        """Unpack one wheel."""
        extra = {"INSTALLER": f"{INSTALLER}\n".encode()}
        if package.source == "url":
            # PEP 610; of a local wheel it would tell a path of this machine
            archive = {"hashes": {"sha256": package.sha256}}
            extra["direct_url.json"] = json.dumps({"archive_info": archive, "url": package.url}).encode()
        try:
            with WheelFile.open(wheel) as source:
                needed = needed_files(source._zipfile, self)  # noqa: SLF001
                destination = _Destination(self, package.name, needed)
                installer.install(source, destination, extra)
        except (InstallerError, zipfile.BadZipFile, ValueError, AssertionError, KeyError) as error:
            raise BuildError(
                f"{wheel} cannot be installed ({type(error).__name__}: {error}). Build or fetch this wheel "
                "again."
            ) from error

    def add_own(self, data: bytes, path: Path) -> None:
        """Unpack the wheel of this package, whose bytes are written to a path of that name first."""
        path.write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        self.add_wheel(path, Package(NAME, path.name.split("-")[1], path.name, sha256, "kernel"))

    def write(
        self, path: PurePosixPath, stream: IO[bytes], owner: str, *, executable: bool = False
    ) -> RecordEntry:
        """Write a file at its place; the path is absolute, in the kernel."""
        name = str(path)
        if ".." in path.parts or not path.is_absolute():
            raise BuildError(
                f"{owner} holds a file that leaves its folder: {name!r}. Do not use this package."
            )
        self._check_collision(name, owner)
        target = self.root.joinpath(*path.parts[1:])
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        with target.open("wb") as out:
            while block := stream.read(1 << 20):
                out.write(block)
                digest.update(block)
                size += len(block)
        target.chmod(0o755 if executable else 0o644)
        value = base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
        return RecordEntry(name, Hash("sha256", value), size)

    def _check_collision(self, name: str, owner: str) -> None:
        before = self._owner.get(name)
        if before is not None and before != owner:
            self.warnings.append(f"{name} is in {before} and in {owner}; the kernel gets that of {owner}")
        other = self._folded.setdefault(name.casefold(), name)
        if other != name and self.root.joinpath(*PurePosixPath(name).parts[1:]).exists():
            raise BuildError(
                f"{name} of {owner} and {other} of {self._owner[other]} differ only in case, and this "
                "machine's file system keeps only one of them. Exclude one, or build on Linux."
            )
        self._owner[name] = owner


@dataclass(slots=True)
class _Destination(WheelDestination):
    """Where `installer` puts the files of one wheel."""

    installation: Installation
    package: str
    needed: frozenset[str]
    dropped: set[str] = field(default_factory=set)

    def write_script(self, name: str, module: str, attr: str, section: str) -> RecordEntry:  # noqa: ARG002
        """Make no script, nothing in a browser starts one; the metadata still name the entry point."""
        return self._drop(f"/bin/{name}")

    def write_file(
        self, scheme: Scheme, path: str | os.PathLike[str], stream: BinaryIO, is_executable: bool
    ) -> RecordEntry:
        """Write a file, unless it is left out."""
        name = PurePosixPath(os.fspath(path))
        folder = {
            "purelib": self.installation.lib / "site-packages",
            "platlib": self.installation.lib / "site-packages",
            "data": PurePosixPath("/"),
        }.get(scheme)
        if folder is None:
            return self._drop(f"/{scheme}/{name}")
        target = folder / name
        text = str(target)
        if self.installation.exclusion.package_file(text) and text not in self.needed:
            return self._drop(text)
        entry = self.installation.write(target, stream, self.package, executable=is_executable)
        return RecordEntry(self._in_record(target), entry.hash_, entry.size)

    def finalize_installation(
        self,
        scheme: Scheme,  # noqa: ARG002 - purelib and platlib are one folder
        record_file_path: str,
        records: Iterable[tuple[Scheme, RecordEntry]],
    ) -> None:
        """Write the record, of what is there."""
        rows = sorted(record.to_row() for _, record in records if record.path not in self.dropped)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        target = self.installation.lib / "site-packages" / record_file_path
        self.installation.write(target, io.BytesIO(text.getvalue().encode()), self.package)

    def _drop(self, path: str) -> RecordEntry:
        self.dropped.add(path)
        return RecordEntry(path, None, None)

    def _in_record(self, target: PurePosixPath) -> str:
        """Return a path relative to `site-packages`, as records have it."""
        return PurePosixPath(
            os.path.relpath(target, self.installation.lib / "site-packages").replace(os.sep, "/")
        ).as_posix()


def needed_files(archive: zipfile.ZipFile, installation: Installation) -> frozenset[str]:
    """Return the files of a wheel that match a pattern and are needed all the same.

    Some packages import helpers out of their own tests (numpy.testing does), and those that load lazily with
    ``lazy_loader.attach_stub`` read their stubs at run time (scikit-image, librosa).
    """
    site = installation.lib / "site-packages"
    excluded = installation.exclusion.package_file
    names = {name: str(site / name) for name in archive.namelist() if not name.endswith("/")}
    needed: set[str] = set()
    todo = [name for name, path in names.items() if name.endswith(".py") and not excluded(path)]
    seen = set(todo)
    while todo:
        name = todo.pop()
        source = archive.read(name)
        wanted = _modules(source)
        if b"attach_stub" in source:
            wanted = [*wanted, f"{name}i"]
        for each in wanted:
            if each in names and excluded(names[each]):
                needed.add(names[each])
                if each not in seen and each.endswith(".py"):
                    seen.add(each)
                    todo.append(each)
    return frozenset(needed)


def _modules(source: bytes) -> list[str]:
    """Return the files that hold the test modules which a source imports, and the packages around them."""
    found = []
    for match in _TEST_IMPORT.finditer(source):
        parts = match[1].decode().split(".")
        first = parts.index("tests")
        for end in range(first + 1, len(parts) + 1):
            stem = "/".join(parts[:end])
            found += [f"{stem}.py", f"{stem}/__init__.py"]
    return found
