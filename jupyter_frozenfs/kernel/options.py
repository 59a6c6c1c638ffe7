"""The options of freezing and thawing, as magics and functions share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class FreezeOptions:
    """What `freeze` was told; see there."""

    name: str | None
    root: str | None
    include: Sequence[str]
    exclude: Sequence[str]
    include_mounts: bool
    layer: bool
    base: str | None
    gzip: bool
    note: str
    force: bool
    download: bool
    file: str | None
    progress: bool


@dataclass(frozen=True, slots=True)
class ThawOptions:
    """What `thaw` was told; see there."""

    source: str | None
    root: str | None
    include: Sequence[str]
    exclude: Sequence[str]
    upload: bool
    clean: bool
    keep_newer: bool
    dry_run: bool
    rebase: bool
    trust: bool
    progress: bool


@dataclass(frozen=True, slots=True)
class MountOptions:
    """What `mount` was told; see there."""

    source: str | None
    path: str
    root: str
    writable: bool
    upload: bool
    progress: bool
