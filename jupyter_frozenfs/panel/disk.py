"""What a native kernel does for the panel: images are files that it sees."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from jupyter_frozenfs import __version__
from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image, diff, pack, scan, select
from jupyter_frozenfs.kernel import events
from jupyter_frozenfs.kernel.errors import UsageError

from .library import Library, existing, parts_of
from .outline import outline_columns
from .rows import change_row
from .service import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from jupyter_frozenfs.image import Entry

    from .service import Work

#: paths that a dry run names; it counts all
_MOST_PATHS = 1000


class Disk:
    """The verbs of a native kernel.

    Paths of files are relative to the kernel's current folder unless they are absolute; `~` is home.
    """

    def __init__(self) -> None:
        self._library = Library()

    @property
    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """By their names in the protocol."""
        return {
            "hello": self.hello,
            "mounts": self.mounts,
            "list": self.list,
            "outline": self.outline,
            "read": self.read,
            "compare": self.compare,
            "compare_folder": self.compare_folder,
            "verify": self.verify,
            "pack": self.pack,
            "extract": self.extract,
            "rename": self.rename,
            "remove": self.remove,
        }

    def cancel(self, _id: str) -> bool:
        """Nothing is done elsewhere: what is under way looks for itself."""
        return False

    def hello(self, _work: Work) -> dict[str, Any]:
        """Say what kernel this is."""
        return {
            "native": True,
            "kernelspec": "",
            "cwd": str(Path.cwd()),
            "subshells": _has_subshells(),
            "environment": None,
            "version": __version__,
            "contents_drive": None,
            "mounts": [],
        }

    def mounts(self, _work: Work) -> Sequence[dict[str, Any]]:
        """List what is mounted: nothing is."""
        return []

    def list(self, work: Work, folder: str = "") -> Sequence[dict[str, Any]]:
        """List the images of a folder, by name; of the kernel's current one without; a file alone."""
        place = _path(folder or ".")
        if place.is_dir():
            return self._library.rows(place, work)
        return [self._library.row(existing(place))]

    def outline(self, _work: Work, path: str) -> Answer:
        """Answer all entries of an image as columns; of a layer with what it lies on, if it is there."""
        with self._library.browsed(existing(_path(path))) as (tree, missing):
            columns = outline_columns(tree)
        return Answer({"count": columns.count, "missing": missing}, columns.buffers)

    def read(self, work: Work, path: str, file: str, start: int = 0, end: int | None = None) -> Answer:
        """Answer the bytes of a file of an image, from `start` to `end` or to where it ends."""
        with self._library.browsed(existing(_path(path))) as (tree, _):
            entry = tree.get(file)
            if entry is None or entry.kind != "file":
                found = "there is nothing of this path" if entry is None else f"it is a {entry.kind}"
                raise ImageError(f"{path}: {file!r} is not a file of the image: {found}")
            work.check()
            with entry.open() as source:
                source.seek(start)
                data = source.read(-1 if end is None else max(0, end - start))
        return Answer({"size": entry.size}, [data])

    def compare(self, work: Work, older: str, newer: str) -> Sequence[dict[str, Any]]:
        """Tell what differs between two images."""
        with ExitStack() as closing:
            before = self._library.tree(existing(_path(older)), closing)
            after = self._library.tree(existing(_path(newer)), closing)
            return _differences(before.values(), after.values(), len(before.keys() | after.keys()), work)

    def compare_folder(self, work: Work, image: str, folder: str) -> Sequence[dict[str, Any]]:
        """Tell what has changed in a folder since an image was packed from it."""
        root = _folder(folder)
        with ExitStack() as closing:
            before = self._library.tree(existing(_path(image)), closing)
            after = []
            for entry in scan(root):
                work.check()
                after.append(entry)
            paths = before.keys() | {entry.path for entry in after}
            return _differences(before.values(), after, len(paths), work)

    def verify(self, work: Work, path: str) -> dict[str, Any]:
        """Read all of an image and compare its checksums."""
        with Image.open(existing(_path(path))) as image:
            image.verify(progress=lambda done, total: work.progress(done=done, total=total))
            return {"size": image.size}

    def pack(
        self,
        work: Work,
        root: str,
        file: str,
        *,
        exclude: Sequence[str] = (),
        base: str | None = None,
        gzip: bool = True,
        force: bool = False,
    ) -> dict[str, Any]:
        """Pack a folder into an image, or with `base` what differs from that into a layer."""
        source, target = _folder(root), _path(file)
        if target.is_dir():
            raise UsageError(f"{target} is a folder, expected the name of a new file.")
        if target.exists() and not force:
            raise UsageError(f"{target} exists already. Take another name, or say that it is to be replaced.")
        skipped: list[dict[str, str]] = []
        with ExitStack() as closing:
            below = [] if base is None else self._library.chain(existing(_path(base)), closing)
            summary = pack(
                source,
                target,
                exclude=exclude,
                base=below,
                compress=gzip,
                skipped=lambda path, why: skipped.append({"path": path, "why": why}),
                progress=lambda done, total: work.progress(done=done, total=total),
            )
        events.tell("images", str(target))
        return {
            "file": str(target),
            "sha256": summary.sha256,
            "size": summary.size,
            "files": summary.files,
            "skipped": skipped,
        }

    def extract(
        self, work: Work, path: str, root: str, *, include: Sequence[str] = (), dry_run: bool = False
    ) -> dict[str, Any]:
        """Extract an image into a new or empty folder, or with `dry_run` tell what that would write."""
        target = _path(root)
        with ExitStack() as closing:
            *below, image = self._library.chain(existing(_path(path)), closing)
            tree = image.tree(below)
            entries = select(image.name, tree, include, parents=True) if include else list(tree.values())
            files = [entry for entry in entries if entry.kind == "file"]
            plan = {
                "root": str(target),
                "files": len(files),
                "bytes": sum(entry.size for entry in files),
                "created": [entry.path for entry in entries[:_MOST_PATHS]],
                "counts": {"created": len(entries)},
                "problem": _extract_problem(target),
                "free": shutil.disk_usage(_nearest(target)).free,
            }
            if not dry_run:
                image.extract(
                    target,
                    only=include,
                    base=below,
                    progress=lambda done, total: work.progress(done=done, total=total),
                )
                events.tell("files", str(target))
        return plan

    def rename(self, _work: Work, path: str, name: str) -> dict[str, Any]:
        """Give an image another name in its folder."""
        image = existing(_path(path))
        if name in {"", ".", ".."} or "/" in name or os.sep in name or "\0" in name:
            raise UsageError(f"{name!r} is no name of a file: it must not be empty or have a slash.")
        parts = parts_of(image)
        renamed = [part.with_name(name + part.name.removeprefix(image.name)) for part in parts]
        taken = next((part for part in renamed if os.path.lexists(part)), None)
        if taken is not None:
            raise UsageError(f"{taken} exists already. Take another name.")
        for old, new in zip(parts, renamed, strict=True):
            old.rename(new)
        target = image.with_name(name)
        events.tell("images", str(target))
        return self._library.row(target)

    def remove(self, _work: Work, path: str) -> None:
        """Delete an image."""
        image = existing(_path(path))
        for part in parts_of(image):
            part.unlink()
        events.tell("images", str(image))


def _path(given: str) -> Path:
    if not given:
        raise UsageError("No file is named.")
    return Path(given).expanduser().absolute()


def _folder(given: str) -> Path:
    place = _path(given)
    if not place.is_dir():
        raise UsageError(f"{place} is not a folder: say one that is there.")
    return place


def _differences(
    before: Iterable[Entry], after: Iterable[Entry], total: int, work: Work
) -> Sequence[dict[str, Any]]:
    """List how two trees differ; `total` paths are in either."""
    rows = []
    for change in diff(_watched(before, work, total), _watched(after, work, total)):
        work.check()
        rows.append(change_row(change))
    return rows


def _watched(entries: Iterable[Entry], work: Work, total: int) -> Iterable[Entry]:
    """Look for Cancel, and tell how many are done, whenever the contents of a file are asked for."""
    for number, entry in enumerate(entries):
        content = entry.content
        if content is None:
            yield entry
            continue

        def opened(number: int = number, content: Callable[[], BinaryIO] = content) -> BinaryIO:
            work.progress(files=number, total_files=total)
            return content()

        yield replace(entry, content=opened)


def _extract_problem(target: Path) -> str | None:
    """Say why nothing can be extracted into a folder; None when something can."""
    if not target.exists():
        return None
    if not target.is_dir():
        return f"{target} is a file: say a folder that is new or empty."
    if any(target.iterdir()):
        return f"{target} is not empty: say a folder that is new or empty."
    return None


def _nearest(path: Path) -> Path:
    """Return the innermost folder of a path that is there."""
    return next(each for each in (path, *path.parents) if each.is_dir())


def _has_subshells() -> bool:
    """Tell whether this kernel answers while a cell runs."""
    from IPython.core.getipython import get_ipython  # noqa: PLC0415 - only kernels need it

    kernel = getattr(get_ipython(), "kernel", None)
    features = getattr(kernel, "kernel_info", {}).get("supported_features", ())
    return "kernel subshells" in features
