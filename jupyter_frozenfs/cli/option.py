"""An option of a command, for its help and for completion."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a command.

    Parameters
    ----------
    names
        Without dashes; those of one letter take one dash.
    value
        What its value is called, or None when it takes none.
    about
        What it is for.
    """

    names: tuple[str, ...]
    value: str | None
    about: str

    @property
    def typed(self) -> list[str]:
        """Its names as they are typed, with ``=`` when it takes a value."""
        return [dashed(name) + ("=" if self.value else "") for name in self.names]


def dashed(name: str) -> str:
    """Write the name of an option as it is typed."""
    return f"-{name}" if len(name) == 1 else f"--{name}"
