"""How entries are shown to people, and to programs."""

from __future__ import annotations

import json
import stat
import time
from typing import TYPE_CHECKING, Any

from .command import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_frozenfs.image import Entry

_KINDS = {"file": stat.S_IFREG, "directory": stat.S_IFDIR, "link": stat.S_IFLNK}


def printable(text: str) -> str:
    """Escape what a terminal would obey instead of showing."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def columns(entry: Entry) -> str:
    """Make what stands before a name in `ls -l`, with the time in UTC."""
    return f"{stat.filemode(_KINDS[entry.kind] | entry.mode)} {entry.size:>13,} {moment(entry.mtime):>19}"


def arrow(entry: Entry) -> str:
    """Make what stands behind the name of a link."""
    return {"link": " -> ", "file": " link to "}[entry.kind] + printable(entry.target) if entry.target else ""


def moment(mtime: int) -> str:
    """Write a time in UTC."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(mtime))
    except (ValueError, OverflowError, OSError):  # a year that no calendar has
        return f"@{mtime}"


def described(entry: Entry) -> dict[str, Any]:
    """Make what JSON says of an entry; modes and times are numbers as in the index."""
    found = {
        "path": entry.path,
        "kind": entry.kind,
        "mode": entry.mode,
        "mtime": entry.mtime,
        "size": entry.size,
    }
    return found | {"target": entry.target} if entry.target else found


def say_json_lines(rows: Iterable[dict[str, Any]]) -> None:
    """Print an array with each of its objects on a line of its own, as they come."""
    separator = "["
    for row in rows:
        say(separator + json.dumps(row, ensure_ascii=True), end="")
        separator = ",\n "
    say("[]" if separator == "[" else "]")
