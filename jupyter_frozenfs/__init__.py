"""Environments for Jupyter kernels in the browser, frozen into images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import FrozenFSError

try:
    from ._version import __version__
except ImportError:  # a source tree that was never built
    __version__ = "0+unknown"

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .kernel.api import freeze, images, mount, mounts, thaw, unmount
    from .kernel.store import Store
    from .panel.widget import Panel

__all__ = [
    "FrozenFSError",
    "Panel",
    "Store",
    "__version__",
    "freeze",
    "images",
    "mount",
    "mounts",
    "thaw",
    "unmount",
]

_MODULES = {
    "freeze": "kernel.api",
    "images": "kernel.api",
    "mount": "kernel.api",
    "mounts": "kernel.api",
    "thaw": "kernel.api",
    "unmount": "kernel.api",
    "Panel": "panel.widget",
    "Store": "kernel.store",
}


def __getattr__(name: str) -> Any:
    """Import what a notebook uses when it does, and nothing of it in a build."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f".{_MODULES[name]}", __name__), name)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Give a shell `%freeze_fs`, `%mount_fs` and the other magics: `%load_ext jupyter_frozenfs`."""
    from .kernel.magics import register  # noqa: PLC0415 - without IPython there is nothing to register

    register(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics away: `%unload_ext jupyter_frozenfs`."""
    from .kernel.magics import unregister  # noqa: PLC0415

    unregister(shell)
