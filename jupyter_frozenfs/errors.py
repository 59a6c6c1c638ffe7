"""The errors of the package: each says what was expected, what was found, and what to do."""

from __future__ import annotations


class FrozenFSError(Exception):
    """Base of all errors that this package raises on purpose; its message is for people."""


class ImageError(FrozenFSError):
    """An image cannot be read or written: it is damaged, truncated, hostile, or of a newer version."""


class ImageVersionError(ImageError):
    """An image is of a format version that this program does not know."""


class BuildError(FrozenFSError):
    """An environment is declared wrongly or cannot be built."""
