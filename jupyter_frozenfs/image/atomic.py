"""Files that are either the old ones or the new ones, never half of each."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from jupyter_frozenfs.errors import ImageError

from .parts import check_part_size, part_path, remove_parts, split_image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def replacing(destination: Path, part_size: int | None = None) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of `destination` when the block ends well.

    It is written beside the destination, so that the final rename stays on one disk, and it is gone
    when anything fails.

    Parameters
    ----------
    destination
        A path.
    part_size
        Split a larger file into parts of so many bytes. They are put in place one after the other: whoever
        reads an older image of this name meanwhile may find parts of both, which the checksums tell.

    Raises
    ------
    ImageError
        When the file cannot be written; what was at the destination is still there.
    """
    if part_size is not None:
        check_part_size(part_size)
    # Not tempfile: its files are readable by their owner only, and a web server has to read these.
    draft = destination.parent / f".{destination.name}.{secrets.token_hex(4)}.tmp"
    try:
        with draft.open("xb+") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if part_size is None:
            draft.replace(destination)
        else:
            _put_parts(split_image(draft, part_size), destination)
    except OSError as error:
        _remove(draft)
        kept = "; the file that was there is unchanged" if destination.is_file() else ""
        raise ImageError(f"{destination} cannot be written: {error.strerror or error}{kept}") from error
    except BaseException:
        _remove(draft)
        raise


def _put_parts(drafts: list[Path], destination: Path) -> None:
    """Put the files of an image in place, and remove those of an older one."""
    if len(drafts) == 1:
        drafts[0].replace(destination)
        remove_parts(destination, 0)
        return
    for number, draft in enumerate(drafts):
        draft.replace(part_path(destination, number))
    remove_parts(destination, len(drafts))
    destination.unlink(missing_ok=True)


def _remove(draft: Path) -> None:
    for path in (draft, *draft.parent.glob(f"{draft.name}.[0-9][0-9][0-9]")):
        with suppress(OSError):
            path.unlink()
