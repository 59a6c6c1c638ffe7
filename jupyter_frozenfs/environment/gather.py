"""The tree of an image: packages, the author's files, and what the warm-up left."""

from __future__ import annotations

import stat
import zipfile
from calendar import timegm
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO

from jupyter_frozenfs.errors import BuildError
from jupyter_frozenfs.image import Entry, scan

from .own_files import normal
from .places import HOME, mount_point

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .core import Core
    from .report import Report

#: what Python imports
_IMPORTED = (".pyc", ".so", ".py")


class Tree:
    """Entries by path; what is added later replaces what was there.

    Parameters
    ----------
    python
        Version of Python, e.g. ``3.14.2``: names its byte code.
    mtime
        Of every entry, seconds since 1970.
    """

    def __init__(self, python: str, mtime: int) -> None:
        self._cache_tag = "cpython-" + "".join(python.split(".")[:2])
        self.mtime = mtime
        self._entries: dict[str, Entry] = {}

    def add_directory(self, directory: Path) -> None:
        """Add all that lies in a directory that mirrors the root of a kernel."""
        for entry in scan(directory):
            self._entries[entry.path] = normal(entry, self.mtime)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries; byte code of a source that is replaced goes, because nothing would compare the two."""
        for entry in entries:
            before = self._entries.get(entry.path)
            if before is not None and before.kind != entry.kind:
                raise BuildError(
                    f"{entry.path!r} is a {before.kind} of the environment and a {entry.kind} of its files. "
                    "Give the file another place."
                )
            self._entries[entry.path] = normal(entry, self.mtime)
            self._forget_byte_code(entry.path)

    def remove(self, path: str) -> None:
        """Remove an entry and all below."""
        for each in [each for each in self._entries if each == path or each.startswith(f"{path}/")]:
            del self._entries[each]
        self._forget_byte_code(path)

    def _forget_byte_code(self, path: str) -> None:
        source = PurePosixPath(path)
        if source.suffix == ".py":
            self._entries.pop(
                str(source.parent / "__pycache__" / f"{source.stem}.{self._cache_tag}.pyc"), None
            )

    def mounts(self, core: Core) -> list[dict[str, str]]:
        """Return where the image appears, and make each of these folders exist in it."""
        places = {core.lib, HOME}
        for path, entry in self._entries.items():
            if entry.kind == "directory" or path.startswith((f"{core.lib}/", f"{HOME}/")):
                continue
            place = mount_point(path)
            if place is not None:
                places.add(place)
        for place in places:
            if place not in self._entries:
                self._entries[place] = Entry(place, "directory", 0o755, self.mtime)
        order = [core.lib, HOME, *sorted(places - {core.lib, HOME})]
        return [{"root": place, "path": place} for place in order]

    def entries(self) -> list[Entry]:
        """Return all entries, each with its parents."""
        found = dict(self._entries)
        for path in self._entries:
            for parent in PurePosixPath(path).parents:
                name = str(parent)
                if name != "/" and name not in found:
                    found[name] = Entry(name, "directory", 0o755, self.mtime)
        return list(found.values())

    def boot_list(self, read: Sequence[str]) -> list[str]:
        """Return the regular files among those that were read: first what is imported, then all else.

        Each comes once, in the order of the first read. A restored kernel has in memory what was imported;
        what it still reads lies together.
        """
        files = [
            path
            for path in dict.fromkeys(read)
            if path in self._entries and self._entries[path].kind == "file"
        ]
        return sorted(files, key=lambda path: not path.endswith(_IMPORTED))

    def apply_changes(self, result: Mapping[str, Any], output: Path, report: Report) -> bool:
        """Take over what a warm-up wrote and removed; tell whether there was anything.

        Parameters
        ----------
        result
            Of the job: `changed` and `removed` are paths in the kernel.
        output
            Where the changed files are mirrored.
        """
        for path in result["removed"]:
            self.remove(path)
        changed = [entry for path in sorted(result["changed"]) if (entry := _changed(path, output, report))]
        self.add(changed)
        return bool(changed or result["removed"])


def _changed(path: str, output: Path, report: Report) -> Entry | None:
    source = output.joinpath(*PurePosixPath(path).parts[1:])
    try:
        status = source.lstat()
    except OSError:
        report.log(f"The warm-up left {path}, which is neither a file nor a folder: it is not kept")
        return None
    if stat.S_ISDIR(status.st_mode):
        return Entry(path, "directory", 0o755, 0)
    if stat.S_ISLNK(status.st_mode):
        return Entry(path, "link", 0o777, 0, target=source.readlink().as_posix())
    return Entry(path, "file", status.st_mode & 0o777, 0, status.st_size, content=partial(_open, source))


def _open(path: Path) -> BinaryIO:
    return path.open("rb")


def default_epoch(core: Core) -> int:
    """Return the mtime of images when nobody says: the day of the Pyodide, the same on every machine."""
    with zipfile.ZipFile(core.stdlib) as archive:
        newest = max(member.date_time for member in archive.infolist())
    return timegm((*newest, 0, 0, 0))
