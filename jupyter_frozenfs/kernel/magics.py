"""`%freeze_fs`, `%thaw_fs`, `%mount_fs`, `%unmount_fs` and `%frozen_fs` for IPython."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from jupyter_frozenfs.errors import FrozenFSError
from jupyter_frozenfs.panel import comm

from .errors import UsageError
from .rewrite import AwaitMagics, can_wait

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from IPython.core.interactiveshell import InteractiveShell

#: the magics, and the Python functions that do the same
MAGICS = {
    "freeze_fs": "freeze",
    "thaw_fs": "thaw",
    "mount_fs": "mount",
    "unmount_fs": "unmount",
    "frozen_fs": "Store",
}


def register(shell: InteractiveShell) -> None:
    """Give a shell the magics, and let the sidebar ask it."""
    for function in (freeze_fs, thaw_fs, mount_fs, unmount_fs, frozen_fs):
        shell.magics_manager.register_function(function, "line", function.__name__)
    if not any(isinstance(each, AwaitMagics) for each in shell.input_transformers_post):
        shell.input_transformers_post.append(AwaitMagics(MAGICS))
    comm.register()


def unregister(shell: InteractiveShell) -> None:
    """Take them away."""
    comm.unregister()
    for name in MAGICS:
        shell.magics_manager.magics["line"].pop(name, None)
    shell.input_transformers_post[:] = [
        each for each in shell.input_transformers_post if not isinstance(each, AwaitMagics)
    ]


def freeze_fs(line: str) -> Awaitable[Any]:
    """Freeze the live filesystem into an image: `%freeze_fs --help` tells the options."""
    _check_awaited("freeze_fs", line)
    return _run("freeze_fs", line)


def thaw_fs(line: str) -> Awaitable[Any]:
    """Bring the files of an image back: `%thaw_fs --help` tells the options."""
    _check_awaited("thaw_fs", line)
    return _run("thaw_fs", line)


def mount_fs(line: str) -> Awaitable[Any]:
    """Make the files of an image appear in a folder: `%mount_fs --help` tells the options."""
    _check_awaited("mount_fs", line)
    return _run("mount_fs", line)


def unmount_fs(line: str) -> Awaitable[Any]:
    """Unmount an image: `%unmount_fs PATH`."""
    _check_awaited("unmount_fs", line)
    return _run("unmount_fs", line)


def frozen_fs(line: str) -> Awaitable[Any]:
    """List and look after the images of this browser: `%frozen_fs --help` tells the commands."""
    _check_awaited("frozen_fs", line)
    return _run("frozen_fs", line)


async def _run(magic: str, line: str) -> Any:
    """Do what a line says; of an error that is meant for people, the message is shown and no traceback."""
    from .arguments import HelpAsked  # noqa: PLC0415 - a kernel that starts needs no argparse

    try:
        function, options = call_of(magic, line)
        return await function(**options)
    except HelpAsked as asked:
        print(asked)  # noqa: T201 - what a person has asked for
        return None
    except FrozenFSError as error:
        # IPython asks the exception for its traceback
        error._render_traceback_ = partial(_plain, error)  # type: ignore[attr-defined]
        raise


def _plain(error: FrozenFSError) -> list[str]:
    return [f"{type(error).__name__}: {error}"]


def call_of(magic: str, line: str) -> tuple[Callable[..., Awaitable[Any]], dict[str, Any]]:
    """Return the function that a magic stands for, and its arguments.

    Raises
    ------
    UsageError
        The line cannot be read.
    HelpAsked
        It asks for help.
    """
    from . import api, arguments, commands  # noqa: PLC0415 - as above

    if magic == "freeze_fs":
        return api.freeze, arguments.freeze_parser().parse_line(line)
    if magic == "thaw_fs":
        return api.thaw, arguments.thaw_parser().parse_line(line)
    if magic == "mount_fs":
        return api.mount, arguments.mount_parser().parse_line(line)
    if magic == "unmount_fs":
        return api.unmount, arguments.unmount_parser().parse_line(line)
    options = arguments.frozen_parser().parse_line(line)
    return partial(commands.run, options.pop("command", "list")), options


def _check_awaited(magic: str, line: str) -> None:
    """Raise when the caller cannot wait, and say what it can do."""
    if can_wait(sys._getframe(1)):  # noqa: SLF001 - the caller's
        return
    raise _usage(magic, line)


def _usage(magic: str, line: str) -> UsageError:
    from .python_call import python_call  # noqa: PLC0415 - as above

    error = UsageError(
        f"%{magic} has to wait for the browser, and an ordinary function cannot. Make the function "
        f"`async def`, call it with `await`, and write in it: {python_call(magic, line)}"
    )
    error._render_traceback_ = partial(_plain, error)  # type: ignore[attr-defined]
    return error
