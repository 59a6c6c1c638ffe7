"""What the functions about images return: plain values, which also show themselves in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from .shown import Facts, listed
from .text import count_text, size_text, table, table_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True, repr=False)
class StoredImage(Facts):
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
class Difference(Facts):
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
            ("added", listed(self.added)),
            ("changed", listed(self.changed)),
            ("removed", listed(self.removed)),
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
class Verified(Facts):
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
class Debris(Facts):
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
class Autoload(Facts):
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
