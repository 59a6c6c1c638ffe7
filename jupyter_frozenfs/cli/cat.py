"""``jupyter frozenfs cat``."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import select

from .command import Command, Texts
from .inputs import check_stdio, opened, opened_all
from .text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence


class CatApp(Command):
    """Print files of an image."""

    name = "jupyter-frozenfs-cat"
    usage = "jupyter frozenfs cat [OPTION …] IMAGE GLOB [GLOB …]"
    arguments = (2, None)
    description = """
    Print the files that globs select, one after the other: those of the first glob by their paths, then
    those of the next one. A path from the root on is a glob that selects itself.

    IMAGE is a file, the first part or the common name of a split image, an environment or its folder,
    or `-` for standard input. Nothing of a chunk is printed unless it agrees with its checksum.
    """
    examples = """
    jupyter frozenfs cat image.img /home/pyodide/data/stars.csv
    jupyter frozenfs cat image.img '/etc/*.conf' | less
    curl https://example.org/image.img | jupyter frozenfs cat - README.md
    """
    aliases = Command.aliases | {"base": "CatApp.base"}
    values = {"base": "IMAGE"}  # noqa: RUF012
    completes = "IMAGE"

    base = Texts(help="Read a layer as it appears on this image; may be repeated, the lowest first").tag(
        config=True
    )

    def run(self, arguments: Sequence[str]) -> None:
        """Copy each file to standard output."""
        path, *globs = arguments
        check_stdio([path, *self.base])
        with opened_all(self.base) as base, opened(path) as image:
            tree = image.tree(base)
            chosen = []
            for glob in globs:
                found = select(image.name, tree, [glob])
                files = [entry for entry in found if entry.kind == "file"]
                if not files:
                    other = "a link to " + repr(found[0].target) if found[0].kind == "link" else "a directory"
                    raise ImageError(
                        f"{image.name}: {glob!r} selects no file, {printable(found[0].path)} is {other}"
                    )
                chosen += files
            for entry in chosen:
                with entry.open() as file:
                    shutil.copyfileobj(file, sys.stdout.buffer, 1 << 20)
