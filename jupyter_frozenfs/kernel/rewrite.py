"""Magics that wait, without a thread to wait in: in a cell they become `await`.

IPython turns `%freeze_fs x` into `get_ipython().run_line_magic('freeze_fs', 'x')`. What runs in a browser is
asynchronous, and only some browsers can suspend Python in the middle of a call. So where Python allows an
`await`, which is at the top level of a cell with its loops and conditions, and in `async def`, one is put in
front. Elsewhere the magic finds itself called without, and says what to write.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import FrameType

#: `co_flags` of code that may wait: CO_COROUTINE, CO_ASYNC_GENERATOR
_WAITS = 0x80 | 0x200


class AwaitMagics:
    """A transformer for IPython's `input_transformers_post`.

    Parameters
    ----------
    names
        The line magics that wait.
    """

    def __init__(self, names: Collection[str]) -> None:
        self.names = frozenset(names)

    def __call__(self, lines: list[str]) -> list[str]:
        """Return the lines of a cell with each of these magics awaited where it can be."""
        source = "".join(lines)
        if not any(name in source for name in self.names):
            return lines
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return lines  # whoever runs the cell says so
        calls = sorted(_calls(tree, self.names, waits=True), key=_start, reverse=True)
        # columns of a tree count bytes
        encoded = [line.encode() for line in source.splitlines(keepends=True)]
        for call in calls:
            _wrap(encoded, call)
        return [line.decode() for line in encoded]


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _wrap(lines: list[bytes], call: ast.Call) -> None:
    """Put a call into `(await …)`: the end first, so that the start stays where it is."""
    last, end = (call.end_lineno or 1) - 1, call.end_col_offset or 0
    lines[last] = lines[last][:end] + b")" + lines[last][end:]
    first, start = call.lineno - 1, call.col_offset
    lines[first] = lines[first][:start] + b"(await " + lines[first][start:]


def _calls(node: ast.AST, names: Collection[str], *, waits: bool) -> Iterator[ast.Call]:
    """Find the calls of these magics that can be awaited and are not."""
    if isinstance(node, ast.Await):
        children = ast.iter_child_nodes(node.value if _is_magic(node.value, names) else node)
        for child in children:
            yield from _calls(child, names, waits=waits)
        return
    if waits and isinstance(node, ast.Call) and _is_magic(node, names):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, names, waits=_waits_in(node, child, waits=waits))


def _waits_in(node: ast.AST, child: ast.AST, *, waits: bool) -> bool:
    """Tell whether `await` is allowed in a part of a node."""
    if isinstance(node, ast.AsyncFunctionDef):
        return True if child in node.body else waits
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return waits and child not in node.body
    if isinstance(node, ast.Lambda):
        return waits and child is not node.body
    # a generator that waits is another kind of object
    return waits and not isinstance(node, ast.GeneratorExp)


def _is_magic(node: ast.AST, names: Collection[str]) -> bool:
    """Tell whether a node is `get_ipython().run_line_magic('NAME', …)`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "run_line_magic"
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Name)
        and node.func.value.func.id == "get_ipython"
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value in names
    )


def can_wait(frame: FrameType | None) -> bool:
    """Tell whether the code that called a magic can have put `await` in front.

    Parameters
    ----------
    frame
        That of the magic, or any further out up to the caller: those of IPython and of this package are
        passed over.
    """
    own = ("IPython", __name__.partition(".")[0])
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] in own:
        frame = frame.f_back
    return frame is not None and bool(frame.f_code.co_flags & _WAITS)
