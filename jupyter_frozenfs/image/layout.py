"""Where everything of a tree lies in the archive (docs/format.md, sections 1 and 2.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import ImageError

from .entry import Entry, path_fault
from .index import Index, StoredDirectory, StoredFile, StoredLink, chunk_size
from .tar import BLOCK, header_size, padding
from .tree import complete, same_file, with_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


#: The trailer counts blocks in 32 bits.
LARGEST_END = (2**32 - 2) * BLOCK


@dataclass(frozen=True, slots=True)
class Layout:
    """A planned archive: its entries in order, and its index without checksums.

    A file of `entries` whose `target` is set is a hard link to an earlier one; all others have content.
    """

    entries: tuple[Entry, ...]
    index: Index


def plan(
    entries: Iterable[Entry],
    *,
    boot: Sequence[str] = (),
    base: str | None = None,
    whiteouts: Sequence[str] = (),
) -> Layout:
    """Order a tree and give each file its range.

    Directories that are parents of an entry but not given themselves are added, with mode ``0o755``
    and mtime 0.

    Raises
    ------
    ImageError
        When the format cannot hold the tree, or the boot list names what is not a file of it.
    """
    tree = complete(entries)
    _check_layer(base, whiteouts)
    first: dict[str, tuple[Entry, int]] = {}
    placed: list[Entry] = []
    files: list[StoredFile] = []
    position = boot_end = 0
    order, boot_count = _order(tree, boot)
    for count, entry in enumerate(order, 1):
        item = entry
        if entry.kind == "file":
            key = same_file(tree, entry)
            if key in first:
                original, start = first[key]
                item = replace(entry, target=original.path, size=original.size)
                position += header_size(item)
            else:
                item = with_content(tree, entry, key)
                start = position + header_size(item)
                first[key] = item, start
                position = start + item.size + padding(item.size)
            files.append(StoredFile(item.path, start, start + item.size, item.mode, item.mtime))
        else:
            position += header_size(item)
        placed.append(item)
        if count == boot_count:
            boot_end = position
    if position > LARGEST_END:
        raise ImageError(
            f"the tree makes an archive of {position} bytes, expected at most {LARGEST_END}; split it"
        )
    index = Index(
        end=position,
        chunk=chunk_size(position),
        boot=boot_end,
        base=base,
        files=tuple(files),
        directories=tuple(
            StoredDirectory(entry.path, entry.mode, entry.mtime)
            for entry in reversed(placed)
            if entry.kind == "directory"
        ),
        links=tuple(
            StoredLink(entry.path, entry.target, entry.mtime) for entry in placed if entry.kind == "link"
        ),
        whiteouts=tuple(sorted(set(whiteouts), key=str.encode)),
        crc32=(),
    )
    return Layout(tuple(placed), index)


def _check_layer(base: str | None, whiteouts: Sequence[str]) -> None:
    if base is not None and not re.fullmatch(r"[0-9a-f]{64}", base):
        raise ImageError(f"base is {base!r}, expected a SHA-256 of 64 hexadecimal digits in lower case")
    if whiteouts and base is None:
        raise ImageError("whiteouts remove paths of a base image, but no base was given")
    for path in whiteouts:
        if (fault := path_fault(path)) is not None:
            raise ImageError(f"the whiteout {path!r} {fault}")


def _order(tree: dict[str, Entry], boot: Sequence[str]) -> tuple[list[Entry], int]:
    """Put the boot list first and directories last; count the boot list."""
    early = dict.fromkeys(boot)
    for path in early:
        if path not in tree or tree[path].kind != "file":
            found = f"a {tree[path].kind}" if path in tree else "not in the tree"
            raise ImageError(f"the boot list names {path!r}, which is {found}, expected a regular file")
    paths = sorted((path for path in tree if path not in early), key=str.encode)
    leaves = [path for path in paths if tree[path].kind != "directory"]
    directories = [path for path in reversed(paths) if tree[path].kind == "directory"]
    return [tree[path] for path in (*early, *leaves, *directories)], len(early)
