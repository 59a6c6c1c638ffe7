"""``jupyter frozenfs extract``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traitlets import Bool

from .command import FLAGS, Command, Texts, UsageError
from .inputs import check_stdio, opened, opened_all
from .progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence


class ExtractApp(Command):
    """Unpack an image."""

    name = "jupyter-frozenfs-extract"
    usage = "jupyter frozenfs extract [OPTION …] IMAGE FOLDER [GLOB …]"
    arguments = (2, None)
    description = """
    Unpack an image into a new or empty folder, or what the globs select of it. When it fails, or is
    stopped, what it made is removed.

    IMAGE is a file, the first part or the common name of a split image, an environment or its folder,
    or `-` for standard input. Links are made as they are, wherever they point, but nothing is written
    through them. Modes are restored but for the set-user-ID and set-group-ID bits.

    A layer is unpacked with the images that it was made on, see --base. On Windows modes are lost but for
    read-only files, and symbolic links need the developer mode; names that differ only in letter case
    or that Windows does not allow are refused and named.
    """
    examples = """
    jupyter frozenfs extract image.img unpacked
    jupyter frozenfs extract image.img data /home/pyodide/data
    jupyter frozenfs extract --base=course.img layer.img unpacked
    jupyter frozenfs extract frozen/course/0123456789abcdef unpacked
    """
    flags = FLAGS | {
        "layer-only": (
            {"ExtractApp": {"layer_only": True}},
            "Unpack what a layer holds itself, without its base",
        ),
    }
    aliases = Command.aliases | {"base": "ExtractApp.base"}
    values = {"base": "IMAGE"}  # noqa: RUF012
    completes = "IMAGE"

    base = Texts(help="Put a layer onto this image; may be repeated, the lowest first").tag(config=True)
    layer_only = Bool(default_value=False).tag(config=True)

    def run(self, arguments: Sequence[str]) -> None:
        """Unpack."""
        if self.base and self.layer_only:
            raise UsageError("--base and --layer-only exclude each other")
        path, folder, *globs = arguments
        check_stdio([path, *self.base])
        with opened_all(self.base) as base, opened(path) as image, progress(Path(image.name).name) as shown:
            image.extract(
                folder, only=globs, base=base if self.base or self.layer_only else None, progress=shown
            )
