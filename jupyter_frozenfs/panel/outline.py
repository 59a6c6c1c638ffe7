"""All entries of an image as columns, which travel to a page as bytes; `src/panel/outline.ts` reads them."""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_frozenfs.image import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KINDS = {"file": 0, "directory": 1, "link": 2}
_ROOT = Entry("", "directory", 0o755, 0)


@dataclass(frozen=True, slots=True)
class Columns:
    """The entries of an image.

    Attributes
    ----------
    count
        How many there are, with the root, which is the first.
    buffers
        Names (UTF-8, joined by NUL), numbers of parents (uint32), kinds (uint8: 0 file, 1 directory, 2 link),
        sizes in bytes (float64), modes (uint16), mtimes in seconds (float64), targets of the links (UTF-8,
        joined by NUL); numbers are little-endian.
    """

    count: int
    buffers: Sequence[bytes]


def outline_columns(tree: Mapping[str, Entry]) -> Columns:
    """Set a tree in columns: parents before what they hold, in a directory directories first, then by name.

    Parameters
    ----------
    tree
        The entries by path.
    """
    children: dict[str, list[Entry]] = {"": []}
    for entry in tree.values():
        _put(children, entry)
    names: list[str] = []
    targets: list[str] = []
    parents, kinds, modes = array("I"), bytearray(), array("H")
    sizes, mtimes = array("d"), array("d")
    waiting = [(_ROOT, 0)]
    while waiting:
        entry, parent = waiting.pop()
        number = len(names)
        names.append(entry.path.rpartition("/")[2])
        parents.append(parent)
        kinds.append(_KINDS[entry.kind])
        sizes.append(entry.size)
        modes.append(entry.mode)
        mtimes.append(entry.mtime)
        if entry.kind == "link":
            targets.append(entry.target)
        elif entry.kind == "directory":
            below = children.get(entry.path, [])
            below.sort(key=_order, reverse=True)
            waiting.extend((child, number) for child in below)
    return Columns(
        len(names),
        [
            "\0".join(names).encode(),
            _little(parents),
            bytes(kinds),
            _little(sizes),
            _little(modes),
            _little(mtimes),
            "\0".join(targets).encode(),
        ],
    )


def _put(children: dict[str, list[Entry]], entry: Entry) -> None:
    """Put an entry below the directory that it lies in."""
    parent = entry.path.rpartition("/")[0]
    if entry.kind == "directory":
        children.setdefault(entry.path, [])
    children.setdefault(parent, []).append(entry)


def _order(entry: Entry) -> tuple[bool, bytes]:
    return entry.kind != "directory", entry.path.encode()


def _little(numbers: array[int] | array[float]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()
