"""What the steps of a build made the last time, kept in the cache folder of a site."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .environment.files import write_atomic

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Record:
    """One such fact: the target of a task whose result has a name that is known only afterwards.

    Attributes
    ----------
    path
        Its file.
    """

    path: Path

    def write(self, value: str) -> None:
        """Remember what a step made."""
        write_atomic(self.path, json.dumps(value).encode())

    def read(self) -> str | None:
        """Return what the step made, None when it was never run here."""
        try:
            value = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return value if isinstance(value, str) else None
