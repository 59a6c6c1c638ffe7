"""The images of folders: which files are some, what is known of them, and what a layer lies on."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image, find_parts
from jupyter_frozenfs.kernel.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from jupyter_frozenfs.image import Entry

    from .service import Work

#: how an image begins: compressed, or, at byte 257, not
_GZIP, _TAR, _TAR_AT = b"\x1f\x8b", b"ustar", 257

#: what tells one state of a file from another: of each part, bytes and nanoseconds of its mtime
_Signature = tuple[tuple[int, int], ...]


def existing(path: Path) -> Path:
    """Return the path of an image, the name that its parts have in common if it is in several.

    Raises
    ------
    UsageError
        There is no such file.
    """
    parts = find_parts(path)
    if not parts[0].is_file():
        raise UsageError(f"There is no file {path}. It may have been moved or deleted meanwhile.")
    return path.with_name(path.name.removesuffix(".000")) if len(parts) > 1 else path


def parts_of(image: Path) -> list[Path]:
    """Return the files of an image, when it is one.

    Raises
    ------
    ImageError
        It is none: nothing else is renamed or deleted.
    """
    with Image.open(image) as opened:
        return list(opened.parts)


class Library:
    """Images that are files. What was found out of one is kept as long as its file does not change."""

    def __init__(self) -> None:
        self._heads: dict[Path, tuple[_Signature, dict[str, Any]]] = {}
        self._digests: dict[Path, tuple[_Signature, str]] = {}
        self._browsed: tuple[Path, _Signature, Mapping[str, Entry], str | None] | None = None
        self._closing = ExitStack()
        self._lock = threading.Lock()

    def rows(self, folder: Path, work: Work) -> list[dict[str, Any]]:
        """List the images in a folder, by name; with digests where there are layers and so bases."""
        rows = []
        for image in self._images(folder):
            work.check()
            with suppress(ImageError, OSError):  # an archive of another kind
                rows.append(self.row(image))
        if any(row["base"] for row in rows):
            for row in rows:
                work.check()
                row["sha256"] = self.digest(folder / row["name"])
        names = {row["sha256"]: row["name"] for row in rows}
        for row in rows:
            row["baseName"] = names.get(row["base"]) if row["base"] else None
        return rows

    def row(self, image: Path) -> dict[str, Any]:
        """Return what is known of an image.

        Raises
        ------
        ImageError
            It is none, or a damaged one.
        """
        signature = _signature(image)
        known = self._heads.get(image)
        if known is None or known[0] != signature:
            with Image.open(image) as opened:
                head = {"size": opened.size, "files": len(opened.index.files), "base": opened.index.base}
            known = self._heads[image] = signature, head
        digest = self._digests.get(image)
        changed = datetime.fromtimestamp(max(time for _, time in signature) / 1e9, timezone.utc)
        return {
            "key": f"disk:{image}",
            "place": "disk",
            "name": image.name,
            **known[1],
            "created": changed.isoformat(timespec="seconds"),
            "note": "",
            "baseName": None,
            "sha256": digest[1] if digest is not None and digest[0] == signature else None,
            "root": "/",
            "url": None,
            "origin": None,
            "packages": None,
            "autoload": [],
        }

    def digest(self, image: Path) -> str:
        """Return the SHA-256 of an image; the first time, all of it is read."""
        signature = _signature(image)
        known = self._digests.get(image)
        if known is None or known[0] != signature:
            with Image.open(image) as opened:
                known = self._digests[image] = signature, opened.summary.sha256
        return known[1]

    def chain(self, image: Path, closing: ExitStack) -> list[Image]:
        """Open an image and all that it lies on, the lowest first; those are looked for in its folder.

        Raises
        ------
        ImageError
            What it lies on is not there.
        """
        opened = closing.enter_context(Image.open(image))
        found = [opened]
        while (base := found[0].index.base) is not None:
            below = self._of_digest(image.parent, base)
            if below is None:
                raise ImageError(
                    f"{found[0].name} is a layer, and what it lies on is not in {image.parent}: the image "
                    f"with SHA-256 {base}. Put that into the folder."
                )
            found.insert(0, closing.enter_context(Image.open(below)))
        return found

    def tree(self, image: Path, closing: ExitStack) -> Mapping[str, Entry]:
        """Open an image; of a layer, with what it lies on. See `chain`."""
        *below, top = self.chain(image, closing)
        return top.tree(below)

    @contextmanager
    def browsed(self, image: Path) -> Iterator[tuple[Mapping[str, Entry], str | None]]:
        """Open an image to look into it; it stays open until another one is.

        Yields
        ------
        tuple
            Its entries, of a layer with those that it lies on; or, when that is not there, the layer's own
            and the SHA-256 of what is missing.
        """
        with self._lock:
            signature = _signature(image)
            if self._browsed is None or self._browsed[:2] != (image, signature):
                self._browsed = None
                self._closing.close()
                try:
                    tree, missing = self.tree(image, self._closing), None
                except ImageError:
                    opened = self._closing.enter_context(Image.open(image))
                    tree, missing = opened.entries, opened.index.base
                    if missing is None:
                        raise
                self._browsed = image, signature, tree, missing
            yield self._browsed[2:]

    def _of_digest(self, folder: Path, sha256: str) -> Path | None:
        for image in self._images(folder):
            with suppress(ImageError, OSError):  # an archive of another kind
                if self.digest(image) == sha256:
                    return image
        return None

    def _images(self, folder: Path) -> list[Path]:
        """List what may be images in a folder."""
        try:
            files = sorted(each for each in folder.iterdir() if each.is_file())
        except OSError as error:
            raise UsageError(f"{folder} cannot be listed: {error.strerror or error}.") from error
        return [existing(each) for each in files if _may_be_image(each)]


def _may_be_image(file: Path) -> bool:
    """Look at the first bytes of a file; later parts of an image begin with anything."""
    try:
        with file.open("rb") as opened:
            head = opened.read(_TAR_AT + len(_TAR))
    except OSError:
        return False
    return head.startswith(_GZIP) or head.endswith(_TAR)


def _signature(image: Path) -> _Signature:
    stats = [part.stat() for part in find_parts(image)]
    return tuple((each.st_size, each.st_mtime_ns) for each in stats)
