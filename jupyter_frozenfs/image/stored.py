"""The bytes of a file as they lie in an image: by name at random, or many files in one pass."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .container import Container
    from .entry import Entry

_READ = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """The content of an entry that comes from an image; calling it opens the bytes.

    Parameters
    ----------
    container
        The image's bytes.
    start, end
        The range of the uncompressed archive.
    """

    container: Container
    start: int
    end: int

    def __call__(self) -> BinaryIO:
        """Open the bytes, checked as they are read."""
        # No larger than the file: most are small, and there are thousands.
        return cast("BinaryIO", io.BufferedReader(_Range(self), min(_READ, max(1, self.end - self.start))))

    @property
    def key(self) -> tuple[int, int]:
        """What all names of one file have in common, and two files never."""
        return id(self.container), self.start


class Forward:
    """Reads ranges of an archive in ascending order, inflating ahead on other threads.

    Parameters
    ----------
    container
        The image's bytes.
    ranges
        Start and end of all that is going to be read, ascending and apart.
    """

    def __init__(self, container: Container, ranges: Iterable[tuple[int, int]]) -> None:
        self._size = container.index.chunk
        self._chunks = container.stream(_numbers(ranges, self._size))
        self._number = -1
        self._data = memoryview(b"")

    def pieces(self, start: int, end: int) -> Iterator[memoryview]:
        """Yield the bytes of the next range, without a copy.

        Raises
        ------
        ImageError
            When they are damaged.
        """
        while start < end:
            number, offset = divmod(start, self._size)
            while self._number < number:
                self._number, data = next(self._chunks)
                self._data = memoryview(data)
            piece = self._data[offset : offset + end - start]
            yield piece
            start += len(piece)

    def close(self) -> None:
        """Stop inflating."""
        self._chunks.close()


def regrouped(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Make the first name of each file the one that its other names are hard links to.

    What is given are entries of images, perhaps of several, and perhaps not all of one: the first name in
    the archive may be missing, or have become another file.
    """
    first: dict[tuple[int, int], str] = {}
    tree: dict[str, Entry] = {}
    for entry in entries:
        found = entry
        if isinstance(entry.content, Stored):
            original = first.setdefault(entry.content.key, entry.path)
            target = "" if original == entry.path else original
            found = entry if target == entry.target else replace(entry, target=target)
        tree[entry.path] = found
    return tree


def _numbers(ranges: Iterable[tuple[int, int]], size: int) -> Iterator[int]:
    after = 0
    for start, end in ranges:
        if start < end:
            last = (end - 1) // size + 1
            yield from range(max(after, start // size), last)
            after = max(after, last)


class _Range(io.RawIOBase):
    """A file of the image, read by ranges of the archive."""

    def __init__(self, stored: Stored) -> None:
        self._container = stored.container
        self._start = stored.start
        self._end = stored.end
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._end - self._start}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        start = self._start + self._position
        if start >= self._end:
            return 0
        # To the border of a chunk at most: what is read next is then in the cache or in the next chunk.
        border = start - start % self._container.index.chunk + self._container.index.chunk
        data = self._container.read_range(start, min(self._end, border, start + len(buffer)))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
