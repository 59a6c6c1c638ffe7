"""What `jupyter frozenfs info` tells of a snapshot."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from jupyter_frozenfs.errors import ImageError

from .inputs import MANIFEST
from .text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: how the files of a snapshot are called, in parts or whole, and what they are
_FILES = {"snapshot.img": "a snapshot", "linked.wasm": "the linked runtime of a snapshot"}

#: how a snapshot begins, whatever it is called
_MAGIC = b"frznsnap"

#: how many rows of each table people see; all are in the JSON object
_MOST = 12


def snapshot_manifest(path: Path) -> Path | None:
    """Find the manifest of the environment whose snapshot a file is, or a part of.

    Returns
    -------
    Path or None
        None when the file is none.

    Raises
    ------
    ImageError
        When it is alone.
    """
    what = _FILES.get(path.stem if path.suffix[1:].isdecimal() else path.name)
    if what is None:
        if not _begins_as_snapshot(path):
            return None
        what = _FILES["snapshot.img"]
    manifest = path.with_name(MANIFEST)
    if not manifest.is_file():
        raise ImageError(
            f"{path} is {what} without {MANIFEST} beside it, which tells what is in it. Copy the "
            "whole folder of the environment."
        )
    return manifest


def _begins_as_snapshot(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False  # who opens it as an image tells why


def snapshot_facts(manifest: Path) -> dict[str, Any] | None:
    """Read what is in the snapshot of an environment, with sizes in bytes.

    Parameters
    ----------
    manifest
        The ``environment.json``.

    Returns
    -------
    dict or None
        None when the environment has no snapshot.
    """
    try:
        snapshot = json.loads(manifest.read_text(encoding="utf-8")).get("snapshot")
        if snapshot is None:
            return None
        path = manifest.with_name(snapshot["contents"]["parts"][0]["file"])
        contents = json.loads(path.read_text(encoding="utf-8"))
        return {
            "size": snapshot["size"],
            "sha256": snapshot["sha256"],
            "linked_size": snapshot["linked"]["size"],
            "index_size": sum(part["size"] for part in snapshot["index"]["parts"]),
            **{key: contents[key] for key in ("memory", "kernel", "warm_up", "libraries")},
        }
    except OSError as error:
        raise ImageError(f"{error.filename} cannot be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImageError(
            f"{manifest} or what it names is not what a build writes ({type(error).__name__}: {error}). "
            "Build again."
        ) from error


def snapshot_lines(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Tell it to a person: a label and a text for each line."""
    yield "snapshot", f"{found['size']:,} bytes for {found['memory'] / 1e6:.1f} MB of memory"
    yield "sha256", found["sha256"]
    yield "with it come", f"{found['linked_size']:>13,}  Pyodide with the libraries linked into it"
    yield "", f"{found['index_size']:>13,}  of the image"
    kernel = found["kernel"]
    yield "kernel", f"{kernel['bytes']:>13,}  {kernel['modules']:>5,} modules, before the warm-up"
    warm_up = found["warm_up"]
    rows = [
        f"{row['bytes']:>13,}  {row['modules']:>5,} modules  {printable(row['package'])}" for row in warm_up
    ]
    yield from _rows("warm-up added", rows)
    libraries = found["libraries"]
    total = sum(library["size"] for library in libraries)
    named = [f"{library['size']:>13,}  {printable(_short(library['path']))}" for library in libraries]
    yield from _rows(f"{len(libraries)} libraries", [f"{total:>13,}  in all", *named])


def _rows(label: str, rows: list[str]) -> Iterator[tuple[str, str]]:
    more = len(rows) - _MOST
    # one line that says "1 more" is no shorter than the line
    shown = [*rows[:_MOST], f"{'…':>13}  {more:,} more, see --json"] if more > 1 else rows
    for row in shown:
        yield label, row
        label = ""


def _short(path: str) -> str:
    """Name a library without the folder that all packages lie in, and without the platform."""
    _, found, rest = path.partition("/site-packages/")
    library = PurePosixPath(rest if found else path)
    return str(library.with_name(library.name.replace("-wasm32-emscripten", "")))
