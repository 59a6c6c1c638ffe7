"""What stands behind the magics, as options of the functions of the same names."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class HelpAsked(Exception):  # noqa: N818 - it is no error
    """The line says `--help`; the text is the exception's message."""


class Parser(argparse.ArgumentParser):
    """A parser that neither prints nor exits, and knows only whole names of options."""

    #: whether options may stand between positional arguments of which one can be missing
    intermixed = False

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(
            prog,
            allow_abbrev=False,
            add_help=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            **options,
        )
        self.add_argument("-h", "--help", action=_Help, help="show this text")

    def error(self, message: str) -> NoReturn:
        """Raise, with what could have been written."""
        raise UsageError(f"{message}\n{self.format_usage().strip()}\n`{self.prog} --help` tells more.")

    def parse_line(self, line: str) -> dict[str, Any]:
        """Return what stands on a line as keyword arguments.

        Raises
        ------
        UsageError
            The line has an unknown option, or a quote that is not closed.
        HelpAsked
            It asks for help.
        """
        try:
            words = shlex.split(line)
        except ValueError as error:
            self.error(f"{line!r} cannot be read: {error}")
        found = vars(self.parse_intermixed_args(words) if self.intermixed else self.parse_args(words))
        return {name: value for name, value in found.items() if value is not None}


class _Help(argparse.Action):
    def __init__(self, option_strings: Sequence[str], help: str, **_: Any) -> None:  # noqa: A002 - its name there
        nowhere = argparse.SUPPRESS
        super().__init__(option_strings, nowhere, nargs=0, default=nowhere, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        raise HelpAsked(parser.format_help().rstrip())


def _flag(parser: argparse.ArgumentParser, name: str, text: str) -> None:
    parser.add_argument(name, action="store_true", help=text)


def _which(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--include",
        action="append",
        default=[],
        metavar="GLOB",
        help="only what this selects; may be repeated",
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="GLOB",
        help="not what this selects; may be repeated",
    )


def freeze_parser() -> Parser:
    """Return the parser of `%freeze_fs`."""
    parser = Parser(
        "%freeze_fs",
        usage="%(prog)s [NAME] [options]",
        description="Freeze the live filesystem into an image, and keep it in this browser under a name.",
        epilog="""\
examples:
  %freeze_fs env.blob                          keep all of it
  %freeze_fs today --layer                     only what changed since the kernel started
  %freeze_fs homework --root /home/pyodide/homework --download
  %freeze_fs env.blob --exclude '*.csv' --note 'before lesson 3'

Globs: `*.csv` is a name anywhere, `data/*.csv` from any folder on, `/home/*` from the root.
Where the kernel does not run in a browser, NAME is a file and --root a directory.
""",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the image's name in this browser")
    parser.add_argument("--root", metavar="DIR", help="freeze what lies in this folder (all of it: /)")
    _which(parser)
    _flag(parser, "--include-mounts", "also what others have mounted, such as the contents drive")
    _flag(parser, "--layer", "only what differs from the image that this kernel runs from")
    parser.add_argument("--base", metavar="NAME", help="only what differs from this image")
    _flag(parser, "--gzip", "compress the image: smaller, and slower to make")
    parser.add_argument("--note", metavar="TEXT", default="", help="a line for the list of images")
    _flag(parser, "--force", "replace an image of that name")
    _flag(parser, "--download", "hand the image to the browser as a download too")
    parser.add_argument(
        "--file", metavar="PATH", help="write the image into a file, which the file browser may show"
    )
    return parser


def thaw_parser() -> Parser:
    """Return the parser of `%thaw_fs`."""
    parser = Parser(
        "%thaw_fs",
        usage="%(prog)s (NAME | PATH | URL | --upload) [options]",
        description="Bring the files of an image back into the live filesystem.",
        epilog="""\
examples:
  %thaw_fs env.blob                 an image of this browser, or a file of this name
  %thaw_fs ./homework.blob          a file
  %thaw_fs --upload                 a file of this computer, which you choose
  %thaw_fs env.blob --dry-run       what would be created, changed and removed

Nothing is written before the whole image has been checked; when a write fails, all are undone.
""",
    )
    parser.add_argument(
        "source", nargs="?", metavar="NAME", help="an image's name in this browser, a path or an address"
    )
    _flag(parser, "--upload", "choose a file of this computer")
    parser.add_argument("--root", metavar="DIR", help="put the files into this folder (where they were: /)")
    _which(parser)
    _flag(parser, "--clean", "remove what the image does not have")
    _flag(parser, "--keep-newer", "leave files alone that are newer than those of the image")
    _flag(parser, "--dry-run", "change nothing, show what would be changed")
    _flag(
        parser, "--rebase", "put a layer onto the image that this kernel runs from, whatever it was made on"
    )
    _flag(parser, "--trust", "thaw what Python would run by itself, though the image was not made here")
    return parser


def mount_parser() -> Parser:
    """Return the parser of `%mount_fs`."""
    parser = Parser(
        "%mount_fs",
        usage="%(prog)s (NAME | FILE | URL | --upload) PATH [options]",
        description="Make the files of an image appear in a folder, without copying them.",
        epilog="""\
examples:
  %mount_fs data.blob /home/pyodide/data       an image of this browser, or a file of this name
  %mount_fs ./data.blob /data --root /2026     a file, and one folder of it
  %mount_fs https://example.org/data.blob /data  only what is used is fetched
  %mount_fs --upload /data                     a file of this computer, which you choose

PATH is an empty folder, or one that is not there yet. `%unmount_fs PATH` ends it.
""",
    )
    parser.intermixed = True
    parser.add_argument(
        "source", nargs="?", metavar="NAME", help="an image's name in this browser, a path or an address"
    )
    parser.add_argument("path", metavar="PATH", help="where the files appear, from the root on")
    parser.add_argument("--root", metavar="DIR", default="/", help="only this folder of the image (all: /)")
    _flag(parser, "--writable", "files can be changed; what was changed goes with the mount")
    _flag(parser, "--upload", "choose a file of this computer")
    return parser


def unmount_parser() -> Parser:
    """Return the parser of `%unmount_fs`."""
    parser = Parser(
        "%unmount_fs",
        description="Unmount an image. What was changed in a writable mount is gone: freeze it first.",
        epilog="`%frozen_fs mounts` lists what is mounted.",
    )
    parser.add_argument("path", metavar="PATH", help="where it is mounted")
    return parser


#: subcommands of `%frozen_fs`: their name, what they do, and their arguments
_COMMANDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("list", "the images of this browser", ()),
    ("info", "what is known of an image", ("name",)),
    ("ls", "the files of an image", ("name", "globs")),
    ("cat", "the contents of a file of an image", ("name", "path")),
    ("diff", "what differs between two images; `live` is the filesystem itself", ("old", "new")),
    ("rename", "give an image another name", ("name", "new_name")),
    ("delete", "delete images", ("names",)),
    ("export", "write an image into a file, or hand it to the browser as a download", ("name",)),
    ("import", "keep a file, or what is at an address, as an image", ("source",)),
    ("verify", "read all of an image and compare its checksums", ("name",)),
    ("gc", "remove what a closed tab has left behind", ()),
    ("mounts", "the images that are mounted in this kernel", ()),
    ("panel", "the panel, in which all of this is done with the mouse", ()),
    ("autoload", "thaw an image whenever this kind of kernel starts in this browser", ("name",)),
)

_ARGUMENTS: dict[str, dict[str, Any]] = {
    "globs": {"nargs": "*", "metavar": "GLOB", "help": "what to list; all without"},
    "names": {"nargs": "+", "metavar": "NAME", "help": "names of images"},
    "path": {"metavar": "PATH", "help": "an absolute path in the image"},
    "source": {"nargs": "?", "metavar": "PATH", "help": "a file, or an address"},
    "old": {"metavar": "OLD", "help": "an image, or `live`"},
    "new": {"metavar": "NEW", "help": "an image, or `live`"},
    "new_name": {"metavar": "NEW", "help": "the new name"},
}


def frozen_parser() -> Parser:
    """Return the parser of `%frozen_fs`; what it finds has the key `command`."""
    parser = Parser(
        "%frozen_fs",
        usage="%(prog)s [COMMAND] [options]",
        description="The images that this browser keeps for this site.",
        epilog="`%frozen_fs COMMAND --help` tells about a command. Without one, the images are listed.",
    )
    _flag(parser, "--all-sites", "with the images of other sites at this address")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", prog=parser.prog, parser_class=Parser
    )
    for name, text, arguments in _COMMANDS:
        command = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        for argument in arguments:
            command.add_argument(
                argument, **_ARGUMENTS.get(argument, {"metavar": "NAME", "help": "an image"})
            )
        if add_options := _OPTIONS.get(name):
            add_options(command)
    return parser


def _list_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--all-sites",
        action="store_true",
        default=argparse.SUPPRESS,
        help="with the images of other sites at this address",
    )


def _rename_options(parser: argparse.ArgumentParser) -> None:
    _flag(parser, "--force", "replace an image that has the new name")


def _export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--file", metavar="PATH", help="write this file, in place of a download")


def _import_options(parser: argparse.ArgumentParser) -> None:
    _flag(parser, "--upload", "choose a file of this computer")
    parser.add_argument("--name", metavar="NAME", help="the image's name; that of the file without")
    parser.add_argument("--note", metavar="TEXT", default="", help="a line for the list of images")
    _flag(parser, "--force", "replace an image of that name")


def _gc_options(parser: argparse.ArgumentParser) -> None:
    _flag(parser, "--dry-run", "remove nothing, show what would be removed")


def _autoload_options(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to make one optional later
        if action.dest == "name":
            action.nargs = "?"
            action.help = "an image; without one, what is set is shown"
    _flag(parser, "--off", "thaw nothing any more when a kernel starts")
    _flag(parser, "--trust", "also what Python would run by itself, though the image was not made here")


_OPTIONS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "list": _list_options,
    "rename": _rename_options,
    "export": _export_options,
    "import": _import_options,
    "gc": _gc_options,
    "autoload": _autoload_options,
}
