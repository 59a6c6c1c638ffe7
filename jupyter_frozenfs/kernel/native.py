"""Freezing and thawing where the kernel runs on a machine: directories are packed and extracted."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_frozenfs.image import Image, scan, select, write_image, write_layer

from . import events
from .errors import NeedsBrowserError, UsageError
from .results import Frozen, Thawed, ThawPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_frozenfs.image import Entry

    from .options import FreezeOptions, ThawOptions


def freeze(options: FreezeOptions) -> Frozen:
    """Pack a directory into the file that `name` or `file` says.

    Raises
    ------
    UsageError
        The directory is not said, there is none, or the file exists.
    NeedsBrowserError
        An option has a meaning in a browser only.
    ImageError
        Something cannot be read, stored or written.
    """
    _need_browser("%freeze_fs", download=options.download, include_mounts=options.include_mounts)
    if options.root is None:
        raise UsageError(
            "This kernel does not run in a browser: say with --root which directory to freeze. "
            "The image becomes a file."
        )
    if options.layer and options.base is None:
        raise UsageError("This kernel runs from no image: say with --base which one the layer is on.")
    root, target = Path(options.root), Path(options.file or options.name or "")
    if not root.is_dir():
        raise UsageError(f"--root is {options.root!r}, expected a directory.")
    if target.exists() and not options.force:
        raise UsageError(f"{target} exists already. Take another name, or replace it with --force.")
    skipped: list[tuple[str, str]] = []
    entries = list(_entries(root, target, options, skipped))
    with ExitStack() as stack:
        if options.base is None:
            summary = write_image(target, entries, compress=options.gzip)
        else:
            base = stack.enter_context(Image.open(options.base))
            summary = write_layer(target, [base], entries, compress=options.gzip)
    with Image.open(target) as image:
        base_sha256 = image.index.base
    events.tell("images", str(target))
    return Frozen(
        name=options.name or target.name,
        sha256=summary.sha256,
        size=summary.size,
        uncompressed_size=summary.uncompressed_size,
        files=summary.files,
        base=base_sha256,
        skipped=skipped,
        file=str(target),
        note=options.note,
    )


def _entries(
    root: Path, target: Path, options: FreezeOptions, skipped: list[tuple[str, str]]
) -> Sequence[Entry]:
    """List what is stored: the image itself, should it lie in the directory, is not."""
    found = {
        entry.path: entry
        for entry in scan(
            root, exclude=options.exclude, skipped=lambda path, why: skipped.append((path, why))
        )
    }
    if target.resolve().is_relative_to(root.resolve()):
        found.pop(f"/{target.resolve().relative_to(root.resolve()).as_posix()}", None)
    return select(str(root), found, options.include, parents=True)


def thaw(options: ThawOptions) -> Thawed | ThawPlan:
    """Extract an image into a new or empty directory.

    Raises
    ------
    UsageError
        The directory is not said, or the image does not exist.
    NeedsBrowserError
        An option has a meaning in a browser only.
    ImageError
        The image is damaged, the directory is not empty, or a file cannot be written.
    """
    _need_browser(
        "%thaw_fs",
        upload=options.upload,
        clean=options.clean,
        keep_newer=options.keep_newer,
        rebase=options.rebase,
        exclude=options.exclude,
    )
    if options.root is None:
        raise UsageError(
            "This kernel does not run in a browser: say with --root into which new directory to extract."
        )
    source = existing(options.source or "")
    with Image.open(source) as image:
        entries = select(image.name, image.entries, options.include, parents=True)
        size = sum(entry.size for entry in entries)
        paths = [entry.path for entry in entries]
        if options.dry_run:
            return ThawPlan(source.name, options.root, created=paths, size=size)
        image.extract(options.root, only=options.include)
    return Thawed(source.name, options.root, created=len(paths), changed=0, removed=0, kept=0, size=size)


def existing(name: str) -> Path:
    """Return the path of an image.

    Raises
    ------
    UsageError
        There is no such file.
    """
    path = Path(name)
    if not path.is_file():
        raise UsageError(
            f"There is no file {name!r}. This kernel does not run in a browser, so images are files here."
        )
    return path


def _need_browser(magic: str, **options: object) -> None:
    for name, value in options.items():
        if value:
            option = f"--{name.replace('_', '-')}"
            raise NeedsBrowserError(
                f"{magic} {option} needs a kernel in a browser, such as JupyterLite's. This one runs in a "
                "process of its own: leave the option out."
            )
