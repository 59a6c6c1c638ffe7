"""Images that are files, looked into without a panel: traitlets models that can be observed and linked.

An error is a trait, `error`, as in a panel: models are linked to each other and to widgets, and nobody is
there to catch it.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from traitlets import HasTraits, Instance, List, Unicode, observe

from jupyter_frozenfs.errors import FrozenFSError
from jupyter_frozenfs.image import Entry
from jupyter_frozenfs.kernel.text import size_text, table, table_html

from .disk import Disk
from .library import Library, existing
from .rowmodel import Change, Image, Job, Room
from .service import Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Change", "Changes", "Contents", "Image", "ImageList", "Job", "Room"]


class ImageList(HasTraits):
    """The images of a folder.

    Attributes
    ----------
    folder
        Where they are.
    images
        What is there, by name.
    error
        Why the folder cannot be listed; empty when it can.
    """

    folder = Unicode()
    images = List(Instance(Image), read_only=True)
    error = Unicode(read_only=True)

    _HEAD = ("name", "size", "files", "when (UTC)", "base")

    @observe("folder")
    def refresh(self, _change: object = None) -> None:
        """List the folder anew."""
        images, error = [], ""
        try:
            rows = Disk().list(_nobody(), self.folder) if self.folder else []
            images = [Image.from_row(row) for row in rows]
        except FrozenFSError as problem:
            error = str(problem)
        self.set_trait("images", images)
        self.set_trait("error", error)

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[Image]:
        return iter(self.images)

    def __getitem__(self, which: int | str) -> Image:
        """Return the image at an index, or of a name."""
        if isinstance(which, int):
            return cast("Image", self.images[which])
        for image in self:
            if image.name == which:
                return image
        raise KeyError(which)

    def _rows(self) -> list[list[str]]:
        return [
            [
                image.name,
                size_text(image.size),
                f"{image.files:,}",
                (image.created or "")[:16].replace("T", " "),
                image.base_name or (image.base or "")[:16],
            ]
            for image in self.images
        ]

    def __repr__(self) -> str:
        if self.error or not self.images:
            return self.error or f"No images in {self.folder or 'no folder'}."
        return table(self._HEAD, self._rows(), ("size", "files"))

    def _repr_html_(self) -> str | None:
        return table_html(self._HEAD, self._rows(), ("size", "files")) if self.images else None


class Contents(HasTraits):
    """What is inside of an image: a folder of it, and what a search finds.

    Attributes
    ----------
    image
        The file of the image.
    path
        The folder that is looked at.
    query
        What is searched for: part of a name, or, with a slash, of a path; letter case does not matter.
    entries
        What the folder holds: folders first, then by name.
    found
        What the search has found, by path.
    error
        Why there is nothing to see; empty when there is.
    """

    image = Unicode()
    path = Unicode("/")
    query = Unicode()
    entries = List(Instance(Entry), read_only=True)
    found = List(Instance(Entry), read_only=True)
    error = Unicode(read_only=True)

    def __init__(self, image: str | Path = "", **traits: Any) -> None:
        self._tree: Mapping[str, Entry] = {}
        self._closing = ExitStack()
        super().__init__(image=str(image), **traits)

    @observe("image")
    def _open(self, _change: object) -> None:
        self.close()
        error = ""
        if self.image:
            try:
                file = existing(Path(self.image).expanduser().absolute())
                self._tree = Library().tree(file, self._closing)
            except FrozenFSError as problem:
                error = str(problem)
        self.set_trait("error", error)
        self._list(None)
        self._search(None)

    @observe("path")
    def _list(self, _change: object) -> None:
        folder = "" if self.path == "/" else self.path.rstrip("/")
        below = [entry for path, entry in self._tree.items() if path.rpartition("/")[0] == folder]
        self.set_trait(
            "entries", sorted(below, key=lambda each: (each.kind != "directory", each.path.encode()))
        )

    @observe("query")
    def _search(self, _change: object) -> None:
        wanted = self.query.casefold()
        found = []
        if wanted:
            for path, entry in self._tree.items():
                if wanted in (path if "/" in wanted else path.rpartition("/")[2]).casefold():
                    found.append(entry)
        self.set_trait("found", sorted(found, key=lambda each: each.path.encode()))

    def read(self, path: str) -> bytes:
        """Read a file of the image.

        Raises
        ------
        KeyError
            The image has no such file.
        ImageError
            Its bytes are damaged.
        """
        entry = self._tree[path]
        if entry.kind != "file":
            raise KeyError(path)
        with entry.open() as file:
            return file.read()

    def close(self) -> None:
        """Let go of the file."""
        self._tree = {}
        self._closing.close()


class Changes(HasTraits):
    """What differs between two images, or between an image and a folder.

    Attributes
    ----------
    older
        The file of an image.
    newer
        The file of another one, or a folder.
    changes
        What differs, by path; nothing until both are said.
    error
        Why they cannot be compared; empty when they can.
    """

    older = Unicode()
    newer = Unicode()
    changes = List(Instance(Change), read_only=True)
    error = Unicode(read_only=True)

    @observe("older", "newer")
    def refresh(self, _change: object = None) -> None:
        """Compare them anew."""
        rows: Sequence[Mapping[str, Any]] = []
        error = ""
        if self.older and self.newer:
            try:
                if Path(self.newer).expanduser().is_dir():
                    rows = Disk().compare_folder(_nobody(), self.older, self.newer)
                else:
                    rows = Disk().compare(_nobody(), self.older, self.newer)
            except FrozenFSError as problem:
                error = str(problem)
        self.set_trait("changes", [Change.from_row(row) for row in rows])
        self.set_trait("error", error)

    def of(self, kind: str) -> list[str]:
        """Return the paths that were ``added``, ``changed`` or ``removed``."""
        return [change.path for change in self.changes if change.kind == kind]


def _nobody() -> Work:
    """Return the work of a request that nobody follows."""
    return Work("", lambda _amount: None)
