"""A bar on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Seconds between two changes of the bar: there are thousands of files.
_INTERVAL = 0.05


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show how many bytes are done, on standard error, which is not where results go.

    Parameters
    ----------
    label
        What is going on.

    Yields
    ------
    callable or None
        Takes the bytes done and their total.
    """
    if not sys.stderr.isatty():
        yield None
        return
    # Not before: commands in a pipe start faster without it.
    from rich import progress as bars  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    console = Console(stderr=True, highlight=False)
    with bars.Progress(
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(bar_width=24),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as shown:
        task = shown.add_task(label, total=None)
        due = 0.0

        def update(done: int, total: int) -> None:
            nonlocal due
            now = time.monotonic()
            if now >= due or done == total:
                due = now + _INTERVAL
                shown.update(task, completed=done, total=total)

        yield update
