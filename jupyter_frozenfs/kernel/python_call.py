"""A magic's line as the Python call that does the same."""

from __future__ import annotations

from typing import Any

from .arguments import HelpAsked, freeze_parser, frozen_parser, thaw_parser
from .errors import UsageError

_PARSERS = {"freeze_fs": freeze_parser, "thaw_fs": thaw_parser, "frozen_fs": frozen_parser}

#: the first positional argument of each
_FIRST = {"freeze": "name", "thaw": "source"}


def python_call(magic: str, line: str) -> str:
    """Return e.g. ``await frozenfs.freeze('env.blob', layer=True)``, where `frozenfs` is this package.

    A line that cannot be read gives a call without arguments: whoever runs it learns what is wrong.
    """
    function = {"freeze_fs": "freeze", "thaw_fs": "thaw", "frozen_fs": "images"}[magic]
    try:
        options = _PARSERS[magic]().parse_line(line)
    except (UsageError, HelpAsked):
        options = {}
    if magic == "frozen_fs":
        command = options.pop("command", "list")
        if command != "list":
            return _store_call(command, options)
    return f"await frozenfs.{function}({_arguments(options, _FIRST.get(function, ''))})"


def _store_call(command: str, options: dict[str, Any]) -> str:
    everywhere = "all_sites=True" if options.pop("all_sites", False) else ""
    method = {"import": "import_"}.get(command, command)
    return f"await frozenfs.Store({everywhere}).{method}({_arguments(options, '')})"


def _arguments(options: dict[str, Any], first: str) -> str:
    said = {name: value for name, value in options.items() if value not in (False, "", [])}
    begin = [repr(said.pop(first))] if first in said else []
    return ", ".join([*begin, *(f"{name}={value!r}" for name, value in said.items())])
