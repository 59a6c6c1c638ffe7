"""Writing images: streaming, deterministic, all or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import zlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from jupyter_frozenfs.errors import ImageError

from .atomic import replacing
from .gzipped import TRAILER_SIZE, Head, deflate, encode_head, encode_trailer, head_size
from .index import LARGEST_INDEX, chunk_count, encode_index
from .layout import Layout, plan
from .parts import part_sizes
from .summary import ImageSummary
from .tar import END_OF_ARCHIVE, header, index_header, padding
from .threads import map_ahead
from .trailer import Trailer, encode_archive_trailer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from .entry import Entry

#: Of zlib: 9 makes images 0.7 % smaller in four times the time (docs/format.md, section 4).
DEFAULT_LEVEL = 6

_READ = 1 << 20


def write_image(
    destination: Path | str | BinaryIO,
    entries: Iterable[Entry],
    *,
    boot: Sequence[str] = (),
    compress: bool = True,
    level: int = DEFAULT_LEVEL,
    base: str | None = None,
    whiteouts: Sequence[str] = (),
    part_size: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImageSummary:
    """Write a tree as an image.

    The same tree and boot list give the same uncompressed bytes. File contents are streamed:
    memory grows with the number of entries, not with their sizes.

    Parameters
    ----------
    destination
        A path, replaced only when the image is complete; or an open binary file, which needs no seeking.
    entries
        The tree, in any order. Missing parents are added.
    boot
        Paths of regular files that a start reads, in that order; they come first in the image.
    compress
        Make it one gzip member that can be read at random; otherwise a plain tar.
    level
        Of zlib, 0 to 9.
    base
        SHA-256 of the image that this one is a layer of; see :func:`write_layer`.
    whiteouts
        Paths of the base that this layer removes.
    part_size
        Split an image of more bytes than these into parts, ``….000`` and so on; only with a path.
    progress
        Called with the uncompressed bytes done and their total.

    Returns
    -------
    ImageSummary
        Sizes and digest of the file.

    Raises
    ------
    ImageError
        When the format cannot hold the tree, a file cannot be read or changes meanwhile, or the
        destination cannot be written.
    """
    layout = plan(entries, boot=boot, base=base, whiteouts=whiteouts)
    report = progress or (lambda _done, _total: None)
    if isinstance(destination, (str, os.PathLike)):
        with replacing(Path(destination), part_size) as file:
            summary = (
                _write_compressed(file, layout, level, report)
                if compress
                else _write_plain(file, layout, report)
            )
        return replace(summary, parts=part_sizes(summary.size, part_size))
    if part_size is not None:
        raise ImageError("an image can be split into parts only when it is written to a path")
    if not compress:
        return _write_plain(destination, layout, report)
    # The header holds the lengths of all chunks, so it is written last.
    with tempfile.TemporaryFile() as spool:
        summary = _write_compressed(spool, layout, level, report)
        spool.seek(0)
        shutil.copyfileobj(spool, destination, _READ)
    return summary


def _write_plain(file: BinaryIO, layout: Layout, report: Callable[[int, int], None]) -> ImageSummary:
    digest = hashlib.sha256()
    index, crc32, done = layout.index, [], 0
    for chunk in _chunks(_tree_bytes(layout), index.chunk):
        crc32.append(zlib.crc32(chunk))
        digest.update(chunk)
        file.write(chunk)
        done += len(chunk)
        report(done, index.end)
    last = _last_chunk(layout, crc32)
    digest.update(last)
    file.write(last)
    size = index.end + len(last)
    return ImageSummary(
        size=size,
        sha256=digest.hexdigest(),
        uncompressed_size=size,
        boot=index.boot,
        last_chunk=index.end,
        files=len(index.files),
        chunks=len(crc32) + 1,
        parts=(size,),
    )


def _write_compressed(
    file: BinaryIO, layout: Layout, level: int, report: Callable[[int, int], None]
) -> ImageSummary:
    index = layout.index
    head = head_size(chunk_count(index.end, index.chunk) + 1)
    file.write(bytes(head))
    crc32: list[int] = []
    lengths: list[int] = []
    total_crc = done = 0

    def counted() -> Iterator[memoryview]:
        nonlocal total_crc
        for chunk in _chunks(_tree_bytes(layout), index.chunk):
            total_crc = zlib.crc32(chunk, total_crc)
            yield chunk

    for crc, packed in map_ahead(lambda chunk: (zlib.crc32(chunk), deflate(chunk, level)), counted()):
        file.write(packed)
        crc32.append(crc)
        lengths.append(len(packed))
        done = min(done + index.chunk, index.end)
        report(done, index.end)
    last = _last_chunk(layout, crc32)
    packed = deflate(last, level, last=True)
    lengths.append(len(packed))
    archive_size = index.end + len(last)
    file.write(packed)
    file.write(encode_trailer(zlib.crc32(last, total_crc), archive_size))
    file.seek(0)
    file.write(encode_head(Head(index.chunk, archive_size, zlib.crc32(last), tuple(lengths))))
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(_READ):
        digest.update(block)
    size = head + sum(lengths) + TRAILER_SIZE
    return ImageSummary(
        size=size,
        sha256=digest.hexdigest(),
        uncompressed_size=archive_size,
        boot=head + sum(lengths[: chunk_count(index.boot, index.chunk)]),
        last_chunk=head + sum(lengths[:-1]),
        files=len(index.files),
        chunks=len(lengths),
        parts=(size,),
    )


def _last_chunk(layout: Layout, crc32: list[int]) -> bytes:
    """Make all that follows the tree: the index entry, the end of the archive and the trailer."""
    data = encode_index(replace(layout.index, crc32=tuple(crc32)))
    if len(data) > LARGEST_INDEX:
        raise ImageError(
            f"the tree has {len(layout.entries)} entries, whose index takes {len(data)} bytes, "
            f"expected at most {LARGEST_INDEX}; split it"
        )
    trailer = encode_archive_trailer(Trailer(zlib.crc32(data), layout.index.end, len(data)))
    return b"".join((index_header(len(data)), data, bytes(padding(len(data))), END_OF_ARCHIVE, trailer))


def _tree_bytes(layout: Layout) -> Iterator[bytes]:
    """Stream the archive up to its index."""
    for entry in layout.entries:
        yield header(entry)
        if entry.kind == "file" and not entry.target:
            yield from _content(entry)
            yield bytes(padding(entry.size))


def _content(entry: Entry) -> Iterator[bytes]:
    left = entry.size
    try:
        with entry.open() as file:
            while left and (block := file.read(min(left, _READ))):
                left -= len(block)
                yield block
            more = bool(file.read(1))
    except OSError as error:
        raise ImageError(f"{entry.path!r} cannot be read: {error}") from error
    if left or more:
        found = f"{entry.size - left} bytes" if left else "more"
        raise ImageError(
            f"{entry.path!r} changed while it was read: expected {entry.size} bytes, found {found}; "
            "write the image when nothing else writes to the tree"
        )


def _chunks(pieces: Iterable[bytes], size: int) -> Iterator[memoryview]:
    """Cut a stream into pieces of `size` bytes; the last may be shorter."""
    waiting: list[bytes] = []
    held = 0
    for piece in pieces:
        waiting.append(piece)
        held += len(piece)
        if held >= size:
            data = b"".join(waiting)
            whole, view = held - held % size, memoryview(data)
            for start in range(0, whole, size):
                yield view[start : start + size]
            waiting, held = [data[whole:]], held - whole
    if held:
        yield memoryview(b"".join(waiting))
