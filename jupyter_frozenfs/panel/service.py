"""Answers what a page asks of the kernel: requests are verbs with options, as `docs/panel.md` lists them.

Where messages come from and go to is not known here. In a browser a verb is a coroutine, and each request a
task of the event loop; elsewhere it is a function, and each request a thread: so `cancel` is heard meanwhile.
"""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
import traceback
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_frozenfs.errors import FrozenFSError
from jupyter_frozenfs.kernel import events
from jupyter_frozenfs.kernel.errors import CancelledError, DangerousError, UsageError

from .rows import mount_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    #: a message and its buffers
    Send = Callable[[dict[str, Any], Sequence[bytes]], None]

#: amounts are told no more often, in seconds
_INTERVAL = 0.1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a verb answers when bytes come along.

    Attributes
    ----------
    value
        What JSON can say.
    buffers
        Bytes beside it.
    """

    value: Any
    buffers: Sequence[bytes] = ()


class Work:
    """A request while it is answered.

    Parameters
    ----------
    id
        As the page calls it.
    tell
        Called with amounts.
    """

    def __init__(self, id: str, tell: Callable[[dict[str, int]], None]) -> None:  # noqa: A002 - its name there
        self.id = id
        self._tell = tell
        self._told = 0.0
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Have `check` and `progress` raise."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise once somebody has pressed Cancel.

        Raises
        ------
        CancelledError
            Somebody has.
        """
        if self._cancelled.is_set():
            raise CancelledError("It was cancelled: nothing was changed.")

    def progress(self, *, files: int = 0, total_files: int = 0, done: int = 0, total: int = 0) -> None:
        """Tell how far it is, in files and in bytes; see `check`."""
        self.check()
        now = time.monotonic()
        if now - self._told < _INTERVAL:
            return
        self._told = now
        self._tell({"files": files, "totalFiles": total_files, "bytes": done, "totalBytes": total})


class Verbs(Protocol):
    """What can be asked for."""

    @property
    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """Functions or coroutine functions of a `Work` and of options, which answer JSON or an `Answer`."""

    def cancel(self, id: str) -> bool:  # noqa: A002 - as above
        """Stop what is done for a request elsewhere; tells whether there is anything to wait for."""


class Service:
    """Answers one page.

    Parameters
    ----------
    send
        Takes messages to the page; called from any thread.
    verbs
        What can be asked for; what this kernel can do, by default.
    """

    def __init__(self, send: Send, verbs: Verbs | None = None) -> None:
        self._send = send
        self._verbs = verbs or own_verbs()
        self._working: dict[str, tuple[Work, asyncio.Task[None] | None]] = {}
        self._lock = threading.Lock()
        self._context: Context | None = None
        self._stop = events.listen(self._hear)

    def handle(self, message: Any) -> None:
        """Take a message of the page; what is none of the protocol is left alone."""
        if not isinstance(message, dict):
            return
        # what is sent without having been asked for belongs to the last request: so a kernel routes it
        self._context = copy_context()
        kind, id_ = message.get("kind"), message.get("id")
        if kind == "request" and isinstance(id_, str):
            self._request(id_, str(message.get("verb")), message.get("options") or {})
        elif kind == "cancel" and isinstance(id_, str):
            self._cancel(id_)

    def close(self) -> None:
        """Cancel all that is under way, and hear of nothing any more."""
        self._stop()
        for id_ in list(self._working):
            self._cancel(id_)

    def _request(self, id_: str, verb: str, options: Mapping[str, Any]) -> None:
        function = self._verbs.verbs.get(verb)
        if function is None:
            known = ", ".join(sorted(self._verbs.verbs))
            self._fail(id_, UsageError(f"This kernel does not know {verb!r}, expected one of {known}."))
            return
        work = Work(id_, lambda amount: self._tell({"kind": "progress", "id": id_, "amount": amount}))
        try:
            inspect.signature(function).bind(work, **options)
        except TypeError as error:
            self._fail(id_, UsageError(f"{verb}: {error}."))
            return
        if inspect.iscoroutinefunction(function):
            task = asyncio.ensure_future(self._await(work, function, options))
            self._working[id_] = work, task
        else:
            self._working[id_] = work, None
            context = copy_context()
            thread = threading.Thread(
                target=context.run,
                args=(self._call, work, function, options),
                name=f"frozenfs-{verb}",
                daemon=True,
            )
            thread.start()

    def _cancel(self, id_: str) -> None:
        work, task = self._working.get(id_, (None, None))
        if work is None:
            return
        work.cancel()
        if not self._verbs.cancel(id_) and task is not None:
            task.cancel()

    async def _await(self, work: Work, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
        try:
            found = await function(work, **options)
        except asyncio.CancelledError:
            self._fail(work.id, CancelledError("It was cancelled: nothing was changed."))
        except Exception as error:  # noqa: BLE001 - the page shows it
            self._fail(work.id, error)
        else:
            self._answer(work.id, found)

    def _call(self, work: Work, function: Callable[..., Any], options: Mapping[str, Any]) -> None:
        try:
            found = function(work, **options)
        except Exception as error:  # noqa: BLE001 - the page shows it
            self._fail(work.id, error)
        else:
            self._answer(work.id, found)

    def _answer(self, id_: str, found: Any) -> None:
        answer = found if isinstance(found, Answer) else Answer(found)
        self._end(id_, {"kind": "result", "id": id_, "value": answer.value}, answer.buffers)

    def _fail(self, id_: str, error: Exception) -> None:
        self._end(id_, {"kind": "error", "id": id_, "error": error_message(error)}, ())

    def _end(self, id_: str, message: dict[str, Any], buffers: Sequence[bytes]) -> None:
        self._working.pop(id_, None)
        self._tell(message, buffers)

    def _hear(self, what: events.What, value: Any) -> None:
        message = {"kind": "event", "what": what, "value": self._said(what, value)}
        if self._context is None:
            return  # nobody has asked for anything yet: `hello` tells all of it
        self._context.copy().run(self._tell, message)

    def _said(self, what: events.What, value: Any) -> Any:
        return mount_rows(value) if what == "mounts" else value

    def _tell(self, message: dict[str, Any], buffers: Sequence[bytes] = ()) -> None:
        with self._lock:
            self._send(message, buffers)


def own_verbs() -> Verbs:
    """Return what this kernel can do."""
    from jupyter_frozenfs.kernel.api import IN_BROWSER  # noqa: PLC0415 - one of the two is ever needed

    if IN_BROWSER:
        from .live import Live  # noqa: PLC0415

        return Live()
    from .disk import Disk  # noqa: PLC0415

    return Disk()


def error_message(error: Exception) -> dict[str, Any]:
    """Write an error for people: its first line, and below it what helps those who know more."""
    if isinstance(error, FrozenFSError):
        message, _, details = str(error).partition("\n")
        said: dict[str, Any] = {"type": type(error).__name__, "message": message, "details": details}
    else:
        details = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        said = {
            "type": type(error).__name__,
            "message": str(error) or type(error).__name__,
            "details": details,
        }
    if isinstance(error, DangerousError):
        said["dangerous"] = [{"path": path, "why": why} for path, why in error.dangerous]
    return said
