"""What mounting returns: plain values, which also show themselves in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from .shown import Facts
from .text import count_text, table, table_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True, repr=False)
class Mount(Facts):
    """An image that is mounted.

    Attributes
    ----------
    path
        Where its files are.
    root
        Which folder of the image is shown there.
    name
        Of the image, or of the layer that lies on top.
    sha256
        Its digest, as far as it is known.
    writable
        Whether files can be changed; what is changed goes with the mount.
    layers
        Names of the images below it, the lowest first; none unless it is a layer.
    changes
        Count of paths that were changed in it.
    system
        Whether the kernel runs from it.
    """

    path: str
    root: str
    name: str
    sha256: str | None = None
    writable: bool = False
    layers: Sequence[str] = ()
    changes: int = 0
    system: bool = False

    def _title(self) -> str:
        return f"{self.name} is mounted on {self.path}"

    def _facts(self) -> list[tuple[str, str]]:
        return [
            ("folder of the image", self.root if self.root != "/" else ""),
            ("access", self.access),
            ("lies on", ", ".join(self.layers)),
            ("changed", count_text(self.changes, "path") if self.changes else ""),
            ("sha256", self.sha256 or ""),
        ]

    @property
    def access(self) -> str:
        """What can be done with it, in words."""
        if self.system:
            return "the kernel runs from it"
        return "writable" if self.writable else "read-only"


@dataclass(frozen=True, slots=True, repr=False)
class Mounts:
    """The images that are mounted in a kernel: a sequence, sorted by path."""

    mounts: Sequence[Mount]

    def __len__(self) -> int:
        return len(self.mounts)

    def __iter__(self) -> Iterator[Mount]:
        return iter(self.mounts)

    def __getitem__(self, which: int | str) -> Mount:
        """Return the mount at an index, or at a path."""
        if isinstance(which, int):
            return self.mounts[which]
        for mount in self.mounts:
            if mount.path == which:
                return mount
        raise KeyError(which)

    _HEAD = ("path", "image", "folder", "access", "lies on", "changed")

    def _rows(self) -> list[list[str]]:
        return [
            [
                mount.path,
                mount.name,
                mount.root,
                mount.access,
                ", ".join(mount.layers),
                f"{mount.changes:,}" if mount.writable else "",
            ]
            for mount in self.mounts
        ]

    def __repr__(self) -> str:
        if not self.mounts:
            return "No images are mounted in this kernel."
        return table(self._HEAD, self._rows(), ("changed",))

    def _repr_html_(self) -> str:
        return table_html(self._HEAD, self._rows(), ("changed",)) if self.mounts else escape(repr(self))


@dataclass(frozen=True, slots=True, repr=False)
class Unmounted(Facts):
    """A mount that is no more.

    Attributes
    ----------
    mount
        What it was.
    """

    mount: Mount

    def _title(self) -> str:
        return f"{self.mount.name} is no longer mounted on {self.mount.path}"

    def _facts(self) -> list[tuple[str, str]]:
        lost = self.mount.changes
        return [("gone with it", f"changes of {count_text(lost, 'path')}" if lost else "")]
