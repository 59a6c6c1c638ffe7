"""The author's `files` as entries of an image."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import BuildError
from jupyter_frozenfs.image import Entry, scan

from .exclude import Exclusion
from .places import SYSTEM_FOLDERS, mount_point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .declare import Environment


def own_files(environment: Environment, skipped: Callable[[str, str], None] | None = None) -> list[Entry]:
    """List the files that an environment declares, at their paths in the kernel.

    Parameters
    ----------
    environment
        Its `files`, relative to its directory.
    skipped
        Called with path and reason for what an image cannot hold, such as a socket.

    Raises
    ------
    BuildError
        A path is missing, leaves the folder, cannot appear in a kernel, or meets another one.
    """
    gathered = _Gathered(environment)
    for host, target in environment.files.items():
        source = gathered.source(host)
        place = PurePosixPath(target)
        if target.endswith("/"):
            place /= source.name
        for entry in scan(source, at=str(place) if str(place) != "/" else "/", skipped=skipped):
            gathered.add(entry, host, place)
    return list(gathered.entries.values())


def host_paths(environment: Environment) -> list[Path]:
    """Return the files of the build machine whose contents `own_files` gives, sorted.

    What is missing is left out: to read it is what tells. Links are told by `layout`.
    """
    return sorted({path for host in environment.files for path in _files_below(environment.directory / host)})


def layout(environment: Environment) -> list[tuple[str, str, bool, str]]:
    """Return what `own_files` gives beside the contents of files: path, kind, executable, target of a link.

    Raises
    ------
    BuildError
        As `own_files` does.
    """
    return [
        (entry.path, entry.kind, bool(entry.mode & 0o100), entry.target) for entry in own_files(environment)
    ]


def _files_below(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for directory, _, names in os.walk(path):
            found = (Path(directory, name) for name in names)
            yield from (file for file in found if file.is_file() and not file.is_symlink())
    elif path.is_file():
        yield path


@dataclass(slots=True, init=False)
class _Gathered:
    where: str
    directory: Path
    exclusion: Exclusion
    entries: dict[str, Entry]
    hosts: dict[str, str]
    folded: dict[str, str]

    def __init__(self, environment: Environment) -> None:
        self.where = f"environment {environment.name!r}"
        self.directory = environment.directory
        self.exclusion = Exclusion.of(environment)
        self.entries = {}
        self.hosts = {}
        self.folded = {}

    def source(self, host: str) -> Path:
        """Return the path on this machine, which exists and is where it says."""
        path = self.directory / host
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise BuildError(
                f"{self.where}: files names {path}, which does not exist. Correct the path; it is relative "
                f"to {self.directory}."
            ) from error
        if not Path(host).is_absolute() and not real.is_relative_to(self.directory.resolve()):
            raise BuildError(
                f"{self.where}: files names {host!r}, which leaves {self.directory} (it is {real}). Move it "
                "there, or write its absolute path."
            )
        # `.` has no name of its own
        return path if path.name and path.name != ".." else real

    def add(self, entry: Entry, host: str, place: PurePosixPath) -> None:
        path = entry.path
        if self.exclusion.own_file(path):
            return
        if entry.kind == "link":
            self._check_link(entry, place)
        if entry.kind != "directory" and mount_point(path) is None:
            raise BuildError(
                f"{self.where}: files puts {host!r} at {path!r}, expected a place in a folder such as "
                "'/home/pyodide/' or '/data/': nothing can be put into /, /home or /lib themselves, nor "
                f"into {', '.join(SYSTEM_FOLDERS)}."
            )
        before = self.entries.get(path)
        if before is not None and "directory" not in {before.kind, entry.kind}:
            raise BuildError(
                f"{self.where}: files puts both {self.hosts[path]!r} and {host!r} at {path!r}. Give one of "
                "them another place."
            )
        other = self.folded.setdefault(path.casefold(), path)
        if other != path:
            raise BuildError(
                f"{self.where}: files puts {host!r} at {path!r} and {self.hosts[other]!r} at {other!r}, "
                "which differ only in case: a Windows or macOS disk holds one of them. Rename one."
            )
        self.entries[path] = entry
        self.hosts[path] = host

    def _check_link(self, entry: Entry, place: PurePosixPath) -> None:
        target = entry.target
        inside = normpath(str(PurePosixPath(entry.path).parent / target))
        if target.startswith("/") or not PurePosixPath(inside).is_relative_to(place):
            raise BuildError(
                f"{self.where}: files holds {entry.path!r}, a link to {target!r}, which leaves its folder "
                f"{str(place)!r}. Replace the link by what it points to, or exclude it."
            )


def normal(entry: Entry, mtime: int) -> Entry:
    """Return an entry as it is in an image, whatever machine and checkout it comes from."""
    if entry.kind == "link":
        return replace(entry, mtime=mtime)
    executable = entry.kind == "directory" or entry.mode & 0o100
    return replace(entry, mtime=mtime, mode=0o755 if executable else 0o644)
