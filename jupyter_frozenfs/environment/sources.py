"""Where wheels can be had; each source answers the same two questions."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urljoin

from packaging.utils import InvalidWheelFilename, canonicalize_name

from .files import sha256_of
from .network import NetworkError
from .wheels import Wheel, remote_metadata, wheel_metadata, wheel_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .cache import DownloadCache
    from .core import Core
    from .index import PackageIndex
    from .lockfile import Origin
    from .network import Network


class WheelSource(Protocol):
    """Something that has wheels."""

    @property
    def label(self) -> str:
        """What to call it in a message."""

    def find(self, name: str) -> list[Wheel | str]:
        """Return the wheels of a package and the names of its other files; the name is normalized.

        Raises
        ------
        NetworkError
            The source does not answer.
        """

    def metadata(self, wheel: Wheel) -> bytes:
        """Return the ``METADATA`` of a wheel that `find` returned."""


class WheelList:
    """Wheels in directories, or named one by one.

    Parameters
    ----------
    label
        What to call it in a message.
    wheels
        What it has.
    """

    def __init__(self, label: str, wheels: Iterable[Wheel]) -> None:
        self.label = label
        self._wheels: dict[str, list[Wheel | str]] = {}
        for wheel in wheels:
            self._wheels.setdefault(wheel.name, []).append(wheel)

    @classmethod
    def of_directories(cls, label: str, source: Origin, directories: Iterable[Path]) -> WheelList:
        """List the wheels of directories; those of the first win over others of the same name."""
        found: dict[str, Wheel] = {}
        for directory in directories:
            for path in sorted(directory.glob("*.whl")):
                with suppress(InvalidWheelFilename):
                    found.setdefault(path.name, wheel_of(path.name, source, path))
        return cls(label, found.values())

    @property
    def names(self) -> list[str]:
        """The packages that it has, sorted."""
        return sorted(self._wheels)

    def find(self, name: str) -> list[Wheel | str]:
        """Return the wheels of a package."""
        return self._wheels.get(name, [])

    def metadata(self, wheel: Wheel) -> bytes:
        """Read the metadata out of the file."""
        return wheel_metadata(Path(wheel.location), wheel.file)


class LockSource:
    """What Pyodide's lock file names, on Pyodide's server or in a directory of the author's.

    A wheel counts only when its metadata can be had: where the server is out of reach, other sources may have
    the package.
    """

    label = "Pyodide's distribution"

    def __init__(self, core: Core, network: Network, cache: DownloadCache) -> None:
        self._core = core
        self._network = network
        self._cache = cache
        self._down: NetworkError | None = None

    def find(self, name: str) -> list[Wheel | str]:
        """Return the one wheel that the lock file names."""
        package = self._core.packages.get(canonicalize_name(name))
        if package is None:
            return []
        if package.shared_library:
            return [package.file]
        location: Path | str | None = None
        if self._core.wheels is not None:
            local = self._core.wheels / package.file
            location = local if local.is_file() and sha256_of(local) == package.sha256 else None
        location = location or self._cache.find(package.file, package.sha256)
        location = location or urljoin(self._core.package_base_url, package.file)
        wheel = wheel_of(package.file, "pyodide", location, package.sha256)
        self.metadata(wheel)
        return [wheel]

    def metadata(self, wheel: Wheel) -> bytes:
        """Read the metadata out of the wheel, or out of the part of it that has them."""
        return self._cache.metadata(wheel.sha256, lambda: self._read(wheel))

    def _read(self, wheel: Wheel) -> bytes:
        if isinstance(wheel.location, Path):
            return wheel_metadata(wheel.location, wheel.file)
        if self._down is not None:
            raise NetworkError(wheel.location, self._down.reason)
        try:
            return remote_metadata(wheel.location, wheel.file, self._network)
        except NetworkError as error:
            if error.status is None:
                # out of reach: nobody waits for it again
                self._down = error
            raise


class IndexSource:
    """A package index."""

    def __init__(self, index: PackageIndex, network: Network, cache: DownloadCache) -> None:
        self._index = index
        self._network = network
        self._cache = cache

    @property
    def label(self) -> str:
        """The address of the index."""
        return self._index.label

    def find(self, name: str) -> list[Wheel | str]:
        """Return what the index has."""
        try:
            return self._index.files(name)
        except NetworkError as error:
            if error.missing:
                return []
            raise

    def metadata(self, wheel: Wheel) -> bytes:
        """Fetch the metadata alone where the index has them, else read them out of the wheel."""
        return self._cache.metadata(wheel.sha256, lambda: self._read(wheel))

    def _read(self, wheel: Wheel) -> bytes:
        url = str(wheel.location)
        if wheel.metadata_url is not None:
            try:
                return self._network.get(wheel.metadata_url).content
            except NetworkError as error:
                if not error.missing:
                    raise
        cached = self._cache.find(wheel.file, wheel.sha256) if wheel.sha256 else None
        if cached is not None:
            return wheel_metadata(cached, wheel.file)
        return remote_metadata(url, wheel.file, self._network)
