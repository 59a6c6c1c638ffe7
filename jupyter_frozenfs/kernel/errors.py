"""The errors of freezing and thawing in a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_frozenfs.errors import FrozenFSError

if TYPE_CHECKING:
    from collections.abc import Sequence


class KernelError(FrozenFSError):
    """Freezing, thawing, or something about stored images went wrong; the message says what to do."""


class UsageError(KernelError):
    """A magic or function was called with arguments that do not go together."""


class NeedsBrowserError(KernelError):
    """What was asked for is done in a browser, and this kernel runs elsewhere."""


class DangerousError(KernelError):
    """An image that was not made here holds what Python runs by itself.

    Parameters
    ----------
    message
        What is shown.
    dangerous
        The paths, and why: each completes the sentence "the path …".
    """

    def __init__(self, message: str, dangerous: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.dangerous = tuple(dangerous)


class CancelledError(KernelError):
    """Somebody pressed Cancel; nothing was changed."""
