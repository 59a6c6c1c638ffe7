"""From requirements to a list of wheels."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from jupyter_frozenfs.errors import BuildError

from .cache import DownloadCache
from .catalogue import Catalogue
from .explain import explain
from .fetch_core import find_core
from .files import sha256_of
from .index import PackageIndex, configured_index
from .lockfile import Package, Resolution, read_lock, write_lock
from .network import Network, without_credentials
from .node import bundle
from .proxy import serve
from .requirements import Asked, read_requirements
from .sources import IndexSource, LockSource, WheelList
from .tags import Platform
from .uv import ROOT, UvError, uv_resolve
from .wheels import wheel_of

if TYPE_CHECKING:
    from .core import Core
    from .declare import Environment
    from .options import BuildOptions
    from .report import Report
    from .requirements import Wanted
    from .uv import Pin
    from .wheels import Wheel

#: Raised when the rules by which packages are chosen change: lock files are then resolved anew.
RULES = 1

#: what a kernel needs whatever the environment asks for: `pyodide_kernel` and `piplite`, the stand-in that
#: packages for Jupyter find as `ipykernel`, completion, and the installer behind `%pip`
KERNEL = ("piplite", "pyodide-kernel", "ipykernel", "comm", "ipython", "jedi", "micropip")

#: who asks for these
KERNEL_ORIGIN = "the kernel"


def lock_path(environment: Environment, options: BuildOptions) -> Path:
    """Return where the lock file of an environment is."""
    return (options.lock_dir or environment.directory) / f"frozen-{environment.name}.lock"


def resolve(environment: Environment, options: BuildOptions, report: Report) -> Resolution:
    """Choose the packages of an environment, and write them into its lock file.

    When the lock file was made of the same declaration it is returned as it is, without any network.

    Raises
    ------
    BuildError
        A requirement cannot be met; the message says which, who asks for it, and what was found.
    """
    report.step("resolve")
    path = lock_path(environment, options)
    core = find_core(options, report)
    wanted = read_requirements(environment)
    kernel = WheelList.of_directories("the kernel", "kernel", [bundle() / "pypi"])
    inputs = inputs_digest(wanted, core, kernel)
    before = read_lock(path, environment.name)
    if before and before.inputs == inputs and not options.upgrade:
        report.log(f"{path.name} holds {len(before.packages)} packages, unchanged")
        return before
    resolution = _Resolver(environment, options, core, wanted, kernel, report).run(
        None if options.upgrade else before, inputs
    )
    write_lock(path, resolution)
    report.log(f"{path.name} holds {len(resolution.packages)} packages")
    return resolution


def inputs_digest(wanted: Wanted, core: Core, kernel: WheelList) -> str:
    """Return a digest of all that decides which packages are chosen, but for what indexes offer."""
    stated = {
        "rules": RULES,
        "pyodide": core.version,
        "python": core.python,
        "abi": core.abi,
        "kernel": [
            wheel.file for name in kernel.names for wheel in kernel.find(name) if not isinstance(wheel, str)
        ],
        "requirements": sorted(map(_stated, wanted.requirements)),
        "constraints": sorted(map(_stated, wanted.constraints)),
    }
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def _stated(asked: Asked) -> list[str]:
    location = asked.location
    what = sha256_of(location) if isinstance(location, Path) else without_credentials(location or "")
    return [str(asked.requirement), what]


@dataclass(slots=True)
class _Resolver:
    """One resolution, from the sources that the options name."""

    environment: Environment
    options: BuildOptions
    core: Core
    wanted: Wanted
    kernel: WheelList
    report: Report

    def run(self, before: Resolution | None, inputs: str) -> Resolution:
        index_url = self.options.index_url or configured_index()
        direct_urls = [
            asked.location for asked in self.wanted.requirements if isinstance(asked.location, str)
        ]
        network = Network(self.options.timeout, [index_url, self.core.package_base_url, *direct_urls])
        cache = DownloadCache(self.options.cache)
        platform = Platform(self.core.python, self.core.abi)
        wheelhouse = WheelList.of_directories("the wheelhouse", "wheelhouse", self._wheelhouse())
        index = IndexSource(PackageIndex(index_url, network), network, cache)
        catalogue = Catalogue(
            [self.kernel, self._direct(cache, network)],
            [wheelhouse, LockSource(self.core, network, cache), index],
            platform,
        )
        roots = [*self.wanted.requirements, *(Asked(Requirement(name), KERNEL_ORIGIN) for name in KERNEL)]
        pins = self._solve(catalogue, roots, self._preferences(before, wheelhouse, platform), platform)
        packages = []
        for pin in pins:
            wheel = catalogue.wheel(pin.name, pin.version)
            if wheel is None:
                raise BuildError(f"uv chose {pin.name} {pin.version}, which no source has. Build again.")
            packages.append(self._package(pin, wheel, roots, cache, network))
        self._warn_of_shared_libraries(packages)
        return Resolution(
            self.environment.name,
            self.core.version,
            inputs,
            tuple(sorted(packages, key=lambda each: each.name)),
        )

    def _wheelhouse(self) -> list[Path]:
        for directory in self.options.wheelhouse:
            if not directory.is_dir():
                self.report.log(f"There is no wheelhouse {directory}: packages come from elsewhere")
        return [directory for directory in self.options.wheelhouse if directory.is_dir()]

    def _direct(self, cache: DownloadCache, network: Network) -> WheelList:
        """List the wheels that requirements name by path or address."""
        wheels = []
        for asked in (*self.wanted.requirements, *self.wanted.constraints):
            if isinstance(asked.location, Path):
                sha256 = sha256_of(asked.location)
                wheels.append(wheel_of(asked.location.name, "path", asked.location, sha256))
            elif asked.location is not None:
                file = asked.location.partition("#")[0].rpartition("/")[2].replace("%2B", "+")
                _, _, expected = asked.location.partition("#sha256=")
                found = cache.fetch(asked.location.partition("#")[0], file, expected or None, network)
                wheel = wheel_of(file, "url", found, sha256_of(found))
                wheels.append(wheel)
        return WheelList("the requirements", wheels)

    def _preferences(
        self, before: Resolution | None, wheelhouse: WheelList, platform: Platform
    ) -> dict[str, str]:
        """Return the versions to take where requirements allow them: the weakest reason first."""
        found = {
            name: package.version
            for name, package in self.core.packages.items()
            if not package.shared_library
        }
        for name in wheelhouse.names:
            usable = [
                wheel.version
                for wheel in wheelhouse.find(name)
                if not isinstance(wheel, str) and platform.rank(wheel.tags) is not None
            ]
            if usable:
                found[name] = str(max(usable))
        if before:
            found.update({package.name: package.version for package in before.packages})
        return {name: version for name, version in found.items() if _is_version(version)}

    def _solve(
        self, catalogue: Catalogue, roots: list[Asked], preferences: dict[str, str], platform: Platform
    ) -> list[Pin]:
        requirements = [str(asked.requirement) for asked in roots]
        constraints = [str(asked.requirement) for asked in self.wanted.constraints]
        while True:
            try:
                with serve(catalogue) as index:
                    return uv_resolve(requirements, constraints, preferences, index, platform)
            except UvError as error:  # noqa: PERF203 - twice at most
                # a requirement may want another version than the preferred source has
                if not catalogue.widen():
                    raise explain(self.environment, catalogue, roots, platform, error) from error

    def _package(
        self, pin: Pin, wheel: Wheel, roots: list[Asked], cache: DownloadCache, network: Network
    ) -> Package:
        url = path = ""
        sha256 = wheel.sha256
        if wheel.source == "path":
            path = _relative(Path(wheel.location), self.environment.directory)
        elif wheel.source == "url":
            url = next(
                asked.location.partition("#")[0]
                for asked in roots
                if asked.name == pin.name and isinstance(asked.location, str)
            )
        elif not isinstance(wheel.location, Path):
            url = wheel.location
        if sha256 is None:
            file = wheel.location
            if not isinstance(file, Path):
                file = cache.fetch(file, wheel.file, None, network)
            sha256 = sha256_of(file)
        known = self.core.packages.get(pin.name)
        if not url and known and known.sha256 == sha256:
            # the same bytes are on Pyodide's server, for who has no wheelhouse
            url = urljoin(self.core.package_base_url, known.file)
        origins = {asked.origin for asked in roots if asked.name == pin.name and ROOT in pin.via}
        return Package(
            name=pin.name,
            version=str(pin.version),
            file=wheel.file,
            sha256=sha256,
            source=wheel.source,
            url=without_credentials(url),
            path=path,
            asked_by=tuple(sorted({*origins, *(via for via in pin.via if via != ROOT)})),
        )

    def _warn_of_shared_libraries(self, packages: list[Package]) -> None:
        for package in packages:
            known = self.core.packages.get(package.name)
            if known is None or package.sha256 != known.sha256:
                continue
            missing = [
                name
                for name in known.depends
                if (library := self.core.packages.get(name)) is not None and library.shared_library
            ]
            if missing:
                self.report.log(
                    f"{package.name} needs {', '.join(missing)}, which Pyodide keeps outside of wheels and "
                    "which is not frozen: the kernel fetches it when the package is imported."
                )


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _relative(path: Path, directory: Path) -> str:
    """Return a path for the lock file: relative where that can be said, else the name alone."""
    try:
        return Path(os.path.relpath(path, directory)).as_posix()
    except ValueError:
        return path.name
