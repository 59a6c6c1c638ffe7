"""Mounting in a browser: what `frozenfs.mjs` does, with Python's values in and out."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from . import events
from .action import action
from .bundle import from_object, session, to_object
from .mount_results import Mount, Mounts, Unmounted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .options import MountOptions


async def mount(options: MountOptions) -> Mount:
    """Mount an image; see `api.mount`."""
    slow = options.upload or "://" in (options.source or "")
    title = f"Mounting {options.source or 'a file of this computer'}"
    async with action(title, shown=slow and (options.progress or options.upload)) as work:
        request = {
            "source": options.source,
            "upload": options.upload,
            "path": options.path,
            "root": options.root,
            "writable": options.writable,
        }
        found = await work.module.mountSession(work.session, to_object(request), work.channel)
    await _changed()
    return _mount(from_object(found))


async def unmount(path: str) -> Unmounted:
    """Unmount an image; see `api.unmount`."""
    async with action(f"Unmounting {path}", shown=False) as work:
        found = from_object(work.module.unmountSession(work.session, path))
    await _changed()
    return Unmounted(_mount(found))


async def mounts() -> Mounts:
    """List what is mounted; see `api.mounts`."""
    module, own = await session()
    return Mounts([_mount(each) for each in from_object(module.listMounts(own))])


async def problem(path: str) -> str | None:
    """Say why nothing can be mounted at a path; None when something can."""
    module, own = await session()
    found = module.mountProblem(own.FS, path)
    return str(found) if isinstance(found, str) else None


async def _changed() -> None:
    """Modules come and go with the folders of `sys.path`; panels show what is mounted."""
    importlib.invalidate_caches()
    events.tell("mounts", await mounts())


def _mount(found: Mapping[str, Any]) -> Mount:
    return Mount(**found)
