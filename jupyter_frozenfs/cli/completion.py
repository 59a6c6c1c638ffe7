"""``jupyter frozenfs completion``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from .command import Command, UsageError, say, suggestion
from .option import Option
from .shells import SHELLS, Completed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class CompletionApp(Command):
    """Print a script that completes command lines."""

    name = "jupyter-frozenfs-completion"
    usage = "jupyter frozenfs completion SHELL"
    arguments = (1, 1)
    description = """
    Print a script that lets a shell complete commands, options and files when the tab key is pressed.
    SHELL is bash, zsh or fish. The script knows the commands and options of this very release.
    """
    examples = """
    eval "$(jupyter frozenfs completion bash)"        # in ~/.bashrc
    eval "$(jupyter frozenfs completion zsh)"         # in ~/.zshrc, after compinit
    jupyter frozenfs completion fish > ~/.config/fish/completions/jupyter-frozenfs.fish
    """
    completes = tuple(SHELLS)

    #: All commands by their names, with what each is for; set by the application, which knows them.
    commands: ClassVar[Mapping[str, tuple[type[Command], str]]] = {}

    def run(self, arguments: Sequence[str]) -> None:
        """Print the script."""
        (shell,) = arguments
        if shell not in SHELLS:
            raise UsageError(f"there is no script for {shell!r}{suggestion(shell, list(SHELLS))}")
        say(SHELLS[shell]([completed(name, *found) for name, found in self.commands.items()]), end="")


def completed(name: str, command: type[Command], about: str) -> Completed:
    """Say what can be completed of a command, as its own parser has it."""
    options = [replace(option, about=option.about.split(";")[0]) for option in command.list_options()]
    options.append(Option(("h", "help"), None, "Show what the command does, with examples"))
    arguments = command.completes if command.arguments[1] != 0 else ()
    return Completed(name, about, tuple(options), arguments)
