"""`freeze`, `thaw`, `mount` and others: what the magics do, as functions with the same options."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .errors import NeedsBrowserError, UsageError
from .options import FreezeOptions, MountOptions, ThawOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .image_results import Images
    from .mount_results import Mount, Mounts, Unmounted
    from .results import Frozen, Thawed, ThawPlan

#: whether this is Python in a browser
IN_BROWSER = sys.platform == "emscripten"


async def freeze(
    name: str | None = None,
    *,
    root: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    include_mounts: bool = False,
    layer: bool = False,
    base: str | None = None,
    gzip: bool = False,
    note: str = "",
    force: bool = False,
    download: bool = False,
    file: str | None = None,
    progress: bool = True,
) -> Frozen:
    """Freeze the live filesystem into an image.

    Parameters
    ----------
    name
        The image's name in this browser. Without it the image is only written to `file`.
    root
        Only what lies in this folder; ``/`` without. Where the kernel does not run in a browser, the
        directory to pack.
    include, exclude
        Globs: only what is included and not excluded; `jupyter_frozenfs.image.compile_globs` has their rules.
    include_mounts
        Also what others have mounted, such as the contents drive.
    layer
        Only what differs from the image that this kernel runs from.
    base
        Only what differs from this image of the browser.
    gzip
        Compress the image.
    note
        A line for the list of images.
    force
        Replace an image of that name.
    download
        Hand the image to the browser as a download too.
    file
        Write the image into a file of the filesystem.
    progress
        Show a progress bar and a button that cancels.

    Raises
    ------
    UsageError
        The options do not go together.
    KernelError
        The image cannot be made or kept: the message says why, and what to do.
    CancelledError
        Somebody pressed Cancel. An image that had the name before is still there.
    """
    if name is None and file is None:
        raise UsageError("How is the image to be called? Say `%freeze_fs NAME`.")
    options = FreezeOptions(
        name=name,
        root=root,
        include=_globs("include", include),
        exclude=_globs("exclude", exclude),
        include_mounts=include_mounts,
        layer=layer,
        base=base,
        gzip=gzip,
        note=note,
        force=force,
        download=download,
        file=file,
        progress=progress,
    )
    if not IN_BROWSER:
        from . import native  # noqa: PLC0415 - a kernel that starts needs neither

        return native.freeze(options)
    from . import browser  # noqa: PLC0415

    return await browser.freeze(options)


async def thaw(
    source: str | None = None,
    *,
    root: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    upload: bool = False,
    clean: bool = False,
    keep_newer: bool = False,
    dry_run: bool = False,
    rebase: bool = False,
    trust: bool = False,
    progress: bool = True,
) -> Thawed | ThawPlan:
    """Bring the files of an image back into the live filesystem.

    The whole image is checked before anything is written; when a write fails, all are undone.

    Parameters
    ----------
    source
        The name of an image in this browser, the path of a file, or an address. What has a slash is not a
        name.
    root
        The folder that the files go into; where they were without.
    include, exclude
        Globs: only what is included and not excluded.
    upload
        Have a person choose a file of their computer, in place of `source`.
    clean
        Remove what the image does not have.
    keep_newer
        Leave files alone that are newer than those of the image.
    dry_run
        Change nothing, and return what would be changed.
    rebase
        Put a layer onto the image that this kernel runs from, whatever it was made on.
    trust
        Thaw what Python would run by itself, though the image was not made here.
    progress
        Show a progress bar and a button that cancels.

    Returns
    -------
    Thawed or ThawPlan
        What was done, or with `dry_run` what would be.

    Raises
    ------
    UsageError
        The options do not go together.
    DangerousError
        The image was not made here, holds what Python runs by itself, and `trust` was not said.
    KernelError
        The image is not there, is damaged, or cannot be thawed here: nothing was changed.
    CancelledError
        Somebody pressed Cancel: nothing was changed.
    """
    if (source is None) != upload:
        raise UsageError(
            "Say either which image to thaw, `%thaw_fs NAME`, or `%thaw_fs --upload` to choose a file."
        )
    options = ThawOptions(
        source=source,
        root=root,
        include=_globs("include", include),
        exclude=_globs("exclude", exclude),
        upload=upload,
        clean=clean,
        keep_newer=keep_newer,
        dry_run=dry_run,
        rebase=rebase,
        trust=trust,
        progress=progress,
    )
    if not IN_BROWSER:
        from . import native  # noqa: PLC0415 - a kernel that starts needs neither

        return native.thaw(options)
    from . import browser  # noqa: PLC0415

    return await browser.thaw(options)


async def mount(
    source: str | None = None,
    path: str = "",
    *,
    root: str = "/",
    writable: bool = False,
    upload: bool = False,
    progress: bool = True,
) -> Mount:
    """Make the files of an image appear in a folder, without copying them.

    Only the index of the image is read at once; the rest when it is used, of an address by ranges. A layer
    is mounted with the image that it lies on.

    Parameters
    ----------
    source
        The name of an image in this browser, the path of a file, or an address. What has a slash is not a
        name. An address that ends in ``environment.json`` is the image of a site's environment.
    path
        Where its files appear: absolute, an empty folder or one that is not there yet.
    root
        Which folder of the image is shown.
    writable
        Whether files can be changed. The image stays as it is; what was changed goes with the mount.
    upload
        Have a person choose a file of their computer, in place of `source`.
    progress
        Show a progress bar and a button that cancels, where it may take a while.

    Raises
    ------
    NeedsBrowserError
        The kernel does not run in a browser.
    UsageError
        The options do not go together.
    KernelError
        The path is not free, or the image is not there, is damaged, or lies on one that is not here.
    CancelledError
        Somebody pressed Cancel.
    """
    need_browser("Mounting an image", "extract it: %thaw_fs FILE --root NEW_FOLDER")
    if (source is None) != upload or not path:
        raise UsageError(
            "Say which image to mount and where, `%mount_fs NAME /path`, or `%mount_fs --upload /path` to "
            "choose a file."
        )
    from . import mounting  # noqa: PLC0415 - it imports what only a browser has

    return await mounting.mount(
        MountOptions(source=source, path=path, root=root, writable=writable, upload=upload, progress=progress)
    )


async def unmount(path: str) -> Unmounted:
    """Unmount an image. What was changed in a writable mount is gone: freeze it first.

    Parameters
    ----------
    path
        Where it is mounted.

    Raises
    ------
    NeedsBrowserError
        The kernel does not run in a browser.
    KernelError
        Nothing is mounted there, a file in it is open, or the kernel runs from it.
    """
    need_browser("Unmounting an image")
    from . import mounting  # noqa: PLC0415

    return await mounting.unmount(path)


async def mounts() -> Mounts:
    """List the images that are mounted in this kernel, also those that it runs from.

    Raises
    ------
    NeedsBrowserError
        The kernel does not run in a browser.
    """
    need_browser("Mounting an image", "extract it: %thaw_fs FILE --root NEW_FOLDER")
    from . import mounting  # noqa: PLC0415

    return await mounting.mounts()


async def images(*, all_sites: bool = False) -> Images:
    """List the images that this browser keeps for this site.

    Parameters
    ----------
    all_sites
        Also those of other sites at this address, such as other repositories of one user on GitHub Pages.

    Raises
    ------
    NeedsBrowserError
        The kernel does not run in a browser.
    """
    from .store import Store  # noqa: PLC0415 - a kernel that starts does not need it

    return await Store(all_sites=all_sites).list()


def need_browser(what: str, instead: str = "") -> None:
    """Raise unless the kernel runs in a browser; `instead` is what can be done elsewhere."""
    if not IN_BROWSER:
        raise NeedsBrowserError(
            f"{what} needs a kernel in a browser, such as JupyterLite's: this one has no store of images. "
            f"Images are files here{f'; {instead}' if instead else ''}."
        )


def _globs(name: str, given: Sequence[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise UsageError(f"{name} is {given!r}, expected a list of globs, such as [{given!r}].")
    return tuple(given)
