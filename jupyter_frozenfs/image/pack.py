"""From a directory to an image, or to a layer on one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from .layer import layer_of, stack
from .scan import scan
from .writer import DEFAULT_LEVEL, write_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .entry import Entry
    from .reader import Image
    from .summary import ImageSummary


def pack(
    directory: Path | str,
    destination: Path | str | BinaryIO,
    *,
    at: str = "/",
    exclude: Sequence[str] = (),
    boot: Sequence[str] = (),
    base: Sequence[Image] = (),
    compress: bool = True,
    level: int = DEFAULT_LEVEL,
    part_size: int | None = None,
    clamp: int | None = None,
    skipped: Callable[[str, str], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImageSummary:
    """Write a directory of this machine as an image.

    The image itself, should it lie in the directory, does not become part of it.

    Parameters
    ----------
    directory, at, exclude, clamp, skipped
        What to store, and where it appears: see :func:`scan`.
    destination, boot, compress, level, part_size, progress
        What to write, and how: see :func:`write_image`.
    base
        Write a layer on these images, the lowest first: only what differs from them.

    Raises
    ------
    ImageError
        When something cannot be read, stored or written.
    """
    source = Path(directory)
    own = _own_paths(source, destination, at.rstrip("/"))
    seen = skipped or (lambda _path, _reason: None)
    entries = _without(scan(source, at=at, exclude=exclude, clamp=clamp, skipped=skipped), own, seen)
    if base:
        return write_layer(
            destination,
            base,
            entries,
            boot=boot,
            compress=compress,
            level=level,
            part_size=part_size,
            progress=progress,
        )
    return write_image(
        destination,
        entries,
        boot=boot,
        compress=compress,
        level=level,
        part_size=part_size,
        progress=progress,
    )


def write_layer(
    destination: Path | str | BinaryIO,
    base: Sequence[Image],
    entries: Iterable[Entry],
    *,
    boot: Sequence[str] = (),
    compress: bool = True,
    level: int = DEFAULT_LEVEL,
    part_size: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImageSummary:
    """Write what a tree has that a base has not, and what it lacks.

    Parameters
    ----------
    destination, compress, level, part_size, progress
        See :func:`write_image`.
    base
        The image that the layer is on, after those that this one is itself a layer of, the lowest first.
    entries
        The whole new tree, in any order.
    boot
        Paths of regular files; those that are as in the base are not in the layer and left out.

    Raises
    ------
    ImageError
        When the images are not of each other, or something cannot be read, stored or written.
    """
    layer = layer_of(stack(base), entries)
    files = {entry.path for entry in layer.entries if entry.kind == "file"}
    return write_image(
        destination,
        layer.entries,
        boot=[path for path in boot if path in files],
        compress=compress,
        level=level,
        base=base[-1].summary.sha256,
        whiteouts=layer.whiteouts,
        part_size=part_size,
        progress=progress,
    )


def _own_paths(source: Path, destination: Path | str | BinaryIO, at: str) -> str | None:
    """Find where in the tree an older image at the destination would appear."""
    if not isinstance(destination, (str, os.PathLike)):
        return None
    try:
        place = Path(destination).resolve().relative_to(source.resolve())
    except (ValueError, OSError):
        return None
    return f"{at}/{place.as_posix()}"


def _without(
    entries: Iterable[Entry], own: str | None, skipped: Callable[[str, str], None]
) -> Iterator[Entry]:
    for entry in entries:
        if own is not None and (entry.path == own or _is_part(entry.path, own)):
            skipped(entry.path, "is the image that is written")
        else:
            yield entry


def _is_part(path: str, image: str) -> bool:
    suffix = path.removeprefix(f"{image}.")
    return suffix != path and len(suffix) == 3 and suffix.isdecimal()  # noqa: PLR2004 - as in `part_path`
