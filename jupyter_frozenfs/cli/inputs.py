"""Images as they are named on a command line."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image

from .command import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: What stands for standard input or output.
STDIO = "-"
#: What describes an environment, in its folder.
MANIFEST = "environment.json"


@contextmanager
def opened(argument: str) -> Iterator[Image]:
    """Open an image: a file, one in parts, that of an environment, or standard input."""
    with ExitStack() as closing:
        if argument == STDIO:
            yield closing.enter_context(_standard_input(closing))
            return
        manifest = environment_manifest(Path(argument))
        if manifest is not None:
            parts = [manifest.parent / name for name in environment_parts(manifest)]
            yield closing.enter_context(Image.open(parts, name=argument))
        else:
            yield closing.enter_context(Image.open(argument))


@contextmanager
def opened_all(arguments: Sequence[str]) -> Iterator[list[Image]]:
    """Open several images."""
    with ExitStack() as closing:
        yield [closing.enter_context(opened(argument)) for argument in arguments]


def environment_manifest(path: Path) -> Path | None:
    """Find the manifest when a path is an environment's: its folder, or the manifest itself.

    Raises
    ------
    ImageError
        When it is another folder.
    """
    if path.name == MANIFEST:
        return path
    if not path.is_dir():
        return None
    if (path / MANIFEST).is_file():
        return path / MANIFEST
    raise ImageError(
        f"{path} is a folder without {MANIFEST}, expected an image or an environment; "
        "`jupyter frozenfs pack` makes an image of a folder"
    )


def environment_parts(manifest: Path) -> list[str]:
    """Read from a manifest in which files the image is.

    Raises
    ------
    ImageError
        When it does not say so.
    """
    try:
        parts = json.loads(manifest.read_text(encoding="utf-8"))["image"]["parts"]
        names = [str(part["file"]) for part in parts]
    except OSError as error:
        raise ImageError(f"{manifest} cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ImageError(
            f"{manifest} is not the manifest of an environment: it does not name the files of an image"
        ) from error
    if not names:
        raise ImageError(f"{manifest} names no file of the image, expected at least one")
    return names


def check_stdio(arguments: Sequence[str]) -> None:
    """Refuse standard input twice.

    Raises
    ------
    UsageError
        When it is named twice.
    """
    if list(arguments).count(STDIO) > 1:
        raise UsageError("standard input, `-`, can be read only once")


def _standard_input(closing: ExitStack) -> Image:
    source = sys.stdin.buffer
    if sys.stdin.isatty():
        raise UsageError("standard input is a terminal, expected an image from a file or a pipe")
    # An image is read from its end: what comes through a pipe is kept until it is complete.
    if not source.seekable():
        spool = closing.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        shutil.copyfileobj(source, spool, 1 << 20)
        return Image.open(spool, name="standard input")
    return Image.open(source, name="standard input")
