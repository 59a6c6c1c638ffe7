"""Looking into images that are files, where the kernel runs on a machine."""

from __future__ import annotations

import stat
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from jupyter_frozenfs.image import Image, diff, select

from .image_results import Difference, Listing, StoredImage, Verified
from .native import existing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_KINDS = {"file": stat.S_IFREG, "directory": stat.S_IFDIR, "link": stat.S_IFLNK}


def info(name: str) -> StoredImage:
    """Return what is known of an image."""
    path = existing(name)
    created = datetime.fromtimestamp(path.stat().st_mtime, timezone.utc)
    with Image.open(path) as image:
        summary = image.summary
        return StoredImage(
            name=name,
            site="",
            sha256=summary.sha256,
            size=summary.size,
            uncompressed_size=summary.uncompressed_size,
            files=summary.files,
            created=created.isoformat(timespec="seconds"),
            base=image.index.base,
            origin="",
        )


def ls(name: str, globs: Sequence[str] = ()) -> Listing:
    """Return the entries of an image, all or what globs select."""
    with Image.open(existing(name)) as image:
        return Listing(
            [
                (
                    stat.filemode(_KINDS[entry.kind] | entry.mode),
                    entry.size,
                    time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(entry.mtime)),
                    f"{entry.path} -> {entry.target}" if entry.target else entry.path,
                )
                for entry in select(image.name, image.entries, globs)
            ]
        )


def cat(name: str, path: str) -> bytes:
    """Return the contents of a file of an image, by its absolute path."""
    with Image.open(existing(name)) as image:
        return image.read(path)


def differ(old: str, new: str) -> Difference:
    """Compare two images."""
    found: dict[str, list[str]] = {"added": [], "changed": [], "removed": []}
    with Image.open(existing(old)) as before, Image.open(existing(new)) as after:
        for change in diff(before.entries.values(), after.entries.values()):
            found[change.kind].append(change.path)
    return Difference(old, new, **found)


def verify(name: str) -> Verified:
    """Read all of an image, and compare its checksums."""
    with Image.open(existing(name)) as image:
        image.verify()
        return Verified(name, image.size)


#: what `%frozen_fs` can do with files
COMMANDS: dict[str, Callable[..., object]] = {
    "info": info,
    "ls": ls,
    "cat": cat,
    "diff": differ,
    "verify": verify,
}
