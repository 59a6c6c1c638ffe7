"""The command line: ``jupyter frozenfs …``."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

from .cli.build import BuildApp
from .cli.cat import CatApp
from .cli.command import (
    BROKEN_PIPE,
    INTERRUPTED,
    TERMINATED,
    USAGE,
    Command,
    UsageError,
    complain,
    suggestion,
)
from .cli.completion import CompletionApp
from .cli.diff import DiffApp
from .cli.extract import ExtractApp
from .cli.info import InfoApp
from .cli.init import InitApp
from .cli.ls import ListApp
from .cli.pack import PackApp
from .cli.verify import VerifyApp
from .errors import FrozenFSError

if TYPE_CHECKING:
    from collections.abc import Sequence

SUBCOMMANDS = {
    "init": (InitApp, "Write a commented frozen.toml beside the notebooks"),
    "build": (BuildApp, "Build the environments of a frozen.toml, without a site"),
    "pack": (PackApp, "Make an image of a folder, or a layer on another image"),
    "ls": (ListApp, "List what is in an image"),
    "cat": (CatApp, "Print files of an image"),
    "info": (InfoApp, "Show what an image or an environment is: sizes, packages, chunks, what is large"),
    "extract": (ExtractApp, "Unpack an image, or a part of it"),
    "verify": (VerifyApp, "Check every byte of images"),
    "diff": (DiffApp, "Compare two images, or an image and a folder"),
    "completion": (CompletionApp, "Print a script that completes command lines in bash, zsh or fish"),
}
CompletionApp.commands = SUBCOMMANDS


class FrozenFSApp(Command):
    """The command that holds the others."""

    name = "jupyter-frozenfs"
    usage = "jupyter frozenfs COMMAND [OPTION …] [ARGUMENT …]"
    arguments = (0, None)
    description = """
    Environments for Jupyter kernels in the browser, frozen into images.

    A site is built with `jupyter lite build`, which reads the frozen.toml beside its notebooks. These
    commands write that file, build environments without a site, and make images and look into them.
    """
    examples = """
    jupyter frozenfs init                  # write a frozen.toml to start from
    jupyter lite build                     # the site, with a kernel for each environment
    jupyter frozenfs info image.img        # what an image holds
    jupyter frozenfs verify image.img      # whether it is whole
    jupyter frozenfs pack folder new.img   # an image of any folder
    """
    subcommand_description = "Each has its own `--help`."
    subcommands = SUBCOMMANDS

    def run(self, arguments: Sequence[str]) -> None:
        """Say what was meant: a subcommand that exists does not come here."""
        if not arguments:
            self.print_help()
            raise UsageError("expected a command")
        known = list(self.subcommands)
        raise UsageError(f"there is no command {arguments[0]!r}{suggestion(arguments[0], known)}")


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with the exit code that the help of each command tells."""
    for stream in (sys.stdout, sys.stderr):
        # A name that this terminal cannot show is no reason to fail.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if hasattr(signal, "SIGTERM"):
        # As after Ctrl-C, what is half done is removed.
        signal.signal(signal.SIGTERM, _terminate)
    arguments = list(sys.argv[1:] if argv is None else argv)
    code: int | str | None = 0
    try:
        try:
            FrozenFSApp.launch_instance(arguments)
        except SystemExit as leaving:
            code = leaving.code
        sys.stdout.flush()
    except FrozenFSError as error:
        if "--debug" in arguments:
            traceback.print_exc()
        complain(str(error))
        # The one that runs is the one instance of its class, and of those that this derives from.
        code = USAGE if isinstance(error, UsageError) else Command.instance().failure
    except BrokenPipeError:
        # Whoever read our output had enough; nothing more may be written, not even by Python at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = BROKEN_PIPE
    except KeyboardInterrupt:
        complain("stopped")
        code = INTERRUPTED
    sys.exit(code)


def _terminate(_signal: int, _frame: Any) -> NoReturn:
    sys.exit(TERMINATED)


if __name__ == "__main__":
    main()
