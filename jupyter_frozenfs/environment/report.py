"""How a build tells a person what it is doing."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import TaskID
    from typing_extensions import Self


class Report(Protocol):
    """What the steps of a build call; implementations must bear calls from several threads."""

    def step(self, name: str) -> None:
        """Begin a step, which ends the one before."""

    def progress(self, done: int, total: int, what: str = "") -> None:
        """Tell how far the step is; the unit is the step's own."""

    def log(self, text: str) -> None:
        """Say something that a person should read later."""


class SilentReport:
    """Say nothing."""

    def step(self, name: str) -> None:
        """Ignore a step."""

    def progress(self, done: int, total: int, what: str = "") -> None:
        """Ignore progress."""

    def log(self, text: str) -> None:
        """Ignore a message."""


class PlainReport:
    """Lines of text for a pipe or a log file: no progress within a step.

    Parameters
    ----------
    stream
        Where the lines go.
    prefix
        Before each line, e.g. the name of an environment.
    """

    def __init__(self, stream: TextIO | None = None, prefix: str = "") -> None:
        self._stream = stream
        self._prefix = prefix

    def step(self, name: str) -> None:
        """Print the name of the step."""
        self.log(name)

    def progress(self, done: int, total: int, what: str = "") -> None:
        """Leave a log file readable: say nothing."""

    def log(self, text: str) -> None:
        """Print a message."""
        # sys.stdout is looked up late: whoever redirects it wants these lines too
        stream = self._stream or sys.stdout
        for line in text.splitlines() or [""]:
            print(f"{self._prefix}{line}", file=stream, flush=True)


class RichReport:
    """One progress line on a terminal, and the messages above it. Use it as a context manager."""

    #: seconds between two changes of the line: thousands of files are compiled
    interval = 0.05

    def __init__(self, stream: TextIO | None = None, prefix: str = "") -> None:
        self._prefix = prefix
        self._console = Console(file=stream, highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[what]}", style="dim", markup=False),
            console=self._console,
            transient=True,
        )
        self._task: TaskID | None = None
        self._next = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def step(self, name: str) -> None:
        """Begin a line for the step."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(f"{self._prefix}{name}", total=None, what="")
        self._next = 0.0

    def progress(self, done: int, total: int, what: str = "") -> None:
        """Move the line's bar."""
        now = time.monotonic()
        if self._task is not None and (now >= self._next or done == total):
            self._next = now + self.interval
            self._progress.update(self._task, completed=done, total=total, what=what)

    def log(self, text: str) -> None:
        """Print above the line."""
        self._console.print(f"{self._prefix}{text}", markup=False, soft_wrap=True)


def terminal_report(stream: TextIO | None = None, prefix: str = "") -> PlainReport | RichReport:
    """Return the report that fits a stream: a `RichReport` on a terminal, else a `PlainReport`."""
    target = stream or sys.stdout
    return RichReport(stream, prefix) if target.isatty() else PlainReport(stream, prefix)
