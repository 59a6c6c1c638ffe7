"""Having the wheels of a resolution on this machine, each with the bytes that its lock file names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from jupyter_frozenfs.errors import BuildError

from .cache import DownloadCache, Sha256Error
from .files import sha256_of
from .index import PackageIndex, configured_index
from .network import Network, NetworkError
from .node import bundle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .core import Core
    from .declare import Environment
    from .lockfile import Package, Resolution
    from .options import BuildOptions
    from .report import Report

#: transfers at a time
_TRANSFERS = 4


def download(
    environment: Environment, resolution: Resolution, core: Core, options: BuildOptions, report: Report
) -> dict[str, Path]:
    """Return the wheel of each package, by name.

    Raises
    ------
    Sha256Error
        A wheel has other bytes than the lock file says.
    NetworkError
        A server does not give a wheel.
    BuildError
        A wheel is nowhere to be found.
    """
    report.step("download")
    finder = _Finder(environment, core, options)
    done = 0
    total = len(resolution.packages)
    lock = Lock()

    def one(package: Package) -> Path:
        nonlocal done
        path = finder.find(package)
        with lock:
            done += 1
            report.progress(done, total, package.file)
        return path

    with ThreadPoolExecutor(_TRANSFERS) as pool:
        paths = list(pool.map(one, resolution.packages))
    return {package.name: path for package, path in zip(resolution.packages, paths, strict=True)}


class _Finder:
    """Where wheels may be: on this machine first, then where the lock file says, then in the index."""

    def __init__(self, environment: Environment, core: Core, options: BuildOptions) -> None:
        self._environment = environment
        self._core = core
        self._options = options
        self._cache = DownloadCache(options.cache)
        self._index_url = options.index_url or configured_index()
        self._network = Network(options.timeout, [self._index_url, core.package_base_url])

    def find(self, package: Package) -> Path:
        """Return the wheel of a package, fetched if need be."""
        local = self._local(package)
        if local is not None:
            return local
        cached = self._cache.find(package.file, package.sha256)
        if cached is not None:
            return cached
        problems: list[NetworkError] = []
        for url in self._urls(package, problems):
            try:
                return self._cache.fetch(url, package.file, package.sha256, self._network)
            except NetworkError as error:  # noqa: PERF203 - the next address may do
                problems.append(error)
        if problems:
            first = problems[0]
            raise NetworkError(
                first.url, f"{first.reason}, and {package.file} is not in the cache", first.status
            )
        raise BuildError(
            f"{package.file} of {package.name} is nowhere to be found: the lock file names no address for it "
            f"(source: {package.source}). Put it into a wheelhouse, or resolve anew with `--upgrade`."
        )

    def _local(self, package: Package) -> Path | None:
        """Return a file that is meant by its place, which must then have the right bytes."""
        if package.source == "path":
            path = self._environment.directory / package.path
            places = [path]
        elif package.source == "kernel":
            places = [bundle() / "pypi" / package.file]
        else:
            places = [directory / package.file for directory in self._options.wheelhouse]
            if self._core.wheels is not None:
                places.append(self._core.wheels / package.file)
        for place in places:
            if place.is_file():
                found = sha256_of(place)
                if found == package.sha256:
                    return place
                if package.source in {"path", "kernel", "wheelhouse"}:
                    raise Sha256Error(package.file, str(place), package.sha256, found)
        return None

    def _urls(self, package: Package, problems: list[NetworkError]) -> Iterator[str]:
        if package.url:
            yield package.url
        known = self._core.packages.get(package.name)
        if known is not None and known.sha256 == package.sha256:
            url = urljoin(self._core.package_base_url, known.file)
            if url != package.url:
                yield url
        if package.source == "kernel":
            return
        # another index than the one that the lock file was made with may have the same file
        try:
            files = PackageIndex(self._index_url, self._network).files(package.name)
        except NetworkError as error:
            if not error.missing:
                problems.append(error)
            return
        for wheel in files:
            if isinstance(wheel, str) or wheel.file != package.file or wheel.location == package.url:
                continue
            if wheel.sha256 in {None, package.sha256}:
                yield str(wheel.location)
