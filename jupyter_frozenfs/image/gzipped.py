"""The gzip member around a compressed image (docs/format.md, section 4)."""

from __future__ import annotations

import struct
import sys
import zlib
from dataclasses import dataclass

from jupyter_frozenfs.errors import ImageError, ImageVersionError

from .index import VERSION

GZIP_MAGIC = b"\x1f\x8b"
#: magic, method, FLG = FEXTRA, MTIME, XFL, OS
_START = b"\x1f\x8b\x08\x04" + bytes(4) + b"\x00\xff"
_EXTRA = struct.Struct("<H2sHHHIQI")
_FIXED = len(_START) + _EXTRA.size
_PAYLOAD = 20
#: Bytes of the largest header that gzip can hold.
LARGEST_HEAD = 12 + 0xFFFF
_TRAILER = struct.Struct("<II")
TRAILER_SIZE = _TRAILER.size
#: What ends the stream of a chunk that a full flush ended.
_FINAL_BLOCK = b"\x03\x00"


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a compressed image.

    Parameters
    ----------
    chunk
        Chunk size in bytes.
    size
        Bytes of the uncompressed archive.
    last_crc32
        CRC-32 of the last chunk, which holds the index.
    lengths
        Compressed bytes of each chunk.
    """

    chunk: int
    size: int
    last_crc32: int
    lengths: tuple[int, ...]


def head_size(chunks: int) -> int:
    """Count the bytes of a header for so many chunks."""
    return _FIXED + 4 * chunks


def encode_head(head: Head) -> bytes:
    """Write the gzip header with its table."""
    payload = _PAYLOAD + 4 * len(head.lengths)
    extra = _EXTRA.pack(payload + 4, b"FZ", payload, VERSION, 0, head.chunk, head.size, head.last_crc32)
    return _START + extra + struct.pack(f"<{len(head.lengths)}I", *head.lengths)


def encode_trailer(crc32: int, size: int) -> bytes:
    """Write the eight bytes that end a gzip member."""
    return _TRAILER.pack(crc32, size & 0xFFFFFFFF)


def decode_trailer(data: bytes) -> tuple[int, int]:
    """Read CRC-32 and size modulo 2**32 from the end of a gzip member."""
    crc32, size = _TRAILER.unpack(data)
    return crc32, size


def decode_head(data: bytes, file_size: int, name: str) -> Head:
    """Read the header of a compressed image.

    Parameters
    ----------
    data
        The first bytes of the file, up to 65,548.
    file_size
        Bytes of the whole file.
    name
        The image's name for messages.

    Raises
    ------
    ImageError
        When it is not the header of an image, or its lengths do not add up to the size of the file.
    """
    if len(data) < _FIXED or data[:4] != _START[:4] or data[12:14] != b"FZ":
        raise ImageError(
            f"{name}: this is a gzip file without the table of an image in its header; "
            "expected an image that a frozenfs writer made"
        )
    xlen, _, length, version, _, chunk, size, last_crc32 = _EXTRA.unpack_from(data, len(_START))
    if version != VERSION:
        raise ImageVersionError(
            f"{name}: the image is of format version {version}, this program reads version {VERSION}; "
            "a newer jupyter-frozenfs may read it"
        )
    if xlen != length + 4 or length < _PAYLOAD + 4 or (length - _PAYLOAD) % 4:
        raise ImageError(f"{name}: the table in the header has {length} bytes in a field of {xlen}")
    count = (length - _PAYLOAD) // 4
    if len(data) < head_size(count):
        raise ImageError(f"{name}: the image is truncated in its header, at {len(data)} bytes")
    lengths = struct.unpack_from(f"<{count}I", data, _FIXED)
    expected = head_size(count) + sum(lengths) + TRAILER_SIZE
    if expected != file_size:
        kind = "truncated" if file_size < expected else "damaged"
        raise ImageError(
            f"{name}: the image is {kind}: its table adds up to {expected} bytes, the file has {file_size}"
        )
    if size <= max(0, count - 2) * chunk:
        raise ImageError(f"{name}: {count} chunks of {chunk} bytes are no archive of {size} bytes")
    return Head(chunk, size, last_crc32, lengths)


def deflate(data: bytes | memoryview, level: int, *, last: bool = False) -> bytes:
    """Compress one chunk so that it can be inflated alone and that chunks can be strung together."""
    # Not the most memory that zlib takes: with 9 instead of 8, packages become 0.3 % larger in 5 % more time.
    compressor = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 8)
    return compressor.compress(data) + compressor.flush(zlib.Z_FINISH if last else zlib.Z_FULL_FLUSH)


def inflate(data: bytes, most: int, *, last: bool = False) -> bytes:
    """Inflate one chunk of at most `most` bytes.

    Raises
    ------
    ValueError
        When the bytes are not one chunk.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        # One byte more than allowed, so that a stream which goes on is noticed and never held.
        out = stream.decompress(data if last else data + _FINAL_BLOCK, min(most + 1, sys.maxsize))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(out) > most or not stream.eof or stream.unused_data:
        raise ValueError("the deflate stream does not end where the chunk ends")
    return out
