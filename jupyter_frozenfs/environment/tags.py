"""Which wheels a Pyodide takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.tags import Tag, compatible_tags, cpython_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

#: the first Python whose Pyodide takes `pyemscripten_…` platform tags
#: (https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/); older ones take
#: `pyodide_…`
_PYEMSCRIPTEN = (3, 14)


@dataclass(frozen=True)
class Platform:
    """A Python in WebAssembly.

    Attributes
    ----------
    python
        Its full version, e.g. ``3.14.2``.
    abi
        The version of the platform's ABI, e.g. ``2026_0``.
    """

    python: str
    abi: str

    @property
    def tag(self) -> str:
        """The platform tag of its compiled wheels, e.g. ``pyemscripten_2026_0_wasm32``."""
        family = "pyemscripten" if self._version >= _PYEMSCRIPTEN else "pyodide"
        return f"{family}_{self.abi}_wasm32"

    @cached_property
    def _rank(self) -> dict[Tag, int]:
        """All tags, the best first."""
        major, minor = self._version
        interpreter = f"cp{major}{minor}"
        tags = [
            *cpython_tags((major, minor), [interpreter], [self.tag]),
            *compatible_tags((major, minor), interpreter, [self.tag]),
        ]
        return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}

    @property
    def _version(self) -> tuple[int, int]:
        major, minor = self.python.split(".")[:2]
        return int(major), int(minor)

    def rank(self, tags: Iterable[Tag]) -> int | None:
        """Return how well a wheel fits, 0 is best, None when it cannot be used."""
        return min((self._rank[tag] for tag in tags if tag in self._rank), default=None)
