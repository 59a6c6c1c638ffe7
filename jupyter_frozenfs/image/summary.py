"""What is known of an image once it is written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """Sizes and digest of an image file.

    Parameters
    ----------
    size
        Bytes of the file.
    sha256
        Digest of the file, 64 hexadecimal digits in lower case.
    uncompressed_size
        Bytes of the tar archive.
    boot
        Bytes of the file's prefix that hold the whole boot list, its last chunk included.
    last_chunk
        Offset in the file of the last chunk, which holds the index.
    files
        Count of regular files, hard links included.
    chunks
        Count of chunks, the last one included.
    parts
        Bytes of each file that holds a part of the image, or of the one that holds all.
    """

    size: int
    sha256: str
    uncompressed_size: int
    boot: int
    last_chunk: int
    files: int
    chunks: int
    parts: tuple[int, ...] = ()
