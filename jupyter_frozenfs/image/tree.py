"""Entries as a tree: what they are to each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import ImageError

from .entry import DIRECTORY_MODE, Entry, check_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def complete(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Put entries by their paths, and add the directories that they lie in.

    Raises
    ------
    ImageError
        When the format cannot hold one of them, or not all together.
    """
    tree: dict[str, Entry] = {}
    for entry in entries:
        check_entry(entry)
        if entry.path in tree:
            raise ImageError(f"{entry.path!r} was given twice; an image holds each path once")
        tree[entry.path] = entry
    for path in list(tree):
        parent = path.rpartition("/")[0]
        while parent and parent not in tree:
            tree[parent] = Entry(parent, "directory", DIRECTORY_MODE, 0)
            parent = parent.rpartition("/")[0]
        if parent and (found := tree[parent].kind) != "directory":
            raise ImageError(f"{path!r} lies below {parent!r}, which is a {found}, not a directory")
    return tree


def same_file(tree: Mapping[str, Entry], entry: Entry) -> str:
    """Follow hard links to the path that stands for all names of one file."""
    path, target = entry.path, entry.target
    seen = {path}
    while target:
        path = target
        if path in seen:
            raise ImageError(f"the hard link {entry.path!r} refers to itself")
        seen.add(path)
        target = tree[path].target if path in tree and tree[path].kind == "file" else ""
    return path


def with_content(tree: Mapping[str, Entry], entry: Entry, key: str) -> Entry:
    """Make the first name of a file in the archive the one that carries the bytes."""
    source = tree.get(key, entry)
    if source.kind != "file" or source.content is None:
        source = entry
    if source.content is None:
        raise ImageError(f"{entry.path!r} is a hard link to {key!r}, which is not a file of the tree")
    return replace(entry, target="", size=source.size, content=source.content)
