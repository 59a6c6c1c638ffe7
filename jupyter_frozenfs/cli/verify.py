"""``jupyter frozenfs verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import BuildError, ImageError, ImageVersionError

from .command import EXIT_CODES, Command, complain, say
from .inputs import STDIO, check_stdio, environment_manifest, opened
from .progress import progress
from .text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

WHOLE, DAMAGED, TROUBLE = range(3)
_WORDS = {WHOLE: "OK", DAMAGED: "DAMAGED", TROUBLE: "NOT CHECKED"}


class VerifyApp(Command):
    """Check images."""

    name = "jupyter-frozenfs-verify"
    usage = "jupyter frozenfs verify IMAGE [IMAGE …]"
    arguments = (1, None)
    description = """
    Check every byte of images: each chunk against its checksum, what tar and gzip see against the index,
    and that all is as the format prescribes it. All images are checked, also after one that is damaged.

    IMAGE is a file, the first part or the common name of a split image, or `-` for standard input. Of an
    environment or its folder, each file is checked against its SHA-256 as well.
    """
    examples = """
    jupyter frozenfs verify image.img
    jupyter frozenfs verify frozen/*/*/image.img
    jupyter frozenfs verify frozen/course/0123456789abcdef
    """
    completes = "IMAGE"
    exit_codes = EXIT_CODES | {
        WHOLE: "All images are whole",
        DAMAGED: "An image is damaged, truncated or no image at all",
        TROUBLE: "An image could not be checked: it cannot be read, it is of a newer version, or the command "
        "line makes no sense",
    }

    def run(self, arguments: Sequence[str]) -> int:
        """Check one image after the other."""
        check_stdio(arguments)
        worst = WHOLE
        for path in arguments:
            code, fault = _verdict(path)
            say(f"{printable(path)}: {_WORDS[code]}")
            if fault:
                complain(fault)
            worst = max(worst, code)
        return worst


def _verdict(path: str) -> tuple[int, str]:
    try:
        manifest = None if path == STDIO else environment_manifest(Path(path))
        if manifest is not None:
            # Not before: it reads network settings and the like, which images do not need.
            from jupyter_frozenfs.environment.site import check_environment  # noqa: PLC0415

            check_environment(manifest)
        with opened(path) as image, progress(Path(image.name).name) as shown:
            image.verify(progress=shown)
    except ImageVersionError as error:
        return TROUBLE, str(error)
    except (ImageError, BuildError) as error:
        return TROUBLE if isinstance(error.__cause__, OSError) else DAMAGED, str(error)
    return WHOLE, ""
