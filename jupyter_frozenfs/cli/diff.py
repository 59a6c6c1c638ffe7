"""``jupyter frozenfs diff``."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool

from jupyter_frozenfs.image import diff, scan, stack

from .command import EXIT_CODES, FLAGS, Command, Texts, say
from .inputs import STDIO, check_stdio, opened, opened_all
from .text import described, moment, printable, say_json_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from jupyter_frozenfs.image import Change, Entry, Image

SAME, DIFFERENT, TROUBLE = range(3)


class DiffApp(Command):
    """Compare two images, or an image and a folder."""

    name = "jupyter-frozenfs-diff"
    usage = "jupyter frozenfs diff [OPTION …] BEFORE AFTER"
    arguments = (2, 2)
    description = """
    Compare what two images hold, each entry's kind, mode, time, target and content. Either may be a
    folder instead: an image of it is what is compared. How an image is stored, compressed or not, in
    parts or with hard links, makes no difference.

    BEFORE and AFTER are files, first parts or common names of split images, environments or their
    folders, other folders, or `-` for standard input.
    """
    examples = """
    jupyter frozenfs diff monday.img tuesday.img
    jupyter frozenfs diff --no-times course.img course/
    jupyter frozenfs diff --base=course.img course.img layer.img     # what a layer changes
    """
    flags = FLAGS | {
        "json": ({"DiffApp": {"json": True}}, "Print a JSON array, an object for each path that differs"),
        "no-times": ({"DiffApp": {"no_times": True}}, "Times make no difference"),
    }
    aliases = Command.aliases | {"base": "DiffApp.base"}
    values = {"base": "IMAGE"}  # noqa: RUF012
    completes = "IMAGE"
    exit_codes = EXIT_CODES | {
        SAME: "Nothing differs",
        DIFFERENT: "Something differs",
        TROUBLE: "It cannot be told: something is damaged or cannot be read, or the command makes no sense",
    }
    failure = TROUBLE

    base = Texts(
        help="Put those of the two that are layers onto this image; may be repeated, the lowest first"
    ).tag(config=True)
    json = Bool(default_value=False).tag(config=True)
    no_times = Bool(default_value=False).tag(config=True)

    def run(self, arguments: Sequence[str]) -> int:
        """Print a line for each path that differs."""
        check_stdio([*arguments, *self.base])
        ignore: Collection[Any] = {"mtime"} if self.no_times else ()
        with (
            opened_all(self.base) as base,
            _tree(arguments[0], base) as before,
            _tree(arguments[1], base) as after,
        ):
            found = _Counted(diff(before, after, ignore=ignore))
            if self.json:
                say_json_lines(map(_row, found))
            else:
                for change in found:
                    say(_line(change))
        return DIFFERENT if found.count else SAME


class _Counted:
    """Remembers whether anything came by."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._changes = changes
        self.count = 0

    def __iter__(self) -> Iterator[Change]:
        for change in self._changes:
            self.count += 1
            yield change


@contextmanager
def _tree(argument: str, base: Sequence[Image]) -> Iterator[Iterable[Entry]]:
    path = Path(argument)
    if argument != STDIO and path.is_dir() and not (path / "environment.json").is_file():
        yield scan(path)
        return
    with opened(argument) as image:
        # A layer by itself is no tree to compare: all that it shares with its base would seem to be gone.
        yield (image.entries if image.index.base is None else stack([*base, image])).values()


def _line(change: Change) -> str:
    line = f"{change.kind:<8} {printable(change.path)}"
    if change.before is None or change.after is None:
        return line
    return f"{line}: {', '.join(_details(change, change.before, change.after))}"


def _details(change: Change, before: Entry, after: Entry) -> Iterator[str]:
    for what in change.differs:
        match what:
            case "kind":
                yield f"{before.kind} -> {after.kind}"
            case "mode":
                yield f"mode {before.mode:04o} -> {after.mode:04o}"
            case "mtime":
                yield f"time {moment(before.mtime)} -> {moment(after.mtime)}"
            case "size":
                yield f"{before.size:,} -> {after.size:,} bytes"
            case "content":
                yield "content"
            case "target":
                yield f"target {printable(before.target)} -> {printable(after.target)}"


def _row(change: Change) -> dict[str, Any]:
    return {
        "path": change.path,
        "change": change.kind,
        "differs": change.differs,
        "before": change.before and described(change.before),
        "after": change.after and described(change.after),
    }
