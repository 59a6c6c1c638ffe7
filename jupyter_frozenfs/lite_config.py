"""What a site's `jupyter-lite.json` says of frozen kernels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyterlite_core.constants import JUPYTERLITE_IPYNB, JUPYTERLITE_JSON, JUPYTERLITE_METADATA

from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

#: where the kernel plugin of the labextension finds its settings
PLUGIN = "jupyter-frozenfs:kernel"

_DATA = "jupyter-config-data"
_PLUGINS = "litePluginSettings"
_DEFAULT = "defaultKernelName"

#: of JupyterLite: its service worker keeps what pages fetch, and answers with it when there is no network
_KEEPS = "enableServiceWorkerCache"

#: the default kernel of a site whose author says nothing
STOCK_KERNEL = "python"


def frozen_kernels(config: Path) -> list[dict[str, Any]]:
    """Return the kernels that a configuration names, as `kernel_entry` makes them."""
    settings = _data(_read(config)).get(_PLUGINS, {}).get(PLUGIN, {})
    return list(settings.get("environments", []))


def keeps_visited(folders: Iterable[Path]) -> bool:
    """Tell whether JupyterLite's service worker keeps what pages fetch.

    Parameters
    ----------
    folders
        Where the author may have written ``jupyter-lite.json`` or ``.ipynb``: of the site, of its apps.
    """
    wholes = []
    for folder in folders:
        wholes.append(_read(folder / JUPYTERLITE_JSON))
        metadata = _read(folder / JUPYTERLITE_IPYNB).get("metadata") or {}
        wholes.append(metadata.get(JUPYTERLITE_METADATA) or {})
    # as text, or as what text of JSON says
    return any(_data(whole).get(_KEEPS) in ("true", True) for whole in wholes)


def kernel_entry(
    name: str,
    display_name: str,
    url: str,
    runtime: str,
    linked: Sequence[str],
    *,
    default: bool,
    prewarm: bool,
) -> dict[str, Any]:
    """Describe a kernel.

    Parameters
    ----------
    name, display_name
        Of the environment.
    url
        Of its ``environment.json``, relative to the root of the site, with ``./`` in front.
    runtime
        Of the folder of its runtime, in the same way: a start need not wait for ``environment.json`` then.
    linked
        Of the pieces of the runtime that it starts in place of the plain one, in the same way; none without a
        snapshot.
    default
        Whether its author wants it for new notebooks.
    prewarm
        Whether a page may make such a kernel ready before a notebook asks for it.
    """
    return {
        "name": name,
        "display_name": display_name,
        "url": url,
        "runtime": runtime,
        "linked": list(linked),
        "default": default,
        "prewarm": prewarm,
    }


def with_kernels(config: Path, kernels: Sequence[dict[str, Any]], own: Path) -> dict[str, Any]:
    """Return what a configuration should say; what it says of others stays.

    Parameters
    ----------
    config
        ``jupyter-lite.json`` of the site.
    kernels
        All frozen kernels of the site; when there are none, the traces of former ones go.
    own
        The ``jupyter-lite.json`` that the author wrote, if any.
    """
    whole = _read(config)
    former = {kernel["name"] for kernel in frozen_kernels(config)}
    data = whole.setdefault(_DATA, {})
    plugins = data.setdefault(_PLUGINS, {})
    name = _default_kernel(kernels, own)
    if kernels:
        # what new notebooks get is the default, whoever has said so
        environments = [{**kernel, "default": kernel["name"] == name} for kernel in kernels]
        plugins[PLUGIN] = {**plugins.get(PLUGIN, {}), "environments": environments}
    else:
        plugins.get(PLUGIN, {}).pop("environments", None)
    if name is None and data.get(_DEFAULT) in former:
        name = STOCK_KERNEL
    if name is not None:
        data[_DEFAULT] = name
    return whole


def _default_kernel(kernels: Sequence[dict[str, Any]], own: Path) -> str | None:
    """Return the kernel of new notebooks, None when nobody says.

    That is the environment that says ``default``, else what the author's own ``jupyter-lite.json`` names,
    else the first environment.
    """
    declared = [kernel["name"] for kernel in kernels if kernel["default"]]
    named = [_data(_read(own)).get(_DEFAULT)]
    first = [kernel["name"] for kernel in kernels]
    return next((name for name in (*declared, *named, *first) if isinstance(name, str)), None)


def _data(whole: dict[str, Any]) -> dict[str, Any]:
    return dict(whole.get(_DATA) or {})


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BuildError(f"{path} is not JSON ({error}). Correct it, then build again.") from error
    if not isinstance(whole, dict):
        raise BuildError(
            f"{path} holds {type(whole).__name__}, expected an object. Correct it, then build again."
        )
    return whole
