"""Work that takes a while: shown in the output with a bar and a button that cancels it.

The page's half of it, in the labextension, draws the output, and does what only a page can: let a person
choose a file, download one, ask the browser to keep what is stored. Without that half the output is a line
of text.
"""

from __future__ import annotations

import secrets
import time
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from html import escape
from typing import TYPE_CHECKING, Any

from jupyter_frozenfs.errors import FrozenFSError

from .bundle import from_object, session
from .errors import CancelledError, DangerousError, KernelError, UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

#: the output that pages with the labextension draw, see `labextension/src/actions/messages.ts`
MIME = "application/vnd.jupyter-frozenfs.action+json"

#: errors that are faults of ours, and keep their traceback; all others of `frozenfs.mjs` are meant for people
_FAULTS = ("TypeError", "RangeError", "ReferenceError", "InternalError", "ErrnoError", "DataCloneError")

_ERRORS: dict[str, type[KernelError]] = {"usage": UsageError}

#: the id under which a page shows what is done, in place of an output
_page: ContextVar[str | None] = ContextVar("_page", default=None)

#: what is done for pages just now, by id
_running: dict[str, Action] = {}


@contextmanager
def shown_by_page(id: str) -> Iterator[None]:  # noqa: A002 - its name on the channel
    """Have actions talk to a page that has asked for them, under its id and without an output."""
    token = _page.set(id)
    try:
        yield
    finally:
        _page.reset(token)


def cancel(id: str) -> bool:  # noqa: A002 - as above
    """Stop what is done for a page; it undoes what it has begun. Tells whether there is anything."""
    work = _running.get(id)
    if work is None or work.channel is None:
        return False
    work.channel.cancel()
    return True


class Action:
    """A piece of work.

    Attributes
    ----------
    module, session, channel
        JavaScript's side: `frozenfs.mjs`, its `Session`, and the `KernelAction` that talks to pages.
    """

    def __init__(self, title: str, *, shown: bool) -> None:
        self.title = title
        page = _page.get()
        self.id = page or secrets.token_hex(8)
        self.module: Any = None
        self.session: Any = None
        self.channel: Any = None
        self._shown = shown and page is None
        if page is not None:
            _running[page] = self
        self._began = time.monotonic()

    async def begin(self) -> None:
        """Show the output, and load what does the work."""
        self._show("running", "", update=False)
        self.module, self.session = await session()
        self.channel = self.module.KernelAction.new(self.id, self.title)

    def end(self, state: str, text: str) -> None:
        """Show how it ended."""
        _running.pop(self.id, None)
        if self.channel is not None:
            self.channel.close()
        self._show(state, text, update=True)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._began

    def _show(self, state: str, text: str, *, update: bool) -> None:
        if not self._shown:
            return
        from IPython.display import publish_display_data  # noqa: PLC0415 - a kernel that starts needs none

        model = {"id": self.id, "title": self.title, "state": state, "text": text}
        line = f"{self.title}: {text}" if text else f"{self.title} …"
        publish_display_data(  # type: ignore[no-untyped-call]
            {MIME: model, "text/plain": line, "text/html": f"<div>{escape(line)}</div>"},
            transient={"display_id": self.id},
            update=update,
        )


@asynccontextmanager
async def action(title: str, *, shown: bool = True) -> AsyncIterator[Action]:
    """Do a piece of work, and turn what JavaScript throws into our errors.

    Parameters
    ----------
    title
        What is done, e.g. `Freezing env.blob`.
    shown
        Whether it has an output; without one nobody can cancel it, choose a file or download one.
    """
    from pyodide.ffi import JsException  # noqa: PLC0415 - only a browser has it

    work = Action(title, shown=shown)
    try:
        await work.begin()
        yield work
    except JsException as error:
        raised = _raised(error, title)
        if raised is None:
            work.end("failed", str(error))
            raise
        work.end("cancelled" if isinstance(raised, CancelledError) else "failed", _first_line(raised))
        raise raised from None
    except FrozenFSError as error:
        work.end("failed", _first_line(error))
        raise
    except BaseException as error:
        if work.channel is not None:
            work.channel.cancel()
        work.end("failed", repr(error))
        raise
    work.end("done", f"done in {work.seconds:.1f} s")


def _raised(error: Any, title: str) -> KernelError | None:
    if error.name == "AbortError":
        return CancelledError(f"{title} was cancelled: nothing was changed.")
    if error.name in _FAULTS:
        return None
    code = str(getattr(error, "code", ""))
    if code == "dangerous":
        found = from_object(error.dangerous)
        return DangerousError(str(error.message), [(each["path"], each["why"]) for each in found])
    return _ERRORS.get(code, KernelError)(str(error.message))


def _first_line(error: FrozenFSError) -> str:
    return str(error).partition("\n")[0]
