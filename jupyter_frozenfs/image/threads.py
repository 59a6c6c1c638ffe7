"""Work on all processors, handed back in order. zlib lets go of Python's lock while it works."""

from __future__ import annotations

import os
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: More would only wait for the one thread that reads or writes files.
_MOST_WORKERS = 8


def worker_count() -> int:
    """Count the threads that are worth having; there are none in a browser."""
    return 1 if sys.platform in {"emscripten", "wasi"} else min(os.cpu_count() or 1, _MOST_WORKERS)


def map_ahead(
    function: Callable[[_Item], _Result], items: Iterable[_Item], *, workers: int | None = None
) -> Iterator[_Result]:
    """Yield `function(item)` for each item, in order, while the next ones are worked on.

    `items` is drawn from in the thread of the caller, never more than a few ahead, so that memory is
    bounded however slow the caller is.

    Parameters
    ----------
    workers
        Threads; with one or none, everything happens in the thread of the caller.
    """
    count = worker_count() if workers is None else workers
    if count < 2:  # noqa: PLR2004 - one thread is the caller's own
        yield from map(function, items)
        return
    with ThreadPoolExecutor(count, thread_name_prefix="frozenfs") as pool:
        pending: deque[Future[_Result]] = deque()
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) > 2 * count:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
