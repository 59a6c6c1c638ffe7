"""The panel as a Jupyter widget."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from traitlets import Enum, Instance, List, Unicode

from jupyter_frozenfs.kernel import api, events
from jupyter_frozenfs.kernel.errors import KernelError
from jupyter_frozenfs.kernel.mount_results import Mounts

from .rowmodel import Image, Job, Room, models_of, rows_of
from .service import Service
from .wire import received, sendable

try:
    from ipywidgets import DOMWidget  # type: ignore[attr-defined]
except ImportError as error:
    raise KernelError(
        "A panel in a notebook is a widget, and ipywidgets is not installed in this kernel: run "
        "`%pip install ipywidgets`, or open the panel in the sidebar, which needs none."
    ) from error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_frozenfs.kernel.mount_results import Mount
    from jupyter_frozenfs.kernel.results import Thawed, ThawPlan

    from .models import Contents

_MODULE, _VERSION = "jupyter-frozenfs", "^0.1.0"


class Panel(DOMWidget):  # type: ignore[misc]
    """Shows images: what is inside, what has changed, and what can be done with them.

    Attributes
    ----------
    selected
        `key` of the image that is looked at, or None; `select` takes its name.
    tab
        ``inside``, ``changes``, ``freeze`` or ``room``.
    path, query
        What is looked at inside of it, and what is searched for.
    folder
        Where the kernel is no browser's: the folder whose images are listed; the current one if empty.
    images
        The images that are listed; read-only, as are all that follow. Filled by a page that shows the panel.
    mounts
        What is mounted in the kernel.
    jobs
        What is under way, and what was done.
    room
        What storage is used for, once it was looked at.
    """

    _model_name = Unicode("PanelModel").tag(sync=True)
    _model_module = Unicode(_MODULE).tag(sync=True)
    _model_module_version = Unicode(_VERSION).tag(sync=True)
    _view_name = Unicode("PanelView").tag(sync=True)
    _view_module = Unicode(_MODULE).tag(sync=True)
    _view_module_version = Unicode(_VERSION).tag(sync=True)

    selected = Unicode(None, allow_none=True).tag(sync=True)
    tab = Enum(("inside", "changes", "freeze", "room"), "inside").tag(sync=True)
    path = Unicode("/").tag(sync=True)
    query = Unicode().tag(sync=True)
    folder = Unicode().tag(sync=True)

    images = List(Instance(Image), read_only=True).tag(sync=True, to_json=rows_of, from_json=models_of(Image))
    jobs = List(Instance(Job), read_only=True).tag(sync=True, to_json=rows_of, from_json=models_of(Job))
    room = Instance(Room, None, allow_none=True, read_only=True).tag(
        sync=True,
        to_json=lambda room, _owner: room and room.row(),
        from_json=lambda row, _owner: row and Room.from_row(row),
    )
    mounts = Instance(Mounts, (), {"mounts": ()}, read_only=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._service = Service(lambda message, buffers: self.send(message, list(buffers)))
        self.on_msg(self._asked)
        self._stop = events.listen(self._hear)
        # what was mounted before is no event
        self._listing = asyncio.ensure_future(self.list_mounts()) if api.IN_BROWSER else None

    def open(self) -> None:
        """Open the comm to the pages."""
        super().open()
        _answer_where_asked(self.comm)

    def set_state(self, sync_data: Mapping[str, Any]) -> None:
        """Take what a page has set."""
        super().set_state(received(sync_data))

    def _send(self, msg: Mapping[str, Any], buffers: Sequence[bytes] | None = None) -> None:
        super()._send(sendable(msg), buffers)

    def close(self) -> None:
        """Take the panel off all pages."""
        self._stop()
        self._service.close()
        super().close()

    @property
    def image(self) -> Image | None:
        """The image that is looked at."""
        return next((image for image in self.images if image.key == self.selected), None)

    def select(self, image: Image | str | None) -> None:
        """Look at an image, from its root on.

        Parameters
        ----------
        image
            One of `images`, its name or key; or None for no image.

        Raises
        ------
        KernelError
            No such image is listed.
        """
        key = image.key if isinstance(image, Image) else image
        known = {each.key: each.key for each in self.images} | {each.name: each.key for each in self.images}
        if key is not None and key not in known:
            names = ", ".join(each.name for each in self.images) or "none: is the panel shown?"
            raise KernelError(f"No image {key!r} is listed, expected one of {names}")
        with self.hold_sync():
            self.selected = None if key is None else known[key]
            self.path, self.query = "/", ""

    def refresh(self) -> None:
        """Have pages list the images anew."""
        events.tell("images", self.selected)

    async def mount(self, path: str, *, root: str = "/", writable: bool = False) -> Mount:
        """Mount the image that is looked at; see `jupyter_frozenfs.mount`."""
        return await api.mount(self._source(), path, root=root, writable=writable)

    async def thaw(self, **options: Any) -> Thawed | ThawPlan:
        """Thaw the image that is looked at, with the options of `jupyter_frozenfs.thaw`."""
        return await api.thaw(self._source(), **options)

    def contents(self) -> Contents:
        """Return the inside of the image that is looked at, where images are files.

        Raises
        ------
        KernelError
            It is no file that this kernel sees, or none is looked at.
        """
        from .models import Contents  # noqa: PLC0415 - a browser has no use for it

        source = self._source()
        if self.image is None or self.image.place != "disk":
            raise KernelError(
                "The images of a browser are read by its page, not by the kernel: mount the image, then its "
                "files are there."
            )
        return Contents(source)

    def _source(self) -> str:
        if self.image is None:
            raise KernelError("No image is looked at: choose one in the panel, or with `select`.")
        if self.image.source is None:
            raise KernelError(
                f"{self.image.name} is a file of this computer, which only the panel can reach: use its "
                "buttons."
            )
        return self.image.source

    async def list_mounts(self) -> Mounts:
        """Return what is mounted, and set `mounts`."""
        found = await api.mounts()
        self.set_trait("mounts", found)
        return found

    def _hear(self, what: events.What, value: Any) -> None:
        if what == "mounts":
            self.set_trait("mounts", value)

    def _asked(self, _panel: Panel, message: Mapping[str, Any], _buffers: Sequence[bytes]) -> None:
        self._service.handle(received(message))


def _answer_where_asked(comm: Any) -> None:
    """Have a comm's messages handled on the subshell that they were sent to.

    ipykernel 7.4 hands them to the shell that has sent the last one, which may wait for a cell.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda _data, subshell: subshell  # noqa: SLF001 - it has no other way
