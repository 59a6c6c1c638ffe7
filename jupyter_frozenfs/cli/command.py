"""What all subcommands have in common: arguments, help, errors."""

from __future__ import annotations

import difflib
import logging
import sys
from inspect import cleandoc
from textwrap import fill
from textwrap import indent as indent_by
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from jupyter_core.application import JupyterApp
from traitlets import List, TraitError, Unicode
from traitlets.config.loader import ArgumentError, KVArgParseConfigLoader

from jupyter_frozenfs import FrozenFSError, __version__

from .option import Option

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

#: What every command knows; of Jupyter's own options, the one that means something here.
FLAGS: dict[str, Any] = {
    "debug": (
        {"Application": {"log_level": logging.DEBUG}},
        "Show what goes on inside, and where an error began",
    ),
}


#: Exit codes that all commands have in common.
DONE, FAILED, USAGE, INTERRUPTED, BROKEN_PIPE, TERMINATED = 0, 1, 2, 130, 141, 143
EXIT_CODES: dict[int, str] = {
    DONE: "Done",
    FAILED: "Failed; the message on standard error says why",
    USAGE: "The command line makes no sense",
}
#: What follows EXIT_CODES in the help of each command.
_SIGNALS = {INTERRUPTED: "Stopped by Ctrl-C", BROKEN_PIPE: "Whoever read the output had enough"}


#: Columns of the help, without the margin.
_WIDTH = 76


class UsageError(FrozenFSError):
    """The command line makes no sense."""


class Text(Unicode[str, str]):
    """A string of the command line, as it was typed: traitlets would take off quotes."""

    def from_string(self, s: str) -> str:
        """Take it as it is."""
        return s


class Texts(List[str]):
    """An option that may be repeated: traitlets would read a glob such as ``[ab]`` as a list."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(Unicode(), **arguments)

    def from_string_list(self, s_list: list[str]) -> list[str]:
        """Take each as it is."""
        return list(s_list)


class Command(JupyterApp):
    """A subcommand with positional arguments.

    A subclass has `usage`, `description`, `examples`, its own `flags` and `aliases`, and `run`.
    """

    version = __version__
    flags: dict[Any, Any] = FLAGS
    aliases: dict[str, str] = {}  # noqa: RUF012 - as traitlets has it

    #: What a person types: the command with its arguments, each in brackets when it may be missing.
    usage: ClassVar[str] = ""
    #: How many arguments it takes.
    arguments: ClassVar[tuple[int, int | None]] = (0, 0)
    #: What the value of an option is called: FILE, FOLDER, IMAGE, GLOB, …; else the last word of the option.
    values: ClassVar[Mapping[str, str]] = {}
    #: What the arguments are, for completion: FILE, FOLDER, IMAGE, or words to choose from.
    completes: ClassVar[str | tuple[str, ...]] = "FILE"
    #: What it leaves with, and what that means.
    exit_codes: ClassVar[Mapping[int, str]] = EXIT_CODES
    #: What it leaves with when it fails.
    failure: ClassVar[int] = FAILED

    def start(self) -> None:
        """Check the arguments and run."""
        super().start()
        least, most = self.arguments
        if len(self.extra_args) < least or (most is not None and len(self.extra_args) > most):
            found = " ".join(map(repr, self.extra_args)) or "nothing"
            raise UsageError(f"expected `{self.usage}`, found {found} behind the command")
        if code := self.run(self.extra_args):
            self.exit(code)

    def run(self, arguments: Sequence[str]) -> int | None:
        """Do what the command is for, and return what to leave with unless that is 0."""
        raise NotImplementedError

    def parse_command_line(self, argv: Any = None) -> None:
        """Parse, telling a wrong command line from a failure."""
        try:
            super().parse_command_line(argv)
        except (TraitError, ArgumentError) as error:
            raise UsageError(f"{error}; see `{self.usage.split(' [')[0]} --help`") from error

    def emit_description(self) -> Generator[str, None, None]:
        """Begin the help with what to type."""
        yield f"Usage: {self.usage}"
        yield ""
        yield from super().emit_description()

    @classmethod
    def list_options(cls) -> list[Option]:
        """List the options that the parser knows."""
        traits = cls.class_traits(config=True)
        options = []
        for alias, name in cls.aliases.items():
            value = cls.values.get(alias, alias.rpartition("-")[2].upper())
            options.append(Option((alias,), value, str(traits[name.partition(".")[2]].help)))
        for names, (_, about) in cls.flags.items():
            options.append(Option((names,) if isinstance(names, str) else names, None, about))
        return options

    def emit_options_help(self) -> Generator[str, None, None]:
        """List the options, without the traits behind them, and the exit codes."""
        yield "Options"
        yield "======="
        for option in self.list_options():
            yield ", ".join(option.typed) + (option.value or "")
            yield indent(fill(option.about, _WIDTH))
        yield ""
        yield "Exit codes"
        yield "=========="
        for code, meaning in {**self.exit_codes, **_SIGNALS}.items():
            yield indent(fill(f"{code:<5}{meaning}", _WIDTH, subsequent_indent=" " * 5))
        yield ""

    def emit_examples(self) -> Generator[str, None, None]:
        """End with the examples."""
        yield "Examples"
        yield "========"
        yield indent(cleandoc(self.examples))

    def emit_help_epilogue(self, classes: bool) -> Generator[str, None, None]:  # noqa: ARG002 - its signature
        """Say nothing more: there is no more to see."""
        yield from ()

    def _create_loader(self, argv: Any, aliases: Any, flags: Any, classes: Any) -> KVArgParseConfigLoader:
        return _StrictLoader(
            argv, aliases, flags, classes=classes, log=self.log, subcommands=self.subcommands
        )


class _StrictLoader(KVArgParseConfigLoader):
    """Refuses options that do not exist, where traitlets would go on without them."""

    def _create_parser(self) -> None:
        super()._create_parser()
        self.parser.error = _refuse  # type: ignore[method-assign]

    def _parse_args(self, args: Any) -> None:
        """Put options first: argparse takes no arguments on both sides of an option."""
        options, arguments = [], []
        waiting = iter(args)
        for arg in waiting:
            if arg == "--":
                arguments += [arg, *waiting]
            elif arg.startswith("-") and arg != "-":
                options.append(arg)
                if arg.lstrip("-") in self.aliases:
                    options += [value for value in [next(waiting, None)] if value is not None]
            else:
                arguments.append(arg)
        super()._parse_args([*options, *arguments])

    def _handle_unrecognized_alias(self, arg: str) -> NoReturn:
        known = [f"--{name}" for name in (*self.aliases, *self.flags)]
        raise UsageError(f"there is no option `--{arg}`{suggestion(f'--{arg}', known)}")


def _refuse(message: str) -> NoReturn:
    """Replace argparse's way, which prints a usage that lists every trait."""
    raise UsageError(message)


def indent(text: str) -> str:
    """Set text in, as the help of all Jupyter commands does."""
    return indent_by(text, " " * 4)


def say(text: str, end: str = "\n") -> None:
    """Print a result."""
    sys.stdout.write(f"{text}{end}")


def complain(text: str) -> None:
    """Print what went wrong."""
    sys.stderr.write(f"jupyter frozenfs: {text}\n")


def suggestion(found: str, known: Sequence[str]) -> str:
    """Say what was probably meant."""
    near = difflib.get_close_matches(found, known, n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else f"; there is {', '.join(known)}"
