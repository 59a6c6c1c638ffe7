"""Checking all of an image, also what readers that go through the index never look at."""

from __future__ import annotations

import sys
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import ImageError

from .gzipped import TRAILER_SIZE, decode_trailer, encode_head
from .index import encode_index
from .layout import plan
from .tar import header, header_size, padding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .container import Container
    from .entry import Entry
    from .gzipped import Head


def verify_container(
    container: Container, entries: Mapping[str, Entry], progress: Callable[[int, int], None]
) -> None:
    """Read the whole image and compare it with what a writer would make of its index.

    Raises
    ------
    ImageError
        At the first fault.
    """
    if container.head is not None:
        _verify_stream(container, container.head)
    _verify_layout(container, entries, progress)


def boot_list(entries: Mapping[str, Entry], boot: int) -> list[str]:
    """Find the files whose tar entries fill the first `boot` bytes of the archive."""
    position = 0
    paths = []
    for entry in entries.values():
        if position >= boot or entry.kind != "file":
            break
        position += header_size(entry)
        if not entry.target:
            position += entry.size + padding(entry.size)
        paths.append(entry.path)
    return paths


def _verify_stream(container: Container, head: Head) -> None:
    """Inflate the chunks as gunzip does, as one stream, and check what stands around them."""
    encoded = encode_head(head)
    if container.read_file(0, len(encoded)) != encoded:
        raise ImageError(
            f"{container.name}: the gzip header is not in canonical form (docs/format.md, section 4)"
        )
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    crc32 = size = 0
    for number in range(len(head.lengths)):
        most = min(head.chunk, head.size - size)
        most = max(0, head.size - size) if number == len(head.lengths) - 1 else most
        try:
            data = stream.decompress(container.stored_chunk(number), min(most + 1, sys.maxsize))
        except zlib.error as error:
            raise ImageError(
                f"{container.name}: the deflate stream is damaged at chunk {number}: {error}"
            ) from error
        if len(data) > most:
            raise ImageError(f"{container.name}: chunk {number} holds more than {most} bytes")
        crc32, size = zlib.crc32(data, crc32), size + len(data)
    if not stream.eof or stream.unused_data or size != head.size:
        raise ImageError(f"{container.name}: the deflate stream holds {size} bytes, expected {head.size}")
    stored = decode_trailer(container.read_file(container.size - TRAILER_SIZE, TRAILER_SIZE))
    if stored != (crc32, size & 0xFFFFFFFF):
        raise ImageError(
            f"{container.name}: gzip's trailer has CRC-32 {stored[0]:08x} and size {stored[1]}, "
            f"expected {crc32:08x} and {size & 0xFFFFFFFF}"
        )


def _verify_layout(
    container: Container, entries: Mapping[str, Entry], progress: Callable[[int, int], None]
) -> None:
    """Compare every header and all padding with the canonical form, and so tar's view with the index's."""
    index = container.index
    layout = plan(
        entries.values(), boot=boot_list(entries, index.boot), base=index.base, whiteouts=index.whiteouts
    )
    if replace(layout.index, crc32=index.crc32) != index:
        raise ImageError(
            f"{container.name}: the index is not in canonical form: the order or the ranges of its entries "
            "are not those that docs/format.md prescribes"
        )
    if zlib.crc32(encode_index(index)) != container.index_crc32:
        raise ImageError(
            f"{container.name}: the JSON of the index is not in canonical form (docs/format.md, section 3)"
        )
    position = 0
    for entry in layout.entries:
        expected = header(entry)
        if container.read_range(position, position + len(expected)) != expected:
            raise ImageError(f"{container.name}: the tar header of {entry.path!r} differs from the index")
        position += len(expected)
        if entry.kind == "file" and not entry.target:
            end = position + entry.size
            # Reading is checking: each chunk is compared with its CRC-32.
            while position < end:
                step = min(end, position + index.chunk)
                container.read_range(position, step)
                position = step
            if any(container.read_range(end, end + padding(entry.size))):
                raise ImageError(f"{container.name}: the padding of {entry.path!r} is not zero")
            position = end + padding(entry.size)
        progress(position, index.end)
