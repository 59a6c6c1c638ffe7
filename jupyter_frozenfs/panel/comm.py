"""The panel in the sidebar: it asks the kernel over a comm of its own, and needs no ipywidgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .service import Service

#: what the page opens a comm to
TARGET = "jupyter_frozenfs.panel"

_services: dict[str, Service] = {}


def register() -> None:
    """Let pages open a panel for this kernel, unless they can already."""
    manager = _manager()
    if manager is not None:
        manager.register_target(TARGET, _opened)


def unregister() -> None:
    """Let them no longer."""
    manager = _manager()
    if manager is not None:
        manager.targets.pop(TARGET, None)


def _manager() -> Any:
    """Return what knows the kernel's comms; a shell without a kernel has none."""
    try:
        from comm import get_comm_manager  # noqa: PLC0415 - only kernels need it
    except ImportError:
        return None
    return get_comm_manager()


def _opened(comm: Any, _message: Any) -> None:
    from .service import Service  # noqa: PLC0415 - few kernels ever show a panel
    from .wire import received, sendable  # noqa: PLC0415

    def send(message: dict[str, Any], buffers: Sequence[bytes]) -> None:
        comm.send(sendable(message), buffers=list(buffers))

    service = Service(send)
    _services[comm.comm_id] = service
    comm.on_msg(lambda message: service.handle(received(message["content"]["data"])))
    comm.on_close(lambda _message: _services.pop(comm.comm_id, service).close())
