"""Scripts that complete command lines in bash, zsh and fish."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .option import Option

#: Values that are names of files, and those that are names of folders.
_FILES = frozenset({"FILE", "IMAGE"})
_FOLDERS = frozenset({"FOLDER", "DIR", "CACHE", "WHEELHOUSE"})


@dataclass(frozen=True, slots=True)
class Completed:
    """What can be completed of a command.

    Parameters
    ----------
    name, about
        The command, and what it is for.
    options
        Its options.
    arguments
        What its arguments are called, or the words that they can be.
    """

    name: str
    about: str
    options: tuple[Option, ...]
    arguments: str | tuple[str, ...]


def bash(commands: Sequence[Completed]) -> str:
    """Make the script for bash 3.2 and later."""
    cases = []
    for command in commands:
        words = " ".join(typed for option in command.options for typed in option.typed)
        values = "|".join(
            f"--{name}={_file_kind(option.value)}"
            for option in command.options
            for name in option.names
            if option.value and _file_kind(option.value)
        )
        cases.append(
            f"    {command.name}) options={shlex.quote(words)} values={shlex.quote(values)}"
            f" words={shlex.quote(' '.join(_words(command)))} ;;"
        )
    names = shlex.quote(" ".join(command.name for command in commands))
    return _BASH.replace("@NAMES@", names).replace("@CASES@", "\n".join(cases))


def zsh(commands: Sequence[Completed]) -> str:
    """Make the script for zsh."""
    described = [f"    {shlex.quote(f'{command.name}:{command.about}')}" for command in commands]
    cases = []
    for command in commands:
        lines = [
            f"      {shlex.quote(_zsh_option(typed, option))}"
            for option in command.options
            for typed in option.typed
        ]
        words = _words(command)
        what = f"*:argument:({' '.join(words)})" if words else "*:file:_files"
        if command.arguments != ():
            lines.append(f"      {shlex.quote(what)}")
        cases.append(f"    ({command.name}) _arguments \\\n" + " \\\n".join(lines) + " ;;")
    return _ZSH.replace("@DESCRIBED@", "\n".join(described)).replace("@CASES@", "\n".join(cases))


def fish(commands: Sequence[Completed]) -> str:
    """Make the script for fish."""
    lines = [_FISH]
    for command in commands:
        lines.append(
            f"__jupyter_frozenfs_complete -n '__jupyter_frozenfs_before' -f -a {command.name}"
            f" -d {shlex.quote(command.about)}"
        )
        within = f"__jupyter_frozenfs_complete -n '__jupyter_frozenfs_in {command.name}'"
        for option in command.options:
            names = "".join(f" -s {name}" if len(name) == 1 else f" -l {name}" for name in option.names)
            kind = {"files": " -r -F", "folders": " -x -a '(__fish_complete_directories)'", "": " -x"}
            value = kind[_file_kind(option.value)] if option.value else ""
            lines.append(f"{within}{names}{value} -d {shlex.quote(option.about)}")
        if words := _words(command):
            lines.append(f"{within} -f -a {shlex.quote(' '.join(words))}")
    return "\n".join(lines) + "\n"


#: The shells, and what makes their scripts.
SHELLS: Mapping[str, Callable[[Sequence[Completed]], str]] = {"bash": bash, "zsh": zsh, "fish": fish}


def _words(command: Completed) -> tuple[str, ...]:
    return () if isinstance(command.arguments, str) else command.arguments


def _file_kind(value: str | None) -> str:
    if value in _FOLDERS:
        return "folders"
    return "files" if value in _FILES else ""


def _zsh_option(typed: str, option: Option) -> str:
    """Write an option as `_arguments` has it."""
    about = re.sub(r"([\[\]:\\])", r"\\\1", option.about)
    action = {"files": ":file:_files", "folders": ":folder:_files -/", "": ":value: "}
    return f"*{typed}[{about}]" + (action[_file_kind(option.value)] if option.value else "")


# bash cuts words at `=`: `--base=a.img` comes as three.
_BASH = r"""# Completion of `jupyter frozenfs` and `jupyter-frozenfs` for bash.
_jupyter_frozenfs_words() {  # first word of the command line that is ours
  local first=$1 current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local option='' options='' values='' words=''
  COMPREPLY=()
  if (( COMP_CWORD == first )); then
    COMPREPLY=($(compgen -W @NAMES@ -- "$current"))
    return
  fi
  case ${COMP_WORDS[first]} in
@CASES@
    *) return ;;
  esac
  if [[ $current == '=' ]]; then
    option=$previous current=''
  elif [[ $previous == '=' ]]; then
    option=${COMP_WORDS[COMP_CWORD-2]}
  fi
  local IFS=$'\n'
  if [[ -n $option ]]; then
    case "|$values|" in
      *"|$option=files|"*) COMPREPLY=($(compgen -f -- "$current")) ;;
      *"|$option=folders|"*) COMPREPLY=($(compgen -d -- "$current")) ;;
    esac
    type compopt &>/dev/null && compopt -o filenames
  elif [[ $current == -* ]]; then
    COMPREPLY=($(IFS=' '; compgen -W "$options" -- "$current"))
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && type compopt &>/dev/null && compopt -o nospace
  elif [[ -n $words ]]; then
    COMPREPLY=($(IFS=' '; compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -f -- "$current"))
    type compopt &>/dev/null && compopt -o filenames
  fi
  return 0
}
_jupyter_frozenfs() { _jupyter_frozenfs_words 1; }
_jupyter_with_frozenfs() {
  if [[ ${COMP_WORDS[1]} == frozenfs ]] && (( COMP_CWORD > 1 )); then
    _jupyter_frozenfs_words 2
  elif [[ -n $_jupyter_frozenfs_other ]]; then
    "$_jupyter_frozenfs_other" "$@"
  elif (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W frozenfs -- "${COMP_WORDS[COMP_CWORD]}"))
  else
    COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
  fi
}
# Whatever completes other commands of Jupyter goes on doing so.
_jupyter_frozenfs_found=$(complete -p jupyter 2>/dev/null | sed -n 's/.* -F \([^ ]*\) .*/\1/p')
[[ $_jupyter_frozenfs_found == _jupyter_with_frozenfs ]] || _jupyter_frozenfs_other=$_jupyter_frozenfs_found
unset _jupyter_frozenfs_found
complete -F _jupyter_frozenfs jupyter-frozenfs
complete -F _jupyter_with_frozenfs jupyter
"""

_ZSH = r"""#compdef jupyter-frozenfs
# Completion of `jupyter frozenfs` and `jupyter-frozenfs` for zsh.
_jupyter_frozenfs() {
  local -a commands
  commands=(
@DESCRIBED@
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
@CASES@
  esac
}
_jupyter_with_frozenfs() {
  if (( CURRENT > 2 )) && [[ $words[2] == frozenfs ]]; then
    shift words
    (( CURRENT-- ))
    _jupyter_frozenfs
  elif [[ -n $_jupyter_frozenfs_other ]]; then
    $_jupyter_frozenfs_other "$@"
  elif (( CURRENT == 2 )); then
    compadd frozenfs
  else
    _files
  fi
}
# Whatever completes other commands of Jupyter goes on doing so.
if [[ ${_comps[jupyter]} != _jupyter_with_frozenfs ]]; then
  typeset -g _jupyter_frozenfs_other=${_comps[jupyter]}
fi
compdef _jupyter_frozenfs jupyter-frozenfs
compdef _jupyter_with_frozenfs jupyter
"""

_FISH = r"""# Completion of `jupyter frozenfs` and `jupyter-frozenfs` for fish.
function __jupyter_frozenfs_words  # the words behind our name, up to the cursor
    set -l words (commandline -opc)
    switch (path basename -- $words[1])
        case jupyter-frozenfs
            set -e words[1]
        case jupyter
            test "$words[2]" = frozenfs
            or return 1
            set -e words[1..2]
    end
    for word in $words
        echo -- $word
    end
    return 0
end
function __jupyter_frozenfs_before
    set -l words (__jupyter_frozenfs_words)
    and test (count $words) = 0
end
function __jupyter_frozenfs_in
    set -l words (__jupyter_frozenfs_words)
    and test "$words[1]" = $argv[1]
end
function __jupyter_frozenfs_complete
    complete -c jupyter-frozenfs $argv
    complete -c jupyter $argv
end
complete -c jupyter -n 'test (count (commandline -opc)) = 1' -a frozenfs -d 'Freeze environments'"""
