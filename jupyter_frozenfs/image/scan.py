"""From a directory of this machine to entries of a tree."""

from __future__ import annotations

import os
import stat
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from jupyter_frozenfs.errors import ImageError

from .entry import INDEX_NAME, LINK_MODE, VIRTUAL_ROOTS, Entry
from .globs import compile_globs

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Sequence


def scan(
    directory: Path,
    *,
    at: str = "/",
    exclude: Sequence[str] = (),
    clamp: int | None = None,
    skipped: Callable[[str, str], None] | None = None,
) -> Iterator[Entry]:
    """List a directory, or a single file, as entries of a tree.

    Entries come with their parents first and in the byte order of their names. Symbolic links stay links;
    two names of one file become a file and a hard link. Devices, sockets, FIFOs, Windows junctions,
    whatever would lie under ``/dev``, ``/proc`` and ``/sys``, and an old index at the root are skipped.

    Parameters
    ----------
    directory
        What to list. If it is a link itself, what it points to is listed.
    at
        Where it appears in the tree; unless this is ``/``, the first entry is of this path.
    exclude
        Globs over paths in the tree, see :func:`compile_globs`.
    clamp
        Latest mtime, seconds since the epoch; later ones become this one.
    skipped
        Called with the path in the tree and the reason for each skipped entry.

    Raises
    ------
    ImageError
        When something cannot be read, or a name is not valid UTF-8.
    """
    return _Scan(compile_globs(exclude), clamp, skipped or (lambda _path, _reason: None)).top(
        Path(directory), at.rstrip("/")
    )


class _Scan:
    def __init__(
        self, exclude: re.Pattern[str], clamp: int | None, skipped: Callable[[str, str], None]
    ) -> None:
        self.exclude = exclude
        self.clamp = clamp
        self.skipped = skipped
        #: The first path of each file that has several names, by device and inode.
        self.names: dict[tuple[int, int], str] = {}

    def top(self, source: Path, at: str) -> Iterator[Entry]:
        status = _status(source, follow=True)
        if not stat.S_ISDIR(status.st_mode) and not at:
            raise ImageError(f"{source} is not a directory; give the path at which this file is to appear")
        if at:
            yield from self.entry(source, at, status)
        if stat.S_ISDIR(status.st_mode):
            yield from self.children(os.fspath(source), at)

    def children(self, directory: str, at: str) -> Iterator[Entry]:
        try:
            names = os.listdir(directory)  # noqa: PTH208 - paths are strings here: thousands of them
        except OSError as error:
            raise ImageError(f"{directory} cannot be listed: {error.strerror or error}") from error
        for name in sorted(names, key=os.fsencode):
            source = os.path.join(directory, name)  # noqa: PTH118 - see above
            path = f"{at}/{name}"
            if self.exclude.match(path):
                continue
            _check_name(name, source)
            status = _status(source, follow=False)
            if (reason := _unstorable(path, status)) is not None:
                self.skipped(path, reason)
                continue
            yield from self.entry(source, path, status)
            if stat.S_ISDIR(status.st_mode):
                yield from self.children(source, path)

    def entry(self, source: str | Path, path: str, status: os.stat_result) -> Iterator[Entry]:
        mtime = max(0, int(status.st_mtime_ns // 1_000_000_000))
        mtime = mtime if self.clamp is None else min(mtime, self.clamp)
        mode = stat.S_IMODE(status.st_mode)
        if stat.S_ISLNK(status.st_mode):
            yield Entry(path, "link", LINK_MODE, mtime, target=_target(source))
        elif stat.S_ISDIR(status.st_mode):
            # Windows knows no modes: what it reports would differ from other systems for the same tree.
            yield Entry(path, "directory", 0o755 if os.name == "nt" else mode, mtime)
        elif stat.S_ISREG(status.st_mode):
            first = ""
            if status.st_nlink > 1:
                known = self.names.setdefault((status.st_dev, status.st_ino), path)
                first = "" if known == path else known
            mode = 0o644 if os.name == "nt" else mode
            yield Entry(path, "file", mode, mtime, status.st_size, first, partial(_open, source))
        else:
            raise ImageError(f"{source} is neither a file nor a directory")


def _unstorable(path: str, status: os.stat_result) -> str | None:
    if path.startswith(VIRTUAL_ROOTS):
        return "lies under /dev, /proc or /sys"
    if path == f"/{INDEX_NAME}":
        return "is the index of another image"
    if stat.S_ISDIR(status.st_mode) and getattr(status, "st_reparse_tag", 0) == getattr(
        stat, "IO_REPARSE_TAG_MOUNT_POINT", -1
    ):
        return "is a junction"
    kinds: tuple[tuple[Callable[[int], bool], str], ...] = (
        (stat.S_ISFIFO, "is a FIFO"),
        (stat.S_ISSOCK, "is a socket"),
        (stat.S_ISBLK, "is a device"),
        (stat.S_ISCHR, "is a device"),
    )
    return next((reason for test, reason in kinds if test(status.st_mode)), None)


def _check_name(name: str, source: str) -> None:
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ImageError(
            f"the name of {os.fsencode(source)!r} is not valid UTF-8; rename or exclude it"
        ) from error


def _target(source: str | Path) -> str:
    try:
        target = os.readlink(source)  # noqa: PTH115 - sources are strings mostly
        target.encode()
    except OSError as error:
        raise ImageError(f"{source} cannot be read: {error.strerror or error}") from error
    except UnicodeEncodeError as error:
        raise ImageError(
            f"the target of the link {source} is not valid UTF-8; remove or exclude it"
        ) from error
    if os.name == "nt":
        return target.removeprefix("\\\\?\\").replace("\\", "/")
    return target


def _status(source: str | Path, *, follow: bool) -> os.stat_result:
    try:
        return os.stat(source, follow_symlinks=follow)  # noqa: PTH116 - sources are strings mostly
    except OSError as error:
        raise ImageError(f"{source} cannot be read: {error.strerror or error}") from error


def _open(source: str | Path) -> BinaryIO:
    # Without a buffer: whoever copies a file reads large blocks, and most files are one.
    return cast("BinaryIO", open(source, "rb", buffering=0))  # noqa: PTH123 - the caller closes it
