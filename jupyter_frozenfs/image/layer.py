"""Layers: images of what changed relative to a base (docs/format.md, section 7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import ImageError

from .diff import compare
from .stored import regrouped
from .tree import complete, same_file, with_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .entry import Entry
    from .reader import Image


@dataclass(frozen=True, slots=True)
class Layer:
    """What changed.

    Parameters
    ----------
    entries
        What is new or different, with the directories that it lies in.
    whiteouts
        Paths of the base that are gone; what lies below them goes with them.
    """

    entries: tuple[Entry, ...]
    whiteouts: tuple[str, ...]


def layer_of(base: Mapping[str, Entry], entries: Iterable[Entry]) -> Layer:
    """Find what a tree has that a base has not, and the other way round.

    Parameters
    ----------
    base
        The tree of the base, such as :attr:`Image.entries` or what :func:`stack` returns.
    entries
        The whole new tree, in any order.

    Raises
    ------
    ImageError
        When the format cannot hold the tree, or a file cannot be read.
    """
    tree = complete(entries)
    changed: dict[str, Entry] = {}
    whiteouts: list[str] = []
    for change in compare(complete(base.values()), tree):
        path = change.path
        if change.after is None:
            parent = _parent(path)
            # Otherwise it goes with what it lies in, which is removed or replaced itself.
            if not parent or (parent in tree and tree[parent].kind == "directory"):
                whiteouts.append(path)
            continue
        changed[path] = tree[path]
        while (path := _parent(path)) and path not in changed:
            changed[path] = tree[path]
    return Layer(tuple(_relinked(tree, changed)), tuple(whiteouts))


def _relinked(tree: Mapping[str, Entry], changed: Mapping[str, Entry]) -> Iterator[Entry]:
    """Make hard links lead to a name that is in the layer: the first one may be as in the base."""
    first: dict[str, str] = {}
    for entry in changed.values():
        if entry.kind != "file":
            yield entry
            continue
        key = same_file(tree, entry)
        original = key if key in changed else first.setdefault(key, entry.path)
        yield with_content(tree, entry, key) if original == entry.path else replace(entry, target=original)


def stack(images: Sequence[Image]) -> dict[str, Entry]:
    """Put layers onto their base, and return the tree that results.

    Parameters
    ----------
    images
        The base first, then each layer on what came before it. They stay open while the tree is used.

    Raises
    ------
    ImageError
        When one is not a layer of the one before it; that one is read whole, for its digest.
    """
    tree: dict[str, Entry] = {}
    for number, image in enumerate(images):
        check_base(image, images[number - 1] if number else None)
        apply_layer(tree, image.entries, image.index.whiteouts)
    return regrouped(tree.values())


def apply_layer(tree: dict[str, Entry], entries: Mapping[str, Entry], whiteouts: Iterable[str]) -> None:
    """Change a tree as a layer has it: first what it removes, then what it holds.

    What lies below a path that is removed, or becomes something else than a directory, goes with it.
    """
    removed = set(whiteouts)
    removed |= {
        path
        for path, entry in entries.items()
        if entry.kind != "directory" and path in tree and tree[path].kind == "directory"
    }
    if removed:
        gone: set[str] = set()
        # Parents are not always before what they hold, but shorter.
        for path in sorted(tree, key=len):
            if path in removed or _parent(path) in gone:
                gone.add(path)
        for path in gone:
            del tree[path]
    tree.update(entries)


def check_base(image: Image, base: Image | None) -> None:
    """Refuse a layer without its base, or with another.

    Raises
    ------
    ImageError
        Naming both.
    """
    expected = image.index.base
    if base is None:
        if expected is not None:
            raise ImageError(
                f"{image.name} is a layer: it holds only what changed relative to the image with SHA-256 "
                f"{expected}; give this image as its base"
            )
    elif expected is None:
        raise ImageError(f"{image.name} is not a layer, it has no base; do not give {base.name} as one")
    elif expected != base.summary.sha256:
        raise ImageError(
            f"{image.name} is a layer of the image with SHA-256 {expected}, but {base.name} has "
            f"{base.summary.sha256}; find the image that it was made on"
        )


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
