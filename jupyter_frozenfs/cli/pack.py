"""``jupyter frozenfs pack``."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from traitlets import Bool

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import DEFAULT_LEVEL, find_parts, pack

from .command import FLAGS, Command, Text, Texts, UsageError, complain, say
from .inputs import STDIO, check_stdio, opened_all
from .progress import progress
from .text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIZE = re.compile(r"(\d+)\s*(k|m|g|ki|mi|gi)?b?\Z", re.IGNORECASE)
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


class PackApp(Command):
    """Make an image of a folder."""

    name = "jupyter-frozenfs-pack"
    usage = "jupyter frozenfs pack [OPTION …] FOLDER IMAGE"
    arguments = (2, 2)
    description = """
    Make an image of a folder. IMAGE may be `-`, for standard output.

    The same files, modes and times give the same bytes. Links stay links, and two names of one file
    stay one file. Devices, sockets and pipes are skipped and named. When SOURCE_DATE_EPOCH is set, no
    time is later. With --base the image is a layer: it holds what differs from the base, and the names
    of what is gone. What takes the place of another file does so when it is complete, not before.

    On Windows, which has no modes, files get the mode 0644 and folders 0755; junctions are skipped.
    """
    examples = """
    jupyter frozenfs pack course course.img
    jupyter frozenfs pack site-packages image.img --at=/lib/python3.14/site-packages --exclude=tests
    jupyter frozenfs pack course course.img --part-size=95MB     # course.img.000, course.img.001, …
    jupyter frozenfs pack changed layer.img --base=course.img
    jupyter frozenfs pack course - | ssh host 'cat > course.img'
    """
    flags = FLAGS | {
        "force": ({"PackApp": {"force": True}}, "Replace an image that is there"),
        "plain": ({"PackApp": {"plain": True}}, "Do not compress: an ordinary tar with an index"),
    }
    aliases = Command.aliases | {
        "at": "PackApp.at",
        "base": "PackApp.base",
        "boot": "PackApp.boot",
        "exclude": "PackApp.exclude",
        "level": "PackApp.level",
        "part-size": "PackApp.part_size",
    }
    values = {"at": "PATH", "base": "IMAGE", "boot": "FILE", "exclude": "GLOB", "level": "N"}  # noqa: RUF012

    at = Text("/", help="Where the folder appears in the image (default: /)").tag(config=True)
    base = Texts(
        help="Make a layer on this image; when that is a layer itself, repeat the option, the lowest first"
    ).tag(config=True)
    boot = Text(
        "",
        help="A file with the paths of files, one on each line, that come first in the image: "
        "what a start reads",
    ).tag(config=True)
    exclude = Texts(
        help="Leave out what a glob selects; may be repeated. `name` selects it anywhere, `/name` at the "
        "root, `a/b` from any folder on; `*` stops at `/`, `**` does not"
    ).tag(config=True)
    force = Bool(default_value=False).tag(config=True)
    level = Text(str(DEFAULT_LEVEL), help=f"Of compression, 0 to 9 (default: {DEFAULT_LEVEL})").tag(
        config=True
    )
    part_size = Text(
        "", help="Split a larger image into numbered parts of this size, such as 95MB or 100MiB"
    ).tag(config=True)
    plain = Bool(default_value=False).tag(config=True)

    def run(self, arguments: Sequence[str]) -> None:
        """Write the image, and say what it weighs."""
        folder, image = arguments
        check_stdio([*self.base, self.boot])
        level = parse_level(self.level)
        part_size = parse_size(self.part_size) if self.part_size else None
        destination = self.destination(image, part_size)
        label = "pack" if image == STDIO else Path(image).name
        with opened_all(self.base) as base, progress(label) as shown:
            summary = pack(
                folder,
                destination,
                at=self.at,
                exclude=self.exclude,
                boot=_lines(self.boot),
                base=base,
                compress=not self.plain,
                level=level,
                part_size=part_size,
                clamp=_epoch(),
                skipped=lambda path, reason: complain(f"{printable(path)} is skipped: it {reason}"),
                progress=shown,
            )
        if image != STDIO:
            parts = f" in {len(summary.parts)} parts" if len(summary.parts) > 1 else ""
            say(f"{printable(image)}: {summary.files:,} files, {summary.size:,} bytes{parts}")

    def destination(self, image: str, part_size: int | None) -> Path | BinaryIO:
        """Find where to write, and refuse what is there already."""
        if image == STDIO:
            if sys.stdout.isatty():
                raise UsageError("standard output is a terminal, expected a file or a pipe for the image")
            if part_size is not None:
                raise UsageError("standard output cannot be split into parts")
            return sys.stdout.buffer
        path = Path(image)
        if path.is_dir():
            raise ImageError(f"{path} is a folder, expected the name of an image")
        there = [part for part in find_parts(path) if part.exists()]
        if there and not self.force:
            raise ImageError(f"{there[0]} is there already; replace it with --force")
        return path


def parse_level(text: str) -> int:
    """Read a level of compression.

    Raises
    ------
    UsageError
        When it is none.
    """
    if not re.fullmatch(r"[0-9]", text):
        raise UsageError(f"--level is {text!r}, expected a number from 0 to 9")
    return int(text)


def parse_size(text: str) -> int:
    """Read a size such as ``95MB``.

    Raises
    ------
    UsageError
        When it is none.
    """
    found = _SIZE.match(text.strip())
    size = int(found[1]) * _UNITS[(found[2] or "").lower()] if found else 0
    if not size:
        raise UsageError(f"--part-size is {text!r}, expected bytes such as 95000000, 95MB or 100MiB")
    return size


def _lines(file: str) -> list[str]:
    if not file:
        return []
    try:
        text = sys.stdin.buffer.read() if file == STDIO else Path(file).read_bytes()
        return [line for line in text.decode().replace("\r\n", "\n").split("\n") if line]
    except OSError as error:
        raise ImageError(f"{file} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ImageError(f"{file} is not UTF-8, expected a path on each line") from error


def _epoch() -> int | None:
    """Read the latest time that may be stored (https://reproducible-builds.org/specs/source-date-epoch/)."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if text and not text.isdecimal():
        raise UsageError(f"SOURCE_DATE_EPOCH is {text!r}, expected whole seconds since 1970")
    return int(text) if text else None
