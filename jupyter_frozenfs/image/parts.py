"""An image that is split into several files (docs/format.md, section 6)."""

from __future__ import annotations

import bisect
import io
import os
import re
import shutil
from contextlib import suppress
from itertools import accumulate, count
from typing import TYPE_CHECKING, BinaryIO, cast

from jupyter_frozenfs.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Their numbers have three digits, so that the order of their names is that of their bytes.
MOST_PARTS = 1000
_NUMBERED = re.compile(r"(?P<name>.+)\.000\Z", re.DOTALL)


def part_path(image: Path, number: int) -> Path:
    """Name a part of an image: ``image.img.000``, ``image.img.001``, …."""
    return image.with_name(f"{image.name}.{number:03}")


def find_parts(image: Path) -> list[Path]:
    """List the files that hold an image.

    Parameters
    ----------
    image
        The file of a whole image, the first part (``….000``), or the name that the parts have in common.
    """
    if (numbered := _NUMBERED.match(image.name)) is not None:
        whole = image.with_name(numbered["name"])
    elif image.exists() or not part_path(image, 0).exists():
        return [image]
    else:
        whole = image
    parts = [part_path(whole, 0)]
    while len(parts) < MOST_PARTS and (part := part_path(whole, len(parts))).exists():
        parts.append(part)
    return parts


def open_parts(parts: Sequence[Path]) -> BinaryIO:
    """Open files as if they were one, whose bytes run through them.

    Raises
    ------
    OSError
        When one of them is not there.
    """
    if len(parts) == 1:
        return parts[0].open("rb")
    return cast("BinaryIO", io.BufferedReader(_Joined(parts)))


def split_image(image: Path, part_size: int) -> list[Path]:
    """Cut a file into parts beside it; it becomes the first of them, so that little free space is enough.

    A file that is no larger than a part stays as it is. Nothing of an older image of this name remains.

    Parameters
    ----------
    image
        What to cut.
    part_size
        Bytes of each part; the last one has what is left.

    Returns
    -------
    list of Path
        The files that hold the image now.

    Raises
    ------
    ImageError
        When it would be more than 1,000 parts.
    """
    size = image.stat().st_size
    check_part_size(part_size, size)
    parts = [image]
    if size > part_size:
        total = -(-size // part_size)
        parts = [part_path(image, number) for number in range(total)]
        with image.open("r+b") as source:
            for number in range(total - 1, 0, -1):
                source.seek(number * part_size)
                with parts[number].open("wb") as out:
                    shutil.copyfileobj(source, out, 1 << 20)
                    out.flush()
                    os.fsync(out.fileno())
                source.truncate(number * part_size)
        image.replace(parts[0])
    remove_parts(image, 0 if parts == [image] else len(parts))
    return parts


def part_sizes(size: int, part_size: int | None) -> tuple[int, ...]:
    """Tell into which pieces :func:`split_image` cuts a file of `size` bytes."""
    if part_size is None or size <= part_size:
        return (size,)
    return tuple(min(part_size, size - start) for start in range(0, size, part_size))


def remove_parts(image: Path, first: int) -> None:
    """Remove the parts of an older image from a number on."""
    for number in count(first):
        if number >= MOST_PARTS or not (part := part_path(image, number)).is_file():
            return
        with suppress(OSError):
            part.unlink()


def check_part_size(part_size: int, size: int = 0) -> None:
    """Refuse a size of parts that makes no sense for an image of `size` bytes.

    Raises
    ------
    ImageError
        When it is not positive, or makes too many parts.
    """
    if part_size < 1 or -(-size // part_size) > MOST_PARTS:
        raise ImageError(
            f"parts of {part_size} bytes cannot hold an image of {size} bytes, expected at most {MOST_PARTS} "
            "parts; make them larger"
        )


class _Joined(io.RawIOBase):
    """Several files, of which one at a time is open."""

    def __init__(self, parts: Sequence[Path]) -> None:
        self._parts = tuple(parts)
        #: Where each begins, and behind them where the last one ends.
        self._starts = (0, *accumulate(part.stat().st_size for part in parts))
        self._position = 0
        self._number = -1
        self._file: BinaryIO | None = None
        self._open(0)

    @property
    def name(self) -> str:
        return os.fspath(self._parts[0])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._starts[-1]}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._position >= self._starts[-1]:
            return 0
        number = bisect.bisect_right(self._starts, self._position) - 1
        file = self._open(number)
        file.seek(self._position - self._starts[number])
        data = file.read(min(len(buffer), self._starts[number + 1] - self._position))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()

    def _open(self, number: int) -> BinaryIO:
        if self._file is None or number != self._number:
            if self._file is not None:
                self._file.close()
            self._file = self._parts[number].open("rb")
            self._number = number
        return self._file
