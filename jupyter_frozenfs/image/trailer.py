"""The 32 bytes that end an uncompressed archive and lead to its index (docs/format.md, section 2.4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from jupyter_frozenfs.errors import ImageError, ImageVersionError

from .index import VERSION
from .tar import BLOCK

_TRAILER = struct.Struct(">4sIII4sIII")
TRAILER_SIZE = _TRAILER.size


@dataclass(frozen=True, slots=True)
class Trailer:
    """What the trailer says.

    Parameters
    ----------
    crc32
        CRC-32 of the index's data.
    end
        Offset of the index entry's header in the archive.
    size
        Bytes of the index's data.
    """

    crc32: int
    end: int
    size: int


def encode_archive_trailer(trailer: Trailer) -> bytes:
    """Write the trailer; its second half is the hint that webR and tar-vfs-index know."""
    block = trailer.end // BLOCK + 1
    return _TRAILER.pack(b"frzn", VERSION, trailer.crc32, 0, b"webR", 0, block, trailer.size)


def decode_archive_trailer(data: bytes, name: str) -> Trailer:
    """Read the trailer.

    Raises
    ------
    ImageError
        When it is none, or of another version.
    """
    magic, version, crc32, zero, hint, other_zero, block, size = _TRAILER.unpack(data)
    if magic != b"frzn" or hint != b"webR":
        raise ImageError(
            f"{name}: this is not an image, or it is truncated: it does not end in an image's 32-byte trailer"
        )
    if version != VERSION:
        raise ImageVersionError(
            f"{name}: the image is of format version {version}, this program reads version {VERSION}; "
            "a newer jupyter-frozenfs may read it"
        )
    if block == 0 or zero or other_zero:
        raise ImageError(f"{name}: the trailer is damaged: it puts the index at block {block}")
    return Trailer(crc32, (block - 1) * BLOCK, size)
