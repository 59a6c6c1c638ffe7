"""``jupyter frozenfs ls``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from traitlets import Bool

from jupyter_frozenfs.image import select

from .command import FLAGS, Command, Texts, UsageError, say
from .inputs import check_stdio, opened, opened_all
from .text import arrow, columns, described, printable, say_json_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_frozenfs.image import Entry

#: How a tree is drawn: before an entry and before what is in it, in the middle and at the end.
_LINES = (("├── ", "│   "), ("└── ", "    "))
_ASCII_LINES = (("|-- ", "|   "), ("`-- ", "    "))


class ListApp(Command):
    """List an image."""

    name = "jupyter-frozenfs-ls"
    usage = "jupyter frozenfs ls [OPTION …] IMAGE [GLOB …]"
    arguments = (1, None)
    description = """
    List what is in an image, by path, or what the globs select of it and all below that.

    IMAGE is a file, the first part or the common name of a split image, an environment or its folder,
    or `-` for standard input. Control characters in names are shown as escapes. Times are in UTC.
    """
    examples = """
    jupyter frozenfs ls image.img
    jupyter frozenfs ls -l image.img '*.py'
    jupyter frozenfs ls --tree image.img /lib/python3.14/site-packages/numpy
    jupyter frozenfs ls --json image.img | jq '.[] | select(.size > 1e6) | .path'
    jupyter frozenfs ls --base=course.img layer.img
    """
    flags = FLAGS | {
        ("l", "long"): ({"ListApp": {"long": True}}, "Show modes, sizes, times and targets"),
        "tree": ({"ListApp": {"tree": True}}, "Draw a tree"),
        "json": ({"ListApp": {"json": True}}, "Print a JSON array, an object for each entry"),
    }
    aliases = Command.aliases | {"base": "ListApp.base"}
    values = {"base": "IMAGE"}  # noqa: RUF012
    completes = "IMAGE"

    base = Texts(help="List a layer as it appears on this image; may be repeated, the lowest first").tag(
        config=True
    )
    json = Bool(default_value=False).tag(config=True)
    long = Bool(default_value=False).tag(config=True)
    tree = Bool(default_value=False).tag(config=True)

    def run(self, arguments: Sequence[str]) -> None:
        """Print a line for each entry."""
        if self.json and (self.tree or self.long):
            raise UsageError("--json says everything, it goes with neither --tree nor --long")
        path, *globs = arguments
        check_stdio([path, *self.base])
        with opened_all(self.base) as base, opened(path) as image:
            entries = select(image.name, image.tree(base), globs, parents=self.tree)
        if self.json:
            say_json_lines(map(described, entries))
        elif self.tree:
            for entry, stem in _drawn(entries):
                say(
                    f"{self.before(entry)}{stem}{printable(entry.path.rpartition('/')[2])}{self.behind(entry)}"
                )
        else:
            for entry in entries:
                say(f"{self.before(entry)}{printable(entry.path)}{self.behind(entry)}")

    def before(self, entry: Entry) -> str:
        """Make what stands before the name."""
        return f"{columns(entry)} " if self.long else ""

    def behind(self, entry: Entry) -> str:
        """Make what stands behind the name."""
        if self.long or (self.tree and entry.kind == "link"):
            return arrow(entry)
        return "/" if self.tree and entry.kind == "directory" else ""


def _drawn(entries: Sequence[Entry]) -> Iterator[tuple[Entry, str]]:
    """Yield entries, and the lines before the name of each, from parents to what they hold."""
    children: dict[str, list[Entry]] = {}
    for entry in entries:
        children.setdefault(entry.path.rpartition("/")[0], []).append(entry)
    lines = _LINES if _can_draw() else _ASCII_LINES
    # No recursion: an image may be deeper than Python's stack.
    waiting = [(entry, "", entry is children[""][-1]) for entry in reversed(children.get("", []))]
    while waiting:
        entry, stem, last = waiting.pop()
        own, below = lines[last]
        yield entry, stem + own
        inside = children.get(entry.path, [])
        waiting += ((child, stem + below, child is inside[-1]) for child in reversed(inside))


def _can_draw() -> bool:
    try:
        "├└│─".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
