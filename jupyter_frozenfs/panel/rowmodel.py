"""Rows that pages and kernels send each other as JSON, as traitlets models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, Enum, HasTraits, Int, List, Unicode

from jupyter_frozenfs.kernel.text import count_text, size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from typing_extensions import Self


class Row(HasTraits):
    """A row. Its traits have the names of the fields in Python's way: `base_name` is JSON's `baseName`."""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Return the model of a row; fields that it does not have are left alone."""
        fields = {_field(name): name for name in cls.class_trait_names()}
        return cls(**{fields[field]: value for field, value in row.items() if field in fields})

    def row(self) -> dict[str, Any]:
        """Return the row."""
        return {_field(name): getattr(self, name) for name in sorted(self.trait_names())}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self.row() == other.row()

    __hash__ = HasTraits.__hash__


def _field(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Image(Row):
    """An image, as it is listed.

    Attributes
    ----------
    key
        Tells it from all others: its place, and its name, path or address.
    place
        ``site``, ``store``, ``file`` or ``address`` in a browser, ``disk`` elsewhere.
    name, note
        As they were given.
    size
        Bytes of the file.
    files
        Count of regular files, if known.
    created
        When it was made, ISO 8601.
    base, base_name
        For a layer: SHA-256 of the image below, and its name if that is listed.
    sha256
        Of the file, if known.
    root
        The folder that its files were in.
    url
        Its address, or that of the environment that it belongs to.
    origin
        ``frozen`` in this browser or ``imported``, if known.
    packages
        What an environment was made from: dictionaries of `name` and `version`.
    autoload
        The kernelspecs at whose start it is thawed.
    """

    key = Unicode()
    place = Enum(("site", "store", "file", "address", "disk"), "disk")
    name = Unicode()
    size = Int()
    files = Int(None, allow_none=True)
    created = Unicode(None, allow_none=True)
    note = Unicode()
    base = Unicode(None, allow_none=True)
    base_name = Unicode(None, allow_none=True)
    sha256 = Unicode(None, allow_none=True)
    root = Unicode("/")
    url = Unicode(None, allow_none=True)
    origin = Enum(("frozen", "imported"), None, allow_none=True)
    packages = List(Dict(), None, allow_none=True)
    autoload = List(Unicode())

    @property
    def path(self) -> str:
        """Of an image on disk: where its file is."""
        return self.key.removeprefix("disk:") if self.place == "disk" else ""

    @property
    def source(self) -> str | None:
        """What `mount` and `thaw` take it by; None for a file of this computer: only a page reaches that."""
        return {
            "site": self.url,
            "store": self.name,
            "file": None,
            "address": self.url,
            "disk": self.path,
        }[self.place]

    def __repr__(self) -> str:
        files = "" if self.files is None else f"{count_text(self.files, 'file')}, "
        kind = "layer" if self.base else "image"
        return f"<{kind} {self.name}: {files}{size_text(self.size)}>"


class Change(Row):
    """A path at which two trees differ.

    Attributes
    ----------
    path, kind
        Where, and whether it was ``added``, ``changed`` or ``removed``.
    before, after
        Bytes; None where it is not there, or no file.
    differs
        Of what was changed: which of kind, mode, mtime, size, content, target.
    """

    path = Unicode()
    kind = Enum(("added", "changed", "removed"), "changed")
    before = Int(None, allow_none=True)
    after = Int(None, allow_none=True)
    differs = List(Unicode())

    def __repr__(self) -> str:
        return f"<{self.kind} {self.path}>"


class Job(Row):
    """Something that takes a while.

    Attributes
    ----------
    id, title
        As the page calls it.
    state
        ``waiting``, ``running``, ``done``, ``cancelled`` or ``failed``.
    amount
        How far it is: counts `files` and `totalFiles`, `bytes` and `totalBytes`; None before it is known.
    text, details
        How it ended, or what it waits for, and more of it.
    """

    id = Unicode()
    title = Unicode()
    state = Enum(("waiting", "running", "done", "cancelled", "failed"), "running")
    amount = Dict(None, allow_none=True)
    text = Unicode()
    details = Unicode()

    @property
    def fraction(self) -> float | None:
        """How much is done, from 0 to 1; None where nobody knows."""
        if self.state == "done":
            return 1.0
        for done, total in (("bytes", "totalBytes"), ("files", "totalFiles")):
            if self.amount and self.amount.get(total):
                return min(1.0, float(self.amount[done] / self.amount[total]))
        return None

    def __repr__(self) -> str:
        share = "" if self.fraction is None or self.state == "done" else f" {self.fraction:.0%}"
        return f"<{self.title}: {self.state}{share}>"


class Room(Row):
    """What storage is used for.

    Attributes
    ----------
    used, free
        Bytes; None where the browser does not say.
    persisted
        Whether it has promised to remove nothing by itself.
    items
        What takes room, the largest first: dictionaries of `name`, `size` and `what`.
    debris
        Bytes that cleaning up would free.
    """

    used = Int(None, allow_none=True)
    free = Int(None, allow_none=True)
    persisted = Bool(None, allow_none=True)
    items = List(Dict())
    debris = Int()

    def __repr__(self) -> str:
        return ", ".join(
            f"{size_text(size)} {what}"
            for size, what in ((self.used, "used"), (self.free, "free"), (self.debris or None, "to clean up"))
            if size is not None
        ).join(("<room: ", ">"))


def rows_of(models: Iterable[Row], _owner: object = None) -> list[dict[str, Any]]:
    """Return the rows of models; a widget's `to_json`."""
    return [model.row() for model in models]


def models_of(kind: type[Row]) -> Callable[[Iterable[Mapping[str, Any]], object], list[Row]]:
    """Return what makes models of rows; a widget's `from_json`."""

    def made(rows: Iterable[Mapping[str, Any]], _owner: object = None) -> list[Row]:
        return [kind.from_row(row) for row in rows]

    return made
