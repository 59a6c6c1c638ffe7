"""What is large in a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_frozenfs.image import Entry

#: A folder of which one folder inside has this share says less than that one.
_SHARE = 0.8


def large_files(entries: Mapping[str, Entry], most: int) -> dict[str, int]:
    """Find the largest files, the largest first, with their bytes."""
    files = [entry for entry in entries.values() if entry.kind == "file" and not entry.target]
    files.sort(key=lambda entry: (-entry.size, entry.path))
    return {entry.path: entry.size for entry in files[:most]}


def large_directories(entries: Mapping[str, Entry], most: int) -> dict[str, int]:
    """Find directories that tell where the bytes are, the largest first, with the bytes of all below them.

    None lies in another. Where one holds hardly more than another, the inner one is named; and packages are
    named, not the ``site-packages`` that they lie in.
    """
    sizes: dict[str, int] = {}
    for entry in entries.values():
        if entry.kind == "file" and not entry.target:
            path = entry.path
            while path := path.rpartition("/")[0]:
                sizes[path] = sizes.get(path, 0) + entry.size
    children: dict[str, list[str]] = {}
    for path in sizes:
        children.setdefault(path.rpartition("/")[0], []).append(path)
    crowded = {path for path in sizes if path.endswith("/site-packages")}
    for path in list(crowded):
        while path := path.rpartition("/")[0]:
            crowded.add(path)
    waiting = children.get("", [])
    found: dict[str, int] = {}
    while waiting and len(found) < most:
        path = max(waiting, key=lambda one: (sizes[one], one))
        waiting.remove(path)
        inside = children.get(path, [])
        if path in crowded or any(sizes[child] > _SHARE * sizes[path] for child in inside):
            waiting += inside
        else:
            found[path] = sizes[path]
    return found
