"""JSON null on a comm: Pyodide makes `undefined` of None, which gets lost, and of `null` what is not None."""

from __future__ import annotations

from typing import Any

from jupyter_frozenfs.kernel.api import IN_BROWSER


def sendable(message: Any) -> Any:
    """Return a message whose None arrives as `null`."""
    return _replaced(message, None, _null()) if IN_BROWSER else message


def received(message: Any) -> Any:
    """Return a message in which `null` is None."""
    return _replaced(message, _null(), None) if IN_BROWSER else message


def _null() -> Any:
    from pyodide.ffi import jsnull  # noqa: PLC0415 - only a browser has it

    return jsnull


def _replaced(value: Any, old: Any, new: Any) -> Any:
    if value is old:
        return new
    if isinstance(value, dict):
        return {key: _replaced(each, old, new) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(each, old, new) for each in value]
    return value
