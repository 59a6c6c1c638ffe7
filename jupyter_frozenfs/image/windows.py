"""What Windows cannot hold."""

from __future__ import annotations

#: What Windows refuses in names, or takes for something else.
_CHARACTERS = frozenset('<>:"\\|?*') | {chr(code) for code in range(32)}
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{kind}{n}" for kind in ("com", "lpt") for n in range(1, 10)}


def windows_fault(path: str) -> str | None:
    """Say why Windows cannot hold a path, or None."""
    for segment in path[1:].split("/"):
        if bad := sorted(_CHARACTERS.intersection(segment)):
            return f"a name there cannot hold {bad[0]!r}"
        if segment[-1] in ". ":
            return "a name there cannot end in a dot or a space"
        if segment.split(".")[0].rstrip().lower() in _DEVICES:
            return f"{segment!r} is the name of a device there"
    return None
