"""What the functions return: plain values, which also show themselves in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from .text import count_text, facts, facts_html, size_text, table, table_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: paths of one kind that are shown
_SHOWN = 20


class _Facts:
    """What is shown as a title with names and values below."""

    __slots__ = ()

    def _title(self) -> str:
        raise NotImplementedError

    def _facts(self) -> list[tuple[str, str]]:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{self._title()}\n{facts(self._facts())}".rstrip()

    def _repr_html_(self) -> str:
        return facts_html(self._title(), self._facts())


@dataclass(frozen=True, slots=True, repr=False)
class Frozen(_Facts):
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
            ("left out", _listed([f"{path} ({why})" for path, why in self.skipped])),
            ("sha256", self.sha256),
        ]


def _keeping(persisted: bool | None) -> str:
    if persisted is None:
        return ""
    if persisted:
        return ", which keeps it until it is deleted"
    return ", which may delete it when its disk is full or the site was not visited for long: download a copy"


@dataclass(frozen=True, slots=True, repr=False)
class ThawPlan(_Facts):
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
            ("create", _listed(self.created)),
            ("change", _listed(self.changed)),
            ("remove", _listed(self.removed)),
            ("keep, because newer", _listed(self.kept)),
            ("conflicts", _listed([f"{path} ({why})" for path, why in self.conflicts])),
            ("runs by itself", _listed([f"{path} ({why})" for path, why in self.dangerous])),
        ]


@dataclass(frozen=True, slots=True, repr=False)
class Thawed(_Facts):
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
            ("conflicts", _listed([f"{path} ({why})" for path, why in self.conflicts])),
        ]


@dataclass(frozen=True, slots=True, repr=False)
class StoredImage(_Facts):
    """An image that the browser keeps.

    Attributes
    ----------
    name, note
        As they were given.
    site
        The address of the site that it belongs to.
    sha256, size, uncompressed_size, files
        As in `Frozen`.
    created
        When it was stored, ISO 8601 in UTC.
    base
        SHA-256 of the image that a layer is on.
    origin
        ``frozen`` in this browser, or ``imported``.
    kernelspec, root
        What it was frozen from.
    """

    name: str
    site: str
    sha256: str
    size: int
    uncompressed_size: int
    files: int
    created: str
    note: str = ""
    base: str | None = None
    origin: str = "frozen"
    kernelspec: str = ""
    root: str = "/"

    def _title(self) -> str:
        kind = "layer" if self.base else "image"
        return f"{self.name}: {kind} of {count_text(self.files, 'file')}, {size_text(self.size)}"

    def _facts(self) -> list[tuple[str, str]]:
        return [
            ("note", self.note),
            ("when", self.moment),
            ("made", {"frozen": "here", "imported": "elsewhere"}.get(self.origin, self.origin)),
            ("of", " ".join(filter(None, (self.root, self.kernelspec and f"in {self.kernelspec}")))),
            ("base", self.base or ""),
            ("unpacked", size_text(self.uncompressed_size)),
            ("site", self.site),
            ("sha256", self.sha256),
        ]

    @property
    def moment(self) -> str:
        """When it was stored, to the minute, in UTC."""
        return self.created[:16].replace("T", " ")


@dataclass(frozen=True, slots=True, repr=False)
class Images:
    """The images that the browser keeps: a sequence, sorted by name.

    Attributes
    ----------
    images
        The images.
    free
        Bytes that the browser still has room for, as it says; None when it does not.
    persisted
        Whether it has promised to keep what it stores; None when it does not say.
    all_sites
        Whether those of other sites at this address are among them.
    """

    images: Sequence[StoredImage]
    free: int | None = None
    persisted: bool | None = None
    all_sites: bool = False

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[StoredImage]:
        return iter(self.images)

    def __getitem__(self, which: int | str) -> StoredImage:
        """Return the image at an index, or of a name."""
        if isinstance(which, int):
            return self.images[which]
        for image in self.images:
            if image.name == which:
                return image
        raise KeyError(which)

    def _head(self) -> list[str]:
        return ["name", "size", "files", "when (UTC)", "note", "base", *(["site"] if self.all_sites else [])]

    def _rows(self) -> list[list[str]]:
        bases = {image.sha256: image.name for image in self.images}
        return [
            [
                image.name,
                size_text(image.size),
                f"{image.files:,}",
                image.moment,
                image.note,
                bases.get(image.base, image.base[:16]) if image.base else "",
                *([image.site] if self.all_sites else []),
            ]
            for image in self.images
        ]

    def _foot(self) -> str:
        room = f"Room for {size_text(self.free)} more. " if self.free is not None else ""
        if self.persisted is False:
            return f"{room}The browser may delete images when its disk is full."
        return room.strip()

    def __repr__(self) -> str:
        if not self.images:
            return "This browser keeps no images of this site."
        return f"{table(self._head(), self._rows(), ('size', 'files'))}\n{self._foot()}".rstrip()

    def _repr_html_(self) -> str:
        if not self.images:
            return escape(repr(self))
        return f"{table_html(self._head(), self._rows(), ('size', 'files'))}<p>{escape(self._foot())}</p>"


@dataclass(frozen=True, slots=True, repr=False)
class Difference(_Facts):
    """What differs between two trees, by absolute paths, sorted.

    Attributes
    ----------
    old, new
        What was compared.
    added, changed, removed
        Paths that only the new one has, that both have and that differ, that only the old one has.
    """

    old: str
    new: str
    added: Sequence[str] = field(default=())
    changed: Sequence[str] = field(default=())
    removed: Sequence[str] = field(default=())

    def _title(self) -> str:
        same = not (self.added or self.changed or self.removed)
        return f"From {self.old} to {self.new}" + (": no difference" if same else "")

    def _facts(self) -> list[tuple[str, str]]:
        return [
            ("added", _listed(self.added)),
            ("changed", _listed(self.changed)),
            ("removed", _listed(self.removed)),
        ]


@dataclass(frozen=True, slots=True, repr=False)
class Listing:
    """The entries of an image: rows of mode, size in bytes, time in UTC, and path with target of a link."""

    rows: Sequence[tuple[str, int, str, str]]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[tuple[str, int, str, str]]:
        return iter(self.rows)

    def __repr__(self) -> str:
        return "\n".join(f"{mode} {size:>13,} {when:>19} {path}" for mode, size, when, path in self.rows)


@dataclass(frozen=True, slots=True, repr=False)
class Verified(_Facts):
    """An image that was read to its end, and is whole.

    Attributes
    ----------
    name
        Of the image.
    size
        Bytes that were read.
    """

    name: str
    size: int

    def _title(self) -> str:
        return f"{self.name} is whole: {size_text(self.size)} read"

    def _facts(self) -> list[tuple[str, str]]:
        return []


@dataclass(frozen=True, slots=True, repr=False)
class Debris(_Facts):
    """What closed tabs have left behind.

    Attributes
    ----------
    pieces
        What it was meant for, as far as that is known, and bytes.
    removed
        Whether it is gone.
    """

    pieces: Sequence[tuple[str, int]]
    removed: bool

    def _title(self) -> str:
        if not self.pieces:
            return "Nothing was left behind"
        size = size_text(sum(size for _, size in self.pieces))
        return f"{size} {'removed' if self.removed else 'could be removed'}"

    def _facts(self) -> list[tuple[str, str]]:
        return [(name, size_text(size)) for name, size in self.pieces]


@dataclass(frozen=True, slots=True, repr=False)
class Autoload(_Facts):
    """What is thawed when this kind of kernel starts in this browser.

    Attributes
    ----------
    kernelspec
        The kind of kernel.
    name
        Of the image, or None.
    failed
        Why it was not thawed the last time; it is not tried again until it is set anew.
    """

    kernelspec: str
    name: str | None
    failed: str = ""

    def _title(self) -> str:
        if self.name is None:
            return f"Nothing is thawed when a kernel {self.kernelspec} starts"
        return f"{self.name} is thawed whenever a kernel {self.kernelspec} starts in this browser"

    def _facts(self) -> list[tuple[str, str]]:
        return [("failed, and not tried again", self.failed)]


def _listed(paths: Sequence[str]) -> str:
    if not paths:
        return ""
    more = f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else ""
    return f"{len(paths):,}: " + ", ".join(paths[:_SHOWN]) + more
