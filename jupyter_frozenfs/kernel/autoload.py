"""Thawing, before the first cell, what is set to be thawed whenever this kind of kernel starts."""

from __future__ import annotations

import importlib
import secrets

from .bundle import session


async def at_start() -> str:
    """Thaw it; a kernel whose image cannot be thawed starts all the same.

    Returns
    -------
    str
        Why it could not be thawed; nothing when it could.
    """
    from pyodide.ffi import JsException  # noqa: PLC0415 - only a browser has it

    module, own = await session()
    # nobody sees it: cells, which have outputs, come later
    channel = module.KernelAction.new(secrets.token_hex(8), "Thawing at the start")
    try:
        await module.runAutoload(own, channel)
    except JsException as error:
        return str(error.message)
    finally:
        channel.close()
        importlib.invalidate_caches()
    return ""
