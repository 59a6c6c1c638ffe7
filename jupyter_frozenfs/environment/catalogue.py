"""What can be had of each package, from all sources in their order."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .network import NetworkError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packaging.version import Version

    from .sources import WheelSource
    from .tags import Platform
    from .wheels import Wheel


@dataclass(slots=True)
class Offer:
    """What was found of one package.

    Attributes
    ----------
    name
        Normalized.
    wheels
        For each version the wheel to take.
    foreign
        Wheels for other platforms, of versions that have none for this one.
    others
        Names of files that are no wheels.
    unreachable
        The sources that did not answer.
    """

    name: str
    wheels: dict[Version, Wheel] = field(default_factory=dict)
    foreign: dict[Version, list[Wheel]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    unreachable: list[NetworkError] = field(default_factory=list)

    @property
    def known(self) -> bool:
        """Whether any source has heard of the package."""
        return bool(self.wheels or self.foreign or self.others)


class Catalogue:
    """The wheels of all sources, for any thread.

    The wheels of an exclusive source are the only ones of their packages. Of other packages the first source
    that has a usable wheel is asked, and no other, so that a build with a wheelhouse needs no network;
    `widen` asks all of them.

    Parameters
    ----------
    exclusive
        Sources for packages that must come from there.
    sources
        All others, the preferred first.
    platform
        What the wheels must fit.
    """

    def __init__(
        self, exclusive: Sequence[WheelSource], sources: Sequence[WheelSource], platform: Platform
    ) -> None:
        self._exclusive = exclusive
        self._sources = sources
        self._platform = platform
        self._wide = False
        self._offers: dict[str, Offer] = {}
        self._found: dict[tuple[int, str], list[Wheel | str] | NetworkError] = {}
        self._origin: dict[Wheel, WheelSource] = {}
        self._metadata: dict[Wheel, bytes] = {}
        self._locks: dict[str, threading.Lock] = {}
        self.failures: dict[Wheel, Exception] = {}

    def widen(self) -> bool:
        """Ask all sources from now on; False when that was so already, or when a source is out of reach."""
        if self._wide or any(offer.unreachable and not offer.wheels for offer in self.offers):
            return False
        self._wide = True
        self._offers.clear()
        return True

    @property
    def offers(self) -> list[Offer]:
        """All that was asked for, sorted by name."""
        return [self._offers[name] for name in sorted(self._offers)]

    def offer(self, name: str) -> Offer:
        """Return what can be had of a package."""
        name = canonicalize_name(name)
        with self._locks.setdefault(name, threading.Lock()):
            if name not in self._offers:
                self._offers[name] = self._collect(name)
            return self._offers[name]

    def _collect(self, name: str) -> Offer:
        for source in self._exclusive:
            offer = Offer(name)
            self._add(offer, source)
            if offer.known:
                return offer
        offer = Offer(name)
        for source in self._sources:
            self._add(offer, source)
            if offer.wheels and not self._wide:
                break
        return offer

    def _add(self, offer: Offer, source: WheelSource) -> None:
        key = (id(source), offer.name)
        if key not in self._found:
            try:
                self._found[key] = source.find(offer.name)
            except NetworkError as error:
                self._found[key] = error
        found = self._found[key]
        if isinstance(found, NetworkError):
            offer.unreachable.append(found)
            return
        best: dict[Version, tuple[tuple[int, tuple[int, str] | tuple[()]], Wheel]] = {}
        for item in found:
            if isinstance(item, str):
                offer.others.append(item)
                continue
            self._origin[item] = source
            rank = self._platform.rank(item.tags)
            if rank is None:
                offer.foreign.setdefault(item.version, []).append(item)
                continue
            order = (-rank, item.build)
            if item.version not in best or order > best[item.version][0]:
                best[item.version] = (order, item)
        for version, (_, wheel) in best.items():
            offer.wheels.setdefault(version, wheel)
        for version in offer.wheels:
            offer.foreign.pop(version, None)

    def metadata(self, wheel: Wheel) -> bytes:
        """Return the ``METADATA`` of an offered wheel; a failure is kept in `failures`, too."""
        if wheel not in self._metadata:
            try:
                self._metadata[wheel] = self._origin[wheel].metadata(wheel)
            except Exception as error:
                self.failures[wheel] = error
                raise
        return self._metadata[wheel]

    def wheel(self, name: str, version: Version) -> Wheel | None:
        """Return the offered wheel of a version."""
        return self.offer(name).wheels.get(version)

    def dependents(self, name: str) -> list[str]:
        """Return who requires a package, as far as metadata was read: ``matplotlib 3.10.8 (numpy>=1.23)``."""
        found = {}
        for wheel, data in sorted(self._metadata.items(), key=lambda item: (item[0].name, item[0].version)):
            for requirement in requires(data):
                if canonicalize_name(requirement.name) == name:
                    found[wheel.name] = f"{wheel.name} {wheel.version} ({requirement})"
        return list(found.values())


def requires(metadata: bytes) -> list[Requirement]:
    """Return the dependencies that metadata state; those that cannot be read are left out."""
    message = HeaderParser().parsestr(metadata.decode("utf-8", "replace"))
    found = []
    for text in message.get_all("Requires-Dist") or []:
        with suppress(InvalidRequirement):
            found.append(Requirement(text))
    return found
