"""How what the functions return shows itself in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .text import facts, facts_html

if TYPE_CHECKING:
    from collections.abc import Sequence

#: paths of one kind that are shown
_SHOWN = 20


class Facts:
    """What is shown as a title with names and values below."""

    __slots__ = ()

    def _title(self) -> str:
        raise NotImplementedError

    def _facts(self) -> list[tuple[str, str]]:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{self._title()}\n{facts(self._facts())}".rstrip()

    def _repr_html_(self) -> str:
        return facts_html(self._title(), self._facts())


def listed(paths: Sequence[str]) -> str:
    """Return how many paths there are, and the first of them."""
    if not paths:
        return ""
    more = f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else ""
    return f"{len(paths):,}: " + ", ".join(paths[:_SHOWN]) + more
