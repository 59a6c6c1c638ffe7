"""The images of a site that this browser keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .api import need_browser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .image_results import Autoload, Debris, Difference, Images, Listing, StoredImage, Verified


class Store:
    """The images that this browser keeps for this site.

    Methods raise `KernelError` when the browser refuses; the message says what to do.

    Parameters
    ----------
    all_sites
        Whether `list` shows those of other sites at this address too; all else is about this site's.

    Raises
    ------
    NeedsBrowserError
        The kernel does not run in a browser.
    """

    def __init__(self, *, all_sites: bool = False) -> None:
        need_browser("A store of images")
        self.all_sites = all_sites

    def __repr__(self) -> str:
        return f"Store(all_sites={self.all_sites})"

    async def list(self) -> Images:
        """Return all images, by name."""
        from . import browser  # noqa: PLC0415 - it imports what only a browser has

        return await browser.images(all_sites=self.all_sites)

    async def info(self, name: str) -> StoredImage:
        """Return what is known of an image."""
        from . import browser  # noqa: PLC0415

        return await browser.info(name)

    async def ls(self, name: str, globs: Sequence[str] = ()) -> Listing:
        """Return the entries of an image, all or what globs select."""
        from . import browser  # noqa: PLC0415

        return await browser.ls(name, globs)

    async def cat(self, name: str, path: str) -> bytes:
        """Return the contents of a file of an image, by its absolute path."""
        from . import browser  # noqa: PLC0415

        return await browser.cat(name, path)

    async def diff(self, old: str, new: str) -> Difference:
        """Compare two images; ``live`` is the filesystem itself."""
        from . import browser  # noqa: PLC0415

        return await browser.diff(old, new)

    async def rename(self, name: str, new_name: str, *, force: bool = False) -> StoredImage:
        """Give an image another name; `force` replaces one that has it."""
        from . import browser  # noqa: PLC0415

        return await browser.rename(name, new_name, force=force)

    async def delete(self, names: str | Sequence[str]) -> None:
        """Delete images."""
        from . import browser  # noqa: PLC0415

        for name in [names] if isinstance(names, str) else names:
            await browser.delete(name)

    async def export(self, name: str, *, file: str | None = None) -> None:
        """Write an image into a file, or without `file` hand it to the browser as a download."""
        from . import browser  # noqa: PLC0415

        await browser.export(name, file)

    async def import_(
        self,
        source: str | None = None,
        *,
        upload: bool = False,
        name: str | None = None,
        note: str = "",
        force: bool = False,
    ) -> StoredImage:
        """Keep a file, what is at an address, or what a person chooses with `upload`, as an image.

        Parameters
        ----------
        source
            A path or an address.
        upload
            Have a person choose a file of their computer.
        name
            The image's name; that of the file without.
        note
            A line for the list of images.
        force
            Replace an image of that name.
        """
        from . import browser  # noqa: PLC0415

        return await browser.import_image(source, upload=upload, name=name, note=note, force=force)

    async def verify(self, name: str) -> Verified:
        """Read all of an image, and compare its checksums."""
        from . import browser  # noqa: PLC0415

        return await browser.verify(name)

    async def gc(self, *, dry_run: bool = False) -> Debris:
        """Remove what tabs that were closed half-way have left behind, or with `dry_run` only tell."""
        from . import browser  # noqa: PLC0415

        return await browser.gc(dry_run=dry_run)

    async def autoload(self, name: str | None = None, *, off: bool = False, trust: bool = False) -> Autoload:
        """Thaw an image whenever this kind of kernel starts in this browser.

        Parameters
        ----------
        name
            Of the image; without it, what is set is returned.
        off
            Thaw nothing any more.
        trust
            Set it although the image was not made here and holds what Python runs by itself.
        """
        from . import browser  # noqa: PLC0415

        return await browser.autoload(name, off=off, trust=trust)
