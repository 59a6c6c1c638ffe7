"""What freezing and thawing return: plain values, which also show themselves in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .shown import Facts, listed
from .text import count_text, size_text

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, repr=False)
class Frozen(Facts):
    """An image that was made.

    Attributes
    ----------
    name
        Its name in the browser, or the file's where there is no browser.
    sha256
        Of the file, 64 hexadecimal digits.
    size, uncompressed_size
        Bytes of the file, and of the archive in it.
    files
        Count of regular files.
    base
        SHA-256 of the image that a layer is on.
    skipped
        What was left out because an image cannot hold it: path and reason.
    stored, downloaded, file
        Where it is now: in the browser, handed over as a download, at this path.
    persisted
        Whether the browser has promised to keep what it stores; None when nobody could ask.
    note
        What was written down with it.
    not_stored
        Why it could not be kept in the browser; it was offered as a download instead.
    """

    name: str
    sha256: str
    size: int
    uncompressed_size: int
    files: int
    base: str | None = None
    skipped: Sequence[tuple[str, str]] = ()
    stored: bool = False
    downloaded: bool = False
    file: str | None = None
    persisted: bool | None = None
    note: str = ""
    not_stored: str = ""

    def _title(self) -> str:
        kind = "layer" if self.base else "image"
        return f"{self.name}: {kind} of {count_text(self.files, 'file')}, {size_text(self.size)}"

    def _facts(self) -> list[tuple[str, str]]:
        places = []
        if self.stored:
            places.append("in this browser" + _keeping(self.persisted))
        if self.file:
            places.append(f"in the file {self.file}")
        if self.downloaded:
            places.append("handed to the browser as a download")
        return [
            ("where", "; ".join(places)),
            ("not kept in this browser", self.not_stored),
            ("base", self.base[:16] if self.base else ""),
            ("note", self.note),
            ("left out", listed([f"{path} ({why})" for path, why in self.skipped])),
            ("sha256", self.sha256),
        ]


def _keeping(persisted: bool | None) -> str:
    if persisted is None:
        return ""
    if persisted:
        return ", which keeps it until it is deleted"
    return ", which may delete it when its disk is full or the site was not visited for long: download a copy"


@dataclass(frozen=True, slots=True, repr=False)
class ThawPlan(Facts):
    """What a thaw would do.

    Attributes
    ----------
    name
        Of the image.
    root
        The folder that the files go into.
    created, changed, removed, kept
        Paths as the image has them, sorted; `kept` are newer than those of the image, see `--keep-newer`.
    size
        Bytes that would be written.
    dangerous
        What Python would run by itself, with the reason.
    conflicts
        Of a layer that is put onto another base: what was changed on both sides, and how.
    """

    name: str
    root: str
    created: Sequence[str] = ()
    changed: Sequence[str] = ()
    removed: Sequence[str] = ()
    kept: Sequence[str] = ()
    size: int = 0
    dangerous: Sequence[tuple[str, str]] = ()
    conflicts: Sequence[tuple[str, str]] = ()

    def _title(self) -> str:
        return f"Thawing {self.name} into {self.root} would write {size_text(self.size)}"

    def _facts(self) -> list[tuple[str, str]]:
        return [
            ("create", listed(self.created)),
            ("change", listed(self.changed)),
            ("remove", listed(self.removed)),
            ("keep, because newer", listed(self.kept)),
            ("conflicts", listed([f"{path} ({why})" for path, why in self.conflicts])),
            ("runs by itself", listed([f"{path} ({why})" for path, why in self.dangerous])),
        ]


@dataclass(frozen=True, slots=True, repr=False)
class Thawed(Facts):
    """What a thaw has done.

    Attributes
    ----------
    name
        Of the image.
    root
        The folder that the files went into.
    created, changed, removed, kept
        Counts of paths.
    size
        Bytes that were written.
    conflicts
        Of a layer that was put onto another base: what was changed on both sides, and how; the layer's
        is there now.
    """

    name: str
    root: str
    created: int
    changed: int
    removed: int
    kept: int
    size: int
    conflicts: Sequence[tuple[str, str]] = ()

    def _title(self) -> str:
        return f"{self.name} is thawed into {self.root}: {size_text(self.size)} written"

    def _facts(self) -> list[tuple[str, str]]:
        counts = (
            ("created", self.created),
            ("changed", self.changed),
            ("removed", self.removed),
            ("kept, because newer", self.kept),
        )
        return [
            *((name, f"{count:,}" if count else "") for name, count in counts),
            ("conflicts", listed([f"{path} ({why})" for path, why in self.conflicts])),
        ]
