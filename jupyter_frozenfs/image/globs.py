"""The globs with which people name parts of a tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .entry import Entry

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[(?:!?\]|!?[^\]/!]|!!)[^\]/]*\]|.", re.DOTALL)
_FIXED = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def compile_globs(patterns: Iterable[str]) -> re.Pattern[str]:
    """Make one expression that `match`-es the absolute paths which any of the globs selects.

    A glob without ``/`` selects entries of this name anywhere, one with ``/`` inside from any directory
    on, one with ``/`` in front from the root. What lies below a selected directory is selected with it.
    ``*`` and ``?`` stop at ``/``, ``**`` does not; ``[abc]`` and ``[!abc]`` are classes. Letter case
    counts, on every system.

    Parameters
    ----------
    patterns
        The globs; with none, nothing is selected.
    """
    return re.compile("|".join(_translate(pattern) for pattern in patterns) or "(?!)", re.DOTALL)


def select(
    name: str, entries: Mapping[str, Entry], patterns: Sequence[str], *, parents: bool = False
) -> list[Entry]:
    """Find the entries that any of the globs selects, in the byte order of their paths.

    Parameters
    ----------
    name
        Of the image, for messages.
    entries
        A tree.
    patterns
        Globs, see :func:`compile_globs`; with none, everything is selected.
    parents
        Whether the directories that a selected entry lies in come with it.

    Raises
    ------
    ImageError
        When a glob selects nothing.
    """
    paths = sorted(entries, key=str.encode)
    if not patterns:
        return [entries[path] for path in paths]
    for pattern in patterns:
        one = compile_globs([pattern])
        if not any(map(one.match, paths)):
            raise ImageError(f"{name}: nothing in the image is selected by {pattern!r}")
    expression = compile_globs(patterns)
    chosen = {path for path in paths if expression.match(path)}
    if parents:
        for path in list(chosen):
            while (path := path.rpartition("/")[0]) and path not in chosen:
                chosen.add(path)
    return [entries[path] for path in paths if path in chosen]


def _translate(pattern: str) -> str:
    start = "/" if pattern.startswith("/") else "(?:/.*)?/"
    return start + "".join(map(_translate_token, _TOKEN.findall(pattern.strip("/")))) + r"(?:/.*)?\Z"


def _translate_token(token: str) -> str:
    if token in _FIXED:
        return _FIXED[token]
    if len(token) == 1:
        return re.escape(token)
    negated = token.startswith("[!")
    # `-` keeps its meaning of a range; nothing else has one inside a class.
    members = re.sub(r"[\\^\[\]&~|]", r"\\\g<0>", token[2 if negated else 1 : -1])
    # `(?!/)`, because a negated class would match the slash.
    return f"(?!/)[{'^' if negated else ''}{members}]"
