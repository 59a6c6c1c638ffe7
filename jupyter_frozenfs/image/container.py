"""The file of an image: its head, its index and its chunks, each checked (docs/format.md, section 5)."""

from __future__ import annotations

import os
import zlib
from collections import OrderedDict
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

from jupyter_frozenfs.errors import ImageError

from .gzipped import GZIP_MAGIC, LARGEST_HEAD, Head, decode_head, head_size, inflate
from .index import LARGEST_INDEX, Index, chunk_count, decode_index
from .tar import BLOCK, END_OF_ARCHIVE, index_header, padding
from .threads import map_ahead
from .trailer import TRAILER_SIZE, decode_archive_trailer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

#: Of inflated chunks; reading in archive order needs one, reading by path gains from a few.
_CACHED_CHUNKS = 8


class Container:
    """An image's bytes, compressed or not, as one archive that can be read at random.

    Attributes
    ----------
    file : BinaryIO
        Where the bytes come from; it can seek.
    name : str
        The image's name for messages.
    size : int
        Bytes of the file.
    archive_size : int
        Bytes of the uncompressed archive.
    head : Head | None
        The table of a compressed image.
    index : Index
        The index.
    index_crc32 : int
        CRC-32 of the index's data.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file = file
        self.name = name
        self._cache: OrderedDict[int, bytes] = OrderedDict()
        self.size = file.seek(0, os.SEEK_END)
        self.head: Head | None = None
        #: Where each chunk begins in the file, when compressed.
        self.offsets: tuple[int, ...] = ()
        if self.read_file(0, min(2, self.size)) == GZIP_MAGIC:
            self.head = decode_head(self.read_file(0, min(LARGEST_HEAD, self.size)), self.size, name)
            count = len(self.head.lengths)
            self.offsets = tuple(accumulate(self.head.lengths, initial=head_size(count)))
            self.archive_size = self.head.size
            self.index = self._index(self._inflated_last(self.head))
        else:
            self.archive_size = self.size
            self.index = self._index(None)
        if self.head and (self.head.chunk, len(self.head.lengths)) != (
            self.index.chunk,
            chunk_count(self.index.end, self.index.chunk) + 1,
        ):
            raise ImageError(
                f"{name}: the header has {len(self.head.lengths)} chunks of {self.head.chunk} bytes, "
                f"the index stands at {self.index.end} and has chunks of {self.index.chunk}"
            )

    def read_range(self, start: int, end: int) -> bytes:
        """Read a range of the archive before its index.

        Raises
        ------
        ImageError
            When a chunk of it is damaged.
        """
        if not 0 <= start <= end <= self.index.end:
            raise ImageError(f"{self.name}: the range {start} to {end} is not within 0 to {self.index.end}")
        parts = []
        while start < end:
            number, offset = divmod(start, self.index.chunk)
            part = self.chunk(number)[offset : offset + end - start]
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def chunk(self, number: int) -> bytes:
        """Read one chunk of the archive before its index.

        Raises
        ------
        ImageError
            When it differs from its CRC-32; its bytes are never handed out.
        """
        if (found := self._cache.get(number)) is not None:
            self._cache.move_to_end(number)
            return found
        data = self._checked(*self._stored(number))
        self._cache[number] = data
        if len(self._cache) > _CACHED_CHUNKS:
            self._cache.popitem(last=False)
        return data

    def stream(self, numbers: Iterable[int]) -> Generator[tuple[int, bytes], None, None]:
        """Yield chunks with their numbers; the next ones are inflated on other threads meanwhile.

        Raises
        ------
        ImageError
            When one differs from its CRC-32; its bytes are never handed out.
        """
        # Reading stays in this thread, as the file has one position.
        stored = (self._stored(number) for number in numbers)
        yield from map_ahead(lambda found: (found[0], self._checked(*found)), stored)

    def _stored(self, number: int) -> tuple[int, bytes]:
        if self.head is not None:
            return number, self.stored_chunk(number)
        start = number * self.index.chunk
        return number, self.read_file(start, min(self.index.chunk, self.index.end - start))

    def _checked(self, number: int, stored: bytes) -> bytes:
        size = min(self.index.chunk, self.index.end - number * self.index.chunk)
        data = stored if self.head is None else self._inflated(number, stored, size)
        if len(data) != size or zlib.crc32(data) != self.index.crc32[number]:
            raise ImageError(
                f"{self.name}: chunk {number} is damaged: {len(data)} bytes, CRC-32 {zlib.crc32(data):08x}, "
                f"expected {size}, {self.index.crc32[number]:08x}; fetch or build the image again"
            )
        return data

    def stored_chunk(self, number: int) -> bytes:
        """Read the compressed bytes of a chunk, unchecked."""
        return self.read_file(self.offsets[number], self.offsets[number + 1] - self.offsets[number])

    def read_file(self, offset: int, length: int) -> bytes:
        """Read bytes of the file itself.

        Raises
        ------
        ImageError
            When they are not there.
        """
        try:
            self.file.seek(offset)
            data = self.file.read(length)
        except OSError as error:
            raise ImageError(f"{self.name} cannot be read at {offset}: {error}") from error
        if len(data) != length:
            raise ImageError(
                f"{self.name}: the image is truncated: expected {length} bytes at {offset}, found {len(data)}"
            )
        return data

    def _inflated(self, number: int, stored: bytes, most: int) -> bytes:
        last = self.head is not None and number == len(self.head.lengths) - 1
        try:
            return inflate(stored, most, last=last)
        except ValueError as error:
            raise ImageError(
                f"{self.name}: chunk {number} is damaged: {error}; fetch or build the image again"
            ) from error

    def _inflated_last(self, head: Head) -> bytes:
        number = len(head.lengths) - 1
        # The chunks before it hold at most this much less than a chunk.
        most = max(0, head.size - max(0, number - 1) * head.chunk)
        data = self._inflated(number, self.stored_chunk(number), min(most, LARGEST_INDEX + 4 * BLOCK))
        if zlib.crc32(data) != head.last_crc32:
            raise ImageError(
                f"{self.name}: the last chunk is damaged: its CRC-32 is {zlib.crc32(data):08x}, "
                f"expected {head.last_crc32:08x}; fetch or build the image again"
            )
        return data

    def _index(self, last: bytes | None) -> Index:
        """Find the index through the trailer, in the last chunk or at the end of an uncompressed file."""
        size = self.archive_size if last is None else len(last)
        if size < TRAILER_SIZE:
            raise ImageError(f"{self.name}: this is not an image: it has only {size} bytes")
        tail = self.read_file(size - TRAILER_SIZE, TRAILER_SIZE) if last is None else last[-TRAILER_SIZE:]
        trailer = decode_archive_trailer(tail, self.name)
        length = BLOCK + trailer.size + padding(trailer.size) + len(END_OF_ARCHIVE) + TRAILER_SIZE
        if trailer.end + length != self.archive_size or (last is not None and length != len(last)):
            raise ImageError(
                f"{self.name}: the image is truncated or damaged: the trailer says "
                f"{trailer.end + length} bytes with an index at {trailer.end}, found {self.archive_size}"
            )
        entry = self.read_file(trailer.end, length) if last is None else last
        data = entry[BLOCK : BLOCK + trailer.size]
        if zlib.crc32(data) != trailer.crc32:
            raise ImageError(
                f"{self.name}: the index is damaged: its CRC-32 is {zlib.crc32(data):08x}, "
                f"expected {trailer.crc32:08x}; fetch or build the image again"
            )
        if entry[:BLOCK] != index_header(trailer.size) or any(entry[BLOCK + trailer.size : -TRAILER_SIZE]):
            raise ImageError(f"{self.name}: the tar entry of the index is damaged")
        self.index_crc32 = trailer.crc32
        return decode_index(data, trailer.end, self.name)
