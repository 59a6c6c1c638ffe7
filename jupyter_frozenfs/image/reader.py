"""Reading images: any file without the others, every byte checked before it is handed out."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from jupyter_frozenfs.errors import ImageError

from .container import Container
from .entry import LINK_MODE, Entry
from .extract import extract_tree
from .globs import select
from .index import chunk_count
from .layer import stack
from .parts import find_parts, open_parts
from .stored import Stored, regrouped
from .summary import ImageSummary
from .verify import boot_list, verify_container

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from typing_extensions import Self

_READ = 1 << 20


class Image:
    """An open image; use :meth:`open`.

    It is a context manager; closing it closes a file that it opened itself.

    Parameters
    ----------
    container
        The image's bytes.
    owned
        Whether closing the image closes the file.
    parts
        The files that hold the image, when it was opened by a path.
    """

    def __init__(self, container: Container, *, owned: bool, parts: Sequence[Path] = ()) -> None:
        self._container = container
        self._owned = owned
        self.parts = tuple(parts)
        self.name = container.name
        self.index = container.index
        self.size = container.size
        self.compressed = container.head is not None

    @classmethod
    def open(
        cls, source: Path | str | BinaryIO | list[Path] | tuple[Path, ...], *, name: str | None = None
    ) -> Image:
        """Open an image and read its index.

        Parameters
        ----------
        source
            A path; of an image in parts, the first part or the name that they have in common, or a list of
            all of them. Or an open binary file that can seek.
        name
            What messages call it; the path by default.

        Raises
        ------
        ImageError
            When it cannot be read, is no image, is truncated or damaged, or is of a newer version.
        """
        if isinstance(source, (str, Path)):
            parts = find_parts(Path(source))
        elif isinstance(source, (list, tuple)):
            parts = list(source)
        else:
            return cls(Container(source, name or str(getattr(source, "name", "image"))), owned=False)
        try:
            file = open_parts(parts)
        except OSError as error:
            raise ImageError(f"{error.filename} cannot be read: {error.strerror or error}") from error
        try:
            return cls(Container(file, name or os.fspath(parts[0])), owned=True, parts=parts)
        except BaseException:
            file.close()
            raise

    def close(self) -> None:
        """Close the file, if this object opened it."""
        if self._owned:
            self._container.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """The tree by path: files in archive order, then directories, then links.

        The second and later names of a file have the first as their `target`.
        """
        entries = [
            Entry(
                file.path,
                "file",
                file.mode,
                file.mtime,
                file.end - file.start,
                content=Stored(self._container, file.start, file.end),
            )
            for file in self.index.files
        ]
        entries += (
            Entry(entry.path, "directory", entry.mode, entry.mtime) for entry in self.index.directories
        )
        entries += (
            Entry(link.path, "link", LINK_MODE, link.mtime, target=link.target) for link in self.index.links
        )
        return regrouped(entries)

    def tree(self, base: Sequence[Image] = ()) -> Mapping[str, Entry]:
        """Return the entries of this image, as a layer on others.

        Parameters
        ----------
        base
            The images below it, the lowest first, when this one is a layer.

        Raises
        ------
        ImageError
            When it is not a layer of the last one of them, or they are not of each other.
        """
        return stack([*base, self]) if base else self.entries

    @cached_property
    def boot_list(self) -> tuple[str, ...]:
        """The files that a start reads, in the order in which the writer was given them."""
        return tuple(boot_list(self.entries, self.index.boot))

    @cached_property
    def summary(self) -> ImageSummary:
        """Sizes and digest of the file; the first use reads all of it."""
        container, index = self._container, self.index
        chunks, boot = chunk_count(index.end, index.chunk), chunk_count(index.boot, index.chunk)
        digest = hashlib.sha256()
        for offset in range(0, self.size, _READ):
            digest.update(container.read_file(offset, min(_READ, self.size - offset)))
        return ImageSummary(
            size=self.size,
            sha256=digest.hexdigest(),
            uncompressed_size=container.archive_size,
            boot=container.offsets[boot] if self.compressed else index.boot,
            last_chunk=container.offsets[chunks] if self.compressed else index.end,
            files=len(index.files),
            chunks=chunks + 1,
            parts=tuple(part.stat().st_size for part in self.parts) or (self.size,),
        )

    def read(self, path: str) -> bytes:
        """Read a regular file whole.

        Raises
        ------
        ImageError
            When there is no such file, or its bytes are damaged.
        """
        entry = self.entries.get(path)
        if entry is None or entry.kind != "file":
            found = "there is no such entry" if entry is None else f"it is a {entry.kind}"
            raise ImageError(f"{self.name}: {path!r} is not a file of the image: {found}")
        with entry.open() as file:
            return file.read()

    def verify(self, *, progress: Callable[[int, int], None] | None = None) -> None:
        """Check every byte: chunks, gzip trailer, and each tar header against the index.

        Parameters
        ----------
        progress
            Called with the uncompressed bytes done and their total.

        Raises
        ------
        ImageError
            At the first fault, naming it.
        """
        verify_container(self._container, self.entries, progress or (lambda _done, _total: None))

    def extract(
        self,
        directory: Path | str,
        *,
        only: Sequence[str] = (),
        base: Sequence[Image] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Unpack the tree into a new or empty directory.

        Nothing is written outside of it. Symbolic links are made last, as they are, wherever they
        point. Modes are restored but for the set-user-ID and set-group-ID bits, which mean nothing
        without owners. When it fails, what it made is removed.

        Parameters
        ----------
        directory
            Where to unpack; made when missing.
        only
            Globs, see :func:`compile_globs`: unpack what they select and the directories that it lies in.
        base
            For a layer: the images below it, the lowest first; an empty sequence unpacks what the layer
            itself holds.
        progress
            Called with the bytes of files done and their total.

        Raises
        ------
        ImageError
            When the directory is not empty, a file is damaged, the file system cannot hold a name or
            does not tell two names apart, a glob selects nothing, or a layer's base is missing or another.
        """
        entries = stack([self]) if base is None else self.tree(base)
        if only:
            entries = regrouped(select(self.name, entries, only, parents=True))
        extract_tree(self.name, entries, Path(directory), progress or (lambda _done, _total: None))
