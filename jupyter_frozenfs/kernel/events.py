"""Who wants to know what has changed in a kernel: panels, which follow what cells do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

#: the mounts are others now (`Mounts`), an image was made (its name), live files were changed (their folder)
What = Literal["mounts", "images", "files"]

_listeners: list[Callable[[What, Any], None]] = []


def listen(listener: Callable[[What, Any], None]) -> Callable[[], None]:
    """Hear of changes.

    Parameters
    ----------
    listener
        Called with what has changed, and what is known of it.

    Returns
    -------
    Callable
        Ends it; may be called more than once.
    """
    _listeners.append(listener)

    def stop() -> None:
        if listener in _listeners:
            _listeners.remove(listener)

    return stop


def tell(what: What, value: Any) -> None:
    """Tell all listeners of a change."""
    for listener in tuple(_listeners):
        listener(what, value)
