"""Writing to a directory that other builds may use at the same time."""

from __future__ import annotations

import filecmp
import hashlib
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BLOCK = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that others see the old or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp makes files for its user alone; a site is read by a web server
        temporary.chmod(0o644)
        replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def replace(source: Path, target: Path) -> None:
    """Rename, patient where Windows lets nobody replace what a virus scanner just reads."""
    for attempt in range(5):
        try:
            source.replace(target)
        except PermissionError:  # noqa: PERF203 - a few attempts
            if os.name != "nt" or attempt == 4:  # noqa: PLR2004
                raise
            time.sleep(0.1 * 2**attempt)
        else:
            return


@contextmanager
def new_directory(target: Path) -> Iterator[Path]:
    """Give a directory to fill that becomes `target` when the block ends well.

    When another build was faster its result stays: what the same inputs give is the same.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        temporary.chmod(0o755)
        yield temporary
        try:
            replace(temporary, target)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        if temporary.exists():
            shutil.rmtree(temporary, ignore_errors=True)


def put_files(files: Sequence[Path], target: Path) -> None:
    """Give a directory that is named by its content copies of files.

    One that has them stays as it is, one that was damaged since is made anew.
    """
    if all(_is_copy(file, target / file.name) for file in files):
        return
    if target.is_dir():
        shutil.rmtree(target)
    with new_directory(target) as directory:
        for file in files:
            shutil.copyfile(file, directory / file.name)


def _is_copy(file: Path, copy: Path) -> bool:
    return copy.is_file() and filecmp.cmp(file, copy, shallow=False)


@contextmanager
def temporary_directory(parent: Path) -> Iterator[Path]:
    """Give a directory that is gone when the block ends."""
    parent.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
