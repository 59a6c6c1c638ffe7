"""Images: immutable archives of a filesystem tree, as docs/format.md specifies them.

Only the standard library is used, so that the same code runs on a build machine and in a kernel
in the browser.
"""

from __future__ import annotations

from .diff import Change, diff
from .entry import Entry, Kind
from .globs import compile_globs, select
from .layer import Layer, layer_of, stack
from .pack import pack, write_layer
from .parts import find_parts, split_image
from .reader import Image
from .scan import scan
from .summary import ImageSummary
from .writer import DEFAULT_LEVEL, write_image

__all__ = [
    "DEFAULT_LEVEL",
    "Change",
    "Entry",
    "Image",
    "ImageSummary",
    "Kind",
    "Layer",
    "compile_globs",
    "diff",
    "find_parts",
    "layer_of",
    "pack",
    "scan",
    "select",
    "split_image",
    "stack",
    "write_image",
    "write_layer",
]
