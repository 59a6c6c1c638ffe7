"""Unpacking a tree into a directory, without ever writing outside of it."""

from __future__ import annotations

import os
import shutil
import stat
import unicodedata
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, cast

from jupyter_frozenfs.errors import ImageError

from .stored import Forward, Stored
from .windows import windows_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from .entry import Entry

_NEW_FILE = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
)
#: An open file takes its mode and time without another walk along its path.
_BY_DESCRIPTOR = hasattr(os, "fchmod") and os.utime in os.supports_fd
_READ = 1 << 20


def extract_tree(
    name: str, entries: Mapping[str, Entry], directory: Path, progress: Callable[[int, int], None]
) -> None:
    """Unpack `entries` of images into a new or empty `directory`; `name` is the image's, for messages.

    Safe by construction: the directory is empty at first, each file is created where nothing was,
    below directories made here, and links, which could lead elsewhere, are made when all else is written.

    Raises
    ------
    ImageError
        When the tree cannot be unpacked here; what was made is removed.
    """
    for path in entries:
        if (fault := windows_fault(path) if os.name == "nt" else None) is not None:
            raise ImageError(f"{name}: {path!r} cannot be extracted on Windows: {fault}")
    existed = directory.exists()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if any(directory.iterdir()):
            raise ImageError(f"{directory} is not empty; extract {name} into a new or empty directory")
    except OSError as error:
        raise ImageError(f"{directory} cannot be made: {error.strerror or error}") from error
    try:
        _Extraction(name, entries, os.path.abspath(directory), progress).run()  # noqa: PTH100 - a string
    except BaseException:
        _clear(directory, keep=existed)
        raise


class _Extraction:
    """One unpacking. Places are strings and files are descriptors: there are thousands of them."""

    def __init__(
        self, name: str, entries: Mapping[str, Entry], root: str, progress: Callable[[int, int], None]
    ) -> None:
        self.name = name
        self.root = root
        self.progress = progress
        self.entries = entries
        kinds: dict[str, list[Entry]] = {"directory": [], "file": [], "link": []}
        for entry in entries.values():
            kinds[entry.kind].append(entry)
        self.directories = sorted(kinds["directory"], key=lambda entry: entry.path.count("/"))
        self.files = [entry for entry in kinds["file"] if not entry.target]
        self.more_names = [entry for entry in kinds["file"] if entry.target]
        self.links = kinds["link"]
        self.total = sum(entry.size for entry in self.files)
        self.done = 0

    def run(self) -> None:
        for entry in self.directories:
            with self.making(entry):
                os.mkdir(self.place(entry.path), 0o700)  # noqa: PTH102 - see above
        images: dict[int, list[Entry]] = {}
        for entry in self.files:
            images.setdefault(id(_stored(entry).container), []).append(entry)
        for files in images.values():
            self.write_files(sorted(files, key=lambda entry: _stored(entry).start))
        for entry in self.more_names:
            with self.making(entry):
                if not self.linked(self.place(entry.target), self.place(entry.path)):
                    with entry.open() as source:
                        self.write(entry, iter(lambda: source.read(_READ), b""))
        for entry in self.links:
            with self.making(entry):
                os.symlink(entry.target, self.place(entry.path), self.is_directory(entry))  # noqa: PTH211
            if os.utime in os.supports_follow_symlinks:
                self.set_time(entry, follow_symlinks=False)
        # Deepest first, and last of all: what is made inside a directory changes its mtime.
        for entry in reversed(self.directories):
            with self.making(entry):
                os.chmod(self.place(entry.path), entry.mode & 0o1777)  # noqa: PTH101 - see above
            self.set_time(entry)

    def write_files(self, files: list[Entry]) -> None:
        """Write files of one image in the order of their bytes, so that each chunk is inflated once."""
        stored = [_stored(entry) for entry in files]
        forward = Forward(stored[0].container, [(each.start, each.end) for each in stored])
        try:
            for entry, each in zip(files, stored, strict=True):
                with self.making(entry):
                    self.write(entry, forward.pieces(each.start, each.end))
                self.done += entry.size
                self.progress(self.done, self.total)
        finally:
            forward.close()

    def write(self, entry: Entry, pieces: Iterable[bytes | memoryview]) -> None:
        place = self.place(entry.path)
        file = os.open(place, _NEW_FILE, 0o600)
        try:
            for piece in pieces:
                _write_all(file, piece)
            if _BY_DESCRIPTOR:
                os.fchmod(file, entry.mode & 0o1777)
                _set_time(file, entry.mtime)
        finally:
            os.close(file)
        if not _BY_DESCRIPTOR:
            os.chmod(place, entry.mode & 0o1777)  # noqa: PTH101 - see above
            _set_time(place, entry.mtime)

    def linked(self, first: str, place: str) -> bool:
        """Make a hard link, unless this system or file system has none, or has too many of this file."""
        try:
            os.link(first, place)
        except FileExistsError:
            raise
        except (AttributeError, NotImplementedError, OSError):
            return False
        return True

    @contextmanager
    def making(self, entry: Entry) -> Iterator[None]:
        """Say which entry it was that could not be made, and why."""
        try:
            yield
        except FileExistsError as error:
            raise ImageError(self.collision(entry.path)) from error
        except (OSError, ValueError) as error:
            kind = "symbolic link" if entry.kind == "link" else entry.kind
            advice = ""
            if entry.kind == "link" and os.name == "nt":
                advice = "; allow symbolic links in Windows (developer mode) or extract elsewhere"
            raise ImageError(
                f"{self.name}: the {kind} {entry.path!r} cannot be extracted: "
                f"{getattr(error, 'strerror', None) or error}{advice}"
            ) from error

    def set_time(self, entry: Entry, *, follow_symlinks: bool = True) -> None:
        _set_time(self.place(entry.path), entry.mtime, follow_symlinks=follow_symlinks)

    def place(self, path: str) -> str:
        return self.root + path

    def is_directory(self, link: Entry) -> bool:
        """Tell whether a link leads to a directory, which Windows wants to know beforehand."""
        return os.name == "nt" and os.path.isdir(  # noqa: PTH112 - see above
            os.path.join(self.place(link.path), os.pardir, link.target)  # noqa: PTH118
        )

    def collision(self, path: str) -> str:
        """Name the other entry that this file system takes for the same."""
        folded = _folded(path)
        other = next((one for one in self.entries if one != path and _folded(one) == folded), "another entry")
        return (
            f"{self.name}: {path!r} and {other!r} are one name on the file system of {self.root}, which does "
            "not tell letter case or Unicode forms apart; extract to one that does"
        )


def _stored(entry: Entry) -> Stored:
    return cast("Stored", entry.content)


def _write_all(file: int, data: bytes | memoryview) -> None:
    written = os.write(file, data)
    while written < len(data):
        data = data[written:]
        written = os.write(file, data)


def _set_time(place: str | int, mtime: int, *, follow_symlinks: bool = True) -> None:
    with suppress(OverflowError, OSError):  # a year that this file system does not know
        # An open file admits of no `follow_symlinks`, which is what it is by default.
        if follow_symlinks:
            os.utime(place, (mtime, mtime))
        else:
            os.utime(place, (mtime, mtime), follow_symlinks=False)


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path.casefold())


def _clear(directory: Path, *, keep: bool) -> None:
    for child in directory.iterdir():
        if child.is_dir() and not child.is_symlink():
            _remove_tree(child)
        else:
            with suppress(OSError):
                child.unlink()
    if not keep:
        with suppress(OSError):
            directory.rmdir()


def _remove_tree(directory: Path) -> None:
    """Remove a directory, also where modes forbid it by now: of folders, on Windows of files."""
    for folder, _, names in os.walk(directory):
        for path in (folder, *(os.path.join(folder, name) for name in names if os.name == "nt")):  # noqa: PTH118
            with suppress(OSError):
                os.chmod(path, stat.S_IRWXU)  # noqa: PTH101 - see above
    shutil.rmtree(directory, ignore_errors=True)
