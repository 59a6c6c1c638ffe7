"""A package index: PEP 503 (HTML) and PEP 691 (JSON)."""

from __future__ import annotations

import configparser
import os
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import platformdirs
from packaging.utils import InvalidWheelFilename, canonicalize_name

from jupyter_frozenfs.errors import BuildError

from .network import without_credentials
from .wheels import Wheel, wheel_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .network import Network

PYPI = "https://pypi.org/simple/"

_JSON = "application/vnd.pypi.simple.v1+json"
_ACCEPT = f"{_JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


def configured_index() -> str:
    """Return the index that uv or pip is configured to use, PyPI when neither is."""
    for variable in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        # UV_DEFAULT_INDEX may read `name=https://…`
        value = os.environ.get(variable, "").strip()
        if value:
            return value.partition("=")[2] if value.partition("=")[0].isidentifier() else value
    for file in _pip_files():
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        for section in ("install", "download", "global"):
            for key in ("index-url", "index_url"):
                value = parser.get(section, key, fallback="").strip()
                if value:
                    return value
    return PYPI


def _pip_files() -> Iterator[Path]:
    """Yield the configuration files of pip, the strongest first.

    Source: https://pip.pypa.io/en/stable/topics/configuration/
    """
    name = "pip.ini" if os.name == "nt" else "pip.conf"
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    if named:
        yield Path(named)
    yield Path(sys.prefix, name)
    yield platformdirs.user_config_path("pip", appauthor=False, roaming=True) / name
    yield Path.home() / ("pip" if os.name == "nt" else ".pip") / name
    yield platformdirs.site_config_path("pip", appauthor=False) / name
    if os.name != "nt":
        yield Path("/etc", name)


class PackageIndex:
    """A package index that speaks HTTP.

    Parameters
    ----------
    url
        Its simple API, e.g. ``https://pypi.org/simple/``.
    network
        To fetch with.
    """

    def __init__(self, url: str, network: Network) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise BuildError(
                f"The package index is {without_credentials(url)!r}, expected an http or https address such "
                f"as {PYPI}. A folder of wheels goes into `wheelhouse`."
            )
        self.url = url if url.endswith("/") else f"{url}/"
        self._network = network

    @property
    def label(self) -> str:
        """The address for messages."""
        return without_credentials(self.url)

    def files(self, name: str) -> list[Wheel | str]:
        """Return what the index has of a package: wheels, and the names of all other files.

        Raises
        ------
        NetworkError
            The index does not answer, or does not know the package (`NetworkError.missing`).
        """
        response = self._network.get(urljoin(self.url, f"{canonicalize_name(name)}/"), {"Accept": _ACCEPT})
        page = response.url
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind.endswith("json"):
            try:
                links = list(_json_links(response.json()))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BuildError(
                    f"{without_credentials(page)} is no page of a package index ({type(error).__name__}: "
                    f"{error}). Correct the address of the index."
                ) from error
        else:
            links = list(_html_links(response.text, page))
        found: list[Wheel | str] = []
        for link in links:
            try:
                wheel = wheel_of(link["filename"], "index", urljoin(page, link["url"]), link["sha256"])
            except InvalidWheelFilename:
                found.append(link["filename"])
                continue
            if wheel.name != canonicalize_name(name):
                continue
            found.append(
                replace(
                    wheel,
                    requires_python=link["requires_python"],
                    yanked=link["yanked"],
                    metadata_url=f"{wheel.location}.metadata" if link["metadata"] else None,
                )
            )
        return found


def _json_links(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for file in page["files"]:
        yield {
            "filename": file["filename"],
            "url": file["url"],
            "sha256": file.get("hashes", {}).get("sha256"),
            "requires_python": file.get("requires-python"),
            "yanked": file.get("yanked", False),
            "metadata": file.get("core-metadata", file.get("data-dist-info-metadata", False)),
        }


def _html_links(text: str, page: str) -> Iterator[dict[str, Any]]:
    parser = _Links()
    parser.feed(text)
    base = urljoin(page, parser.base)
    for attributes in parser.links:
        url, fragment = urldefrag(urljoin(base, attributes.get("href") or ""))
        yanked = attributes.get("data-yanked", False)
        yield {
            "filename": urlsplit(url).path.rpartition("/")[2].replace("%2B", "+").replace("%2b", "+"),
            "url": url,
            "sha256": parse_qs(fragment).get("sha256", [None])[0],
            "requires_python": attributes.get("data-requires-python"),
            # the attribute alone, or empty, means yanked without a reason
            "yanked": True if yanked in {None, ""} else yanked,
            "metadata": "data-core-metadata" in attributes or "data-dist-info-metadata" in attributes,
        }


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.links: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs))
        elif tag == "base" and not self.base:
            self.base = dict(attrs).get("href") or ""
