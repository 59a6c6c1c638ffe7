"""Wheels that can be had, and reading their metadata without having them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from packaging.utils import canonicalize_name, parse_wheel_filename

from jupyter_frozenfs.errors import BuildError

if TYPE_CHECKING:
    import requests
    from packaging.tags import Tag
    from packaging.version import Version

    from .lockfile import Origin
    from .network import Network

#: bytes of one request for a part of a wheel
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that some source has.

    Attributes
    ----------
    name, version, tags, build
        As its file name says.
    file
        The file name.
    source
        Where it comes from.
    location
        A path or a URL.
    sha256
        As the source says, None when it does not.
    requires_python
        As an index says.
    yanked
        True or the reason when its maintainers withdrew it.
    metadata_url
        Where an index has its metadata alone (PEP 658).
    """

    name: str
    version: Version
    tags: frozenset[Tag]
    build: tuple[int, str] | tuple[()]
    file: str
    source: Origin
    location: Path | str
    sha256: str | None = None
    requires_python: str | None = None
    yanked: bool | str = False
    metadata_url: str | None = None


def wheel_of(file: str, source: Origin, location: Path | str, sha256: str | None = None) -> Wheel:
    """Describe a wheel by its file name; raises `packaging.utils.InvalidWheelFilename`."""
    name, version, build, tags = parse_wheel_filename(file)
    return Wheel(name, version, tags, build, file, source, location, sha256)


def wheel_metadata(file: Path | IO[bytes], name: str) -> bytes:
    """Read ``METADATA`` out of a wheel.

    Parameters
    ----------
    file
        The wheel.
    name
        Its file name.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            for member in archive.namelist():
                folder, _, rest = member.partition("/")
                stem, _, kind = folder.rpartition(".")
                if rest == "METADATA" and kind == "dist-info" and _project(stem) == _project(name):
                    return archive.read(member)
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise BuildError(
            f"{file if isinstance(file, Path) else name} is not a wheel: {error}. Fetch or build it again."
        ) from error
    raise BuildError(f"{name} is not a wheel: it has no METADATA. Build it again.")


def _project(stem: str) -> str:
    return canonicalize_name(stem.partition("-")[0])


def remote_metadata(url: str, name: str, network: Network) -> bytes:
    """Read ``METADATA`` out of a wheel on a server, by ranges where the server has them."""
    with RangeFile(url, network) as file:
        return wheel_metadata(io.BufferedReader(file, _BLOCK), name)


class RangeFile(io.RawIOBase):
    """A file on a server. One that does not answer ranges is fetched whole."""

    def __init__(self, url: str, network: Network) -> None:
        super().__init__()
        self._url = url
        self._network = network
        self._position = 0
        self._whole: bytes | None = None
        response = self._get(f"bytes=-{_BLOCK}")
        self._tail = response.content
        if response.status_code == 206:  # noqa: PLR2004
            self._size = int(response.headers["Content-Range"].rpartition("/")[2])
        else:
            self._whole = self._tail
            self._size = len(self._whole)

    def _get(self, span: str) -> requests.Response:
        # an encoded answer could not be cut into ranges
        return self._network.get(self._url, {"Range": span, "Accept-Encoding": "identity"})

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, as `io` has it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, with one request at most."""
        data = self._bytes(self._position, min(self._position + len(buffer), self._size))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _bytes(self, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        if self._whole is not None:
            return self._whole[start:end]
        tail_start = self._size - len(self._tail)
        if start >= tail_start:
            return self._tail[start - tail_start : end - tail_start]
        response = self._get(f"bytes={start}-{end - 1}")
        if response.status_code != 206:  # noqa: PLR2004
            self._whole = response.content
            return self._whole[start:end]
        return response.content
