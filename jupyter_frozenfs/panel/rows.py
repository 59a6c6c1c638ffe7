"""What the page is told, as JSON: `labextension/src/panel/types.ts` has the same names."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_frozenfs.image import Change, Entry
    from jupyter_frozenfs.kernel.mount_results import Mount
    from jupyter_frozenfs.kernel.results import Frozen, Thawed, ThawPlan

#: paths of one kind that travel to a page, which is told how many there are
MOST_PATHS = 1000


def mount_rows(mounts: Iterable[Mount]) -> list[dict[str, Any]]:
    """Return what is mounted."""
    return [asdict(mount) for mount in mounts]


def plan_row(plan: ThawPlan) -> dict[str, Any]:
    """Return what a thaw would do: lists are cut, `counts` has their lengths."""
    lists = {
        "created": plan.created,
        "changed": plan.changed,
        "removed": plan.removed,
        "kept": plan.kept,
        "dangerous": _pairs(plan.dangerous),
        "conflicts": _pairs(plan.conflicts),
    }
    return {
        "name": plan.name,
        "root": plan.root,
        **{name: list(found[:MOST_PATHS]) for name, found in lists.items()},
        "counts": {name: len(found) for name, found in lists.items()},
        "bytes": plan.size,
    }


def thawed_row(thawed: Thawed) -> dict[str, Any]:
    """Return what a thaw has done, in counts."""
    return {
        "name": thawed.name,
        "root": thawed.root,
        "counts": {
            "created": thawed.created,
            "changed": thawed.changed,
            "removed": thawed.removed,
            "kept": thawed.kept,
            "conflicts": len(thawed.conflicts),
        },
        "conflicts": _pairs(thawed.conflicts[:MOST_PATHS]),
        "bytes": thawed.size,
    }


def frozen_row(frozen: Frozen) -> dict[str, Any]:
    """Return what a freeze has made."""
    skipped = frozen.skipped
    return {
        **asdict(frozen),
        "skipped": _pairs(skipped[:MOST_PATHS]),
        "counts": {"skipped": len(skipped)},
    }


def change_row(change: Change) -> dict[str, Any]:
    """Return how two trees differ at a path."""
    return {
        "path": change.path,
        "kind": change.kind,
        "before": _size(change.before),
        "after": _size(change.after),
        "differs": list(change.differs),
    }


def _size(entry: Entry | None) -> int | None:
    return entry.size if entry is not None and entry.kind == "file" else None


def _pairs(found: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"path": path, "why": why} for path, why in found]
