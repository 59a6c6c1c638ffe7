"""One entry of a tree, and what the format allows it to be (docs/format.md, section 1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Literal

from jupyter_frozenfs.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["file", "directory", "link"]

#: The name of the index in the archive; a tree cannot hold a file of this path.
INDEX_NAME = ".vfs-index.json"
#: What lies here is made by the running system and is never stored.
VIRTUAL_ROOTS = ("/dev/", "/proc/", "/sys/")
#: The mode of every symbolic link, and of directories that nobody described.
LINK_MODE = 0o777
DIRECTORY_MODE = 0o755

_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|\Z))[^/\0]+)+\Z")
_MODE_LIMIT = 0o10000
_MTIME_LIMIT = 2**53


@dataclass(frozen=True, slots=True)
class Entry:
    """A directory, regular file or symbolic link of a tree.

    Parameters
    ----------
    path
        Absolute path in the image, such as ``/lib/python3.14/os.py``.
    kind
        ``"file"``, ``"directory"`` or ``"link"`` (symbolic).
    mode
        The 12 permission bits; a link's is always ``0o777``.
    mtime
        Whole seconds since the epoch.
    size
        Bytes of a regular file, 0 otherwise.
    target
        What a link points to. For a regular file: the path of another file of the tree which is
        the same file (a hard link), or empty.
    content
        Opens the bytes of a regular file; they are exactly ``size``.
    """

    path: str
    kind: Kind
    mode: int
    mtime: int
    size: int = 0
    target: str = ""
    content: Callable[[], BinaryIO] | None = field(default=None, compare=False, repr=False)

    def open(self) -> BinaryIO:
        """Open the bytes of a regular file.

        Raises
        ------
        ImageError
            When the entry has none.
        """
        if self.content is None:
            raise ImageError(f"{self.path!r} is a {self.kind} without content")
        return self.content()


def path_fault(path: str) -> str | None:  # noqa: PLR0911 - one for each fault
    """Say what is wrong with a path, or None."""
    if not path.isascii() and not _is_utf8(path):
        return "is not valid UTF-8"
    if "\0" in path:
        return "holds a NUL"
    if not _PATH.match(path):
        if not path.startswith("/"):
            return "is not absolute"
        return "has an empty, '.' or '..' segment or a trailing slash"
    if path.startswith(VIRTUAL_ROOTS):
        return "lies under /dev, /proc or /sys, which are never stored"
    if path == f"/{INDEX_NAME}":
        return "is where the image keeps its index"
    return None


def target_fault(target: str) -> str | None:
    """Say what is wrong with a link's target, or None."""
    if not target:
        return "is empty"
    if "\0" in target:
        return "holds a NUL"
    return None if _is_utf8(target) else "is not valid UTF-8"


def number_faults(mode: int, mtime: int) -> str | None:
    """Say what is wrong with a mode or an mtime, or None."""
    if not 0 <= mode < _MODE_LIMIT:
        return f"has mode {mode}, expected 0 to 4095 (12 permission bits)"
    if not 0 <= mtime < _MTIME_LIMIT:
        return f"has mtime {mtime}, expected 0 to 2**53-1 seconds"
    return None


def check_entry(entry: Entry) -> None:
    """Refuse an entry that the format cannot hold.

    Raises
    ------
    ImageError
        Naming the entry and what is wrong with it.
    """
    fault = path_fault(entry.path) or number_faults(entry.mode, entry.mtime)
    if fault is None and entry.kind == "link":
        if (problem := target_fault(entry.target)) is not None:
            fault = f"is a link whose target {entry.target!r} {problem}"
        elif entry.mode != LINK_MODE:
            fault = f"is a link of mode {entry.mode:#o}, expected 0o777"
    if fault is None and entry.kind == "file":
        if entry.size < 0:
            fault = f"has size {entry.size}"
        elif entry.content is None and not entry.target:
            fault = "is a file without content"
    if fault is not None:
        raise ImageError(f"{entry.path!r} cannot be stored in an image: it {fault}")


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
