"""How two trees differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

from jupyter_frozenfs.errors import ImageError

from .tree import complete, same_file, with_content

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from .entry import Entry

_READ = 1 << 20

#: What may differ in an entry that both trees have.
Property = Literal["kind", "mode", "mtime", "size", "content", "target"]


@dataclass(frozen=True, slots=True)
class Change:
    """One path at which two trees differ.

    Parameters
    ----------
    path
        Where.
    before, after
        The entry in either tree; None where there is none.
    differs
        What differs, when both trees have the path.
    """

    path: str
    before: Entry | None
    after: Entry | None
    differs: tuple[Property, ...] = ()

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        """What happened to the path."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def diff(
    before: Iterable[Entry], after: Iterable[Entry], *, ignore: Collection[Property] = ()
) -> Iterator[Change]:
    """Compare two trees, by path.

    The contents of files are compared byte by byte. Whether two files are names of one (hard links) is a
    matter of storage and not compared.

    Parameters
    ----------
    before, after
        The trees, such as ``image.entries.values()`` or what :func:`scan` yields.
    ignore
        What does not count, such as ``{"mtime"}``.

    Raises
    ------
    ImageError
        When a file cannot be read or is damaged, or the format cannot hold one of the trees.
    """
    return compare(complete(before), complete(after), ignore=ignore)


def compare(
    before: Mapping[str, Entry], after: Mapping[str, Entry], *, ignore: Collection[Property] = ()
) -> Iterator[Change]:
    """Do what :func:`diff` does, on complete trees."""
    for path in sorted(before.keys() | after.keys(), key=str.encode):
        old, new = before.get(path), after.get(path)
        if old is None or new is None:
            yield Change(path, old, new)
            continue
        old, new = _resolved(before, old), _resolved(after, new)
        if differs := tuple(what for what in _differences(old, new) if what not in ignore):
            yield Change(path, old, new, differs)


def _resolved(tree: Mapping[str, Entry], entry: Entry) -> Entry:
    """Give the second name of a file the size and content of the first."""
    return with_content(tree, entry, same_file(tree, entry)) if entry.kind == "file" else entry


def _differences(old: Entry, new: Entry) -> Iterator[Property]:
    if old.kind != new.kind:
        yield "kind"
        return
    if old.mode != new.mode:
        yield "mode"
    if old.mtime != new.mtime:
        yield "mtime"
    if old.target != new.target:
        yield "target"
    if old.size != new.size:
        yield "size"
    elif old.kind == "file" and not _same_content(old, new):
        yield "content"


def _same_content(old: Entry, new: Entry) -> bool:
    if old.content == new.content and old.content is not None:
        return True
    try:
        with old.open() as one, new.open() as other:
            while (block := _filled(one)) == _filled(other):
                if not block:
                    return True
            return False
    except OSError as error:
        raise ImageError(f"{new.path!r} cannot be read: {error}") from error


def _filled(file: BinaryIO) -> bytes:
    """Read a block that is short only at the end: a file without a buffer may hand out less."""
    block = file.read(_READ)
    while block and len(block) < _READ and (more := file.read(_READ - len(block))):
        block += more
    return block
