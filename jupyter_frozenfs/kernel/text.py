"""How sizes, times and tables are written for people, plainly and as HTML."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_KILO = 1000
_UNITS = ("kB", "MB", "GB", "TB")


def size_text(size: int) -> str:
    """Write a number of bytes in units of a thousand."""
    value = float(size)
    if value < _KILO:
        return f"{size} bytes" if size != 1 else "1 byte"
    for unit in _UNITS:
        value /= _KILO
        if value < _KILO or unit == _UNITS[-1]:
            break
    return f"{value:.1f} {unit}"


def count_text(count: int, what: str) -> str:
    """Write `1 file`, `2,345 files`."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()) -> str:
    """Set a table in columns; those whose heads are in `numbers` are set to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if name in numbers else cell.ljust(width)
            for name, cell, width in zip(head, line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def table_html(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Sequence[str] = ()) -> str:
    """Set the same as HTML; what the cells hold is escaped."""
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="text-align: {"right" if name in numbers else "left"}">{escape(cell)}</td>'
            for name, cell in zip(head, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Set names and values below each other."""
    known = [(name, value) for name, value in pairs if value]
    width = max((len(name) for name, _ in known), default=0)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in known)


def facts_html(title: str, pairs: Iterable[tuple[str, str]]) -> str:
    """Set the same as HTML; all of it is escaped."""
    rows = "".join(
        f'<tr><th style="text-align: left">{escape(name)}</th>'
        f'<td style="text-align: left">{escape(value)}</td></tr>'
        for name, value in pairs
        if value
    )
    return f"<div><strong>{escape(title)}</strong><table>{rows}</table></div>"
