"""The commands of `%frozen_fs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import api, native_images
from .errors import NeedsBrowserError
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

#: methods of `Store` whose names are words of Python
_METHODS = {"import": "import_"}


async def run(command: str | None, *, all_sites: bool = False, **options: Any) -> Any:
    """Do what a command says; the contents of a file are printed as text."""
    command = command or "list"
    if command == "mounts":
        return await api.mounts()
    if command == "panel":
        from jupyter_frozenfs.panel.widget import Panel  # noqa: PLC0415 - it needs ipywidgets

        return Panel()
    if not api.IN_BROWSER:
        found = _native(command)(**options)
    else:
        store = Store(all_sites=all_sites)
        found = await getattr(store, _METHODS.get(command, command))(**options)
    if isinstance(found, bytes):
        print(found.decode(errors="replace"), end="")  # noqa: T201 - what a person has asked for
        return None
    return found


def _native(command: str) -> Callable[..., Any]:
    """Return what a command does with images that are files."""
    function = native_images.COMMANDS.get(command)
    if function is None:
        raise NeedsBrowserError(
            f"%frozen_fs {command} needs a kernel in a browser, such as JupyterLite's: this one has no store "
            f"of images. Images are files here, and {', '.join(native_images.COMMANDS)} work with them."
        )
    return function
