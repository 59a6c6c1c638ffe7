"""A magic's line as the Python call that does the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arguments import (
    HelpAsked,
    freeze_parser,
    frozen_parser,
    mount_parser,
    thaw_parser,
    unmount_parser,
)
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

_PARSERS = {
    "freeze_fs": freeze_parser,
    "thaw_fs": thaw_parser,
    "mount_fs": mount_parser,
    "unmount_fs": unmount_parser,
    "frozen_fs": frozen_parser,
}

_FUNCTIONS = {
    "freeze_fs": "freeze",
    "thaw_fs": "thaw",
    "mount_fs": "mount",
    "unmount_fs": "unmount",
    "frozen_fs": "images",
}

#: the first positional arguments of each
_FIRST = {"freeze": ("name",), "thaw": ("source",), "mount": ("source", "path"), "unmount": ("path",)}

#: what `--root` of `%mount_fs` is without
_WHOLE = "/"


def python_call(magic: str, line: str) -> str:
    """Return e.g. ``await frozenfs.freeze('env.blob', layer=True)``, where `frozenfs` is this package.

    A line that cannot be read gives a call without arguments: whoever runs it learns what is wrong.
    """
    function = _FUNCTIONS[magic]
    try:
        options = _PARSERS[magic]().parse_line(line)
    except (UsageError, HelpAsked):
        options = {}
    if magic == "frozen_fs":
        command = options.pop("command", "list")
        if command == "mounts":
            return "await frozenfs.mounts()"
        if command == "panel":
            return "frozenfs.Panel()"
        if command != "list":
            return _store_call(command, options)
    return f"await frozenfs.{function}({_arguments(options, _FIRST.get(function, ''))})"


def _store_call(command: str, options: dict[str, Any]) -> str:
    everywhere = "all_sites=True" if options.pop("all_sites", False) else ""
    method = {"import": "import_"}.get(command, command)
    return f"await frozenfs.Store({everywhere}).{method}({_arguments(options, ())})"


def _arguments(options: dict[str, Any], first: Sequence[str]) -> str:
    said = {name: value for name, value in options.items() if value not in (False, "", [])}
    if said.get("root") == _WHOLE:
        del said["root"]
    begin = []
    for name in first:
        if name not in said:
            break
        begin.append(repr(said.pop(name)))
    return ", ".join([*begin, *(f"{name}={value!r}" for name, value in said.items())])
