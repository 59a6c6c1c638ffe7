"""Environments for Jupyter kernels in the browser, frozen into images."""

from __future__ import annotations

from .errors import FrozenFSError

try:
    from ._version import __version__
except ImportError:  # a source tree that was never built
    __version__ = "0+unknown"

__all__ = ["FrozenFSError", "__version__"]
