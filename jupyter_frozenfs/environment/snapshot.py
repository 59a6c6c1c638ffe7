"""The memory of a warmed-up kernel, taken and tried out in Node."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_frozenfs.errors import BuildError

from .node import run_job

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .declare import Environment
    from .warm_up import WarmUp

#: the snapshot on a site
SNAPSHOT = "snapshot.img"

#: the runtime with the snapshot's libraries linked into it
LINKED = "linked.wasm"

#: a copy of what a restored kernel reads of the image: its index, and what its first cells read
INDEX = "index.img"

#: what is in the snapshot, for people: no kernel fetches it
CONTENTS = "snapshot.json"

#: packages whose imports a build names
_SLOWEST = 5

#: bytes of the image that `INDEX` has for the first cells: every start fetches them
_READ_FIRST = 5 << 18

#: bytes of the image that are taken along rather than left out between two of its ranges: a request costs
#: more, and a font of which the warm-up has drawn some letters has others in between
_GAP = 1 << 18

#: bytes of an image that are read to learn where its chunks lie, see `labextension/src/image/gzip.ts`
_FIRST_READ = 4096

#: of the gzip header before the extra field
_GZIP_HEADER = 12


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot file.

    Attributes
    ----------
    path
        Where it is.
    sha256
        Of the whole file.
    header_size, header_sha256
        Of what precedes its frames, which holds the digests of these.
    linked, linked_sha256
        The runtime with the libraries linked into it: where it is, and its digest.
    read
        What a restored kernel read of the image's file while the warm-up ran once more: offset and length in
        bytes, in order.
    contents
        What is in it: ``memory`` (bytes), ``kernel`` (what was there before the warm-up), ``warm_up`` (by how
        much the memory grew for each package, in bytes, and how many modules were loaded), ``libraries``.
    """

    path: Path
    sha256: str
    header_size: int
    header_sha256: str
    linked: Path
    linked_sha256: str
    read: tuple[tuple[int, int], ...]
    contents: Mapping[str, Any]


def take_snapshot(
    warm_up: WarmUp, image: Path, mounts: Sequence[Mapping[str, str]], epoch: int, level: int
) -> Snapshot | None:
    """Take a snapshot of a kernel after its warm-up, and restore it in a fresh process.

    Parameters
    ----------
    warm_up
        What the kernel runs.
    image, mounts
        The final image, and where it appears.
    epoch
        What the clock shows meanwhile, in seconds since 1970: the same input gives the same bytes.
    level
        How hard zstd tries, 1 to 19.

    Returns
    -------
    Snapshot or None
        None when it cannot be; the reason was reported.

    Raises
    ------
    BuildError
        It cannot be, and the environment requires it.
    """
    try:
        return _take(warm_up, image, mounts, epoch, level)
    except BuildError as error:
        name = warm_up.environment.name
        if warm_up.environment.snapshot == "required":
            raise BuildError(
                f"{name!r} cannot have a snapshot. {error}\nChange the warm-up, or write `snapshot = true` "
                "to have kernels start without one."
            ) from error
        warm_up.report.log(f"Kernels of {name!r} start without a snapshot. {error}")
        return None


def _take(
    warm_up: WarmUp, image: Path, mounts: Sequence[Mapping[str, str]], epoch: int, level: int
) -> Snapshot:
    report = warm_up.report
    path = warm_up.work / SNAPSHOT
    linked = warm_up.work / LINKED
    job = {**warm_up.job(image, mounts), "snapshot": str(path), "linked": str(linked)}
    report.step("snapshot")
    taken = run_job({**job, "job": "take-snapshot", "epoch": epoch, "level": level}, report)
    if "refused" in taken:
        raise BuildError(f"It cannot be taken: {taken['refused']}")
    report.step("check the snapshot")
    check = {"job": "check-snapshot", "head": taken["head"], **_authors_check(warm_up.environment)}
    checked = run_job({**job, **check}, report)
    if "refused" in checked:
        raise BuildError(f"It does not work in another process: {checked['refused']}")
    contents = taken["contents"]
    slowest = sorted(taken["imports"], key=lambda one: (-one[1], one[0]))[:_SLOWEST]
    times = ", ".join(f"{name} {milliseconds} ms" for name, milliseconds in slowest)
    report.log(f"Of the warm-up without a snapshot, most time went to {times}")
    report.log(
        f"The snapshot holds {contents['memory'] / 1e6:.0f} MB and {len(contents['libraries'])} libraries in "
        f"{taken['size']:,} bytes, the runtime with these has {linked.stat().st_size:,}; it is restored in "
        f"{checked['milliseconds']['restore']} ms"
    )
    return Snapshot(
        path,
        taken["sha256"],
        taken["head"]["size"],
        taken["head"]["sha256"],
        linked,
        taken["linked"],
        tuple((offset, length) for offset, length in checked["read"]),
        contents,
    )


def _authors_check(environment: Environment) -> dict[str, Any]:
    check = environment.check
    if isinstance(check, Path):
        return {"check": check.read_text(encoding="utf-8"), "check_name": check.name}
    return {"check": check or None, "check_name": "check"}


def head_size(image: Path) -> int:
    """Return how many bytes at the beginning of an image tell where its chunks lie."""
    with image.open("rb") as file:
        start = file.read(_GZIP_HEADER)
    return min(image.stat().st_size, max(_FIRST_READ, _GZIP_HEADER + int.from_bytes(start[10:12], "little")))


def first_ranges(
    read: Sequence[tuple[int, int]], start: int, end: int, most: int = _READ_FIRST, gap: int = _GAP
) -> list[tuple[int, int]]:
    """Return what of a file is read first, as offsets and lengths, without overlaps, in the file's order.

    Parameters
    ----------
    read
        Offset and length of each read, in order.
    start, end
        What lies before and behind needs no copy.
    most
        How many bytes in all; the read that would exceed them is left out, with those that follow.
    gap
        So many bytes between two ranges are read with them.
    """
    ranges: list[tuple[int, int]] = []
    for offset, length in read:
        piece = (max(offset, start), min(offset + length, end))
        if piece[0] >= piece[1]:
            continue
        merged: list[tuple[int, int]] = []
        for first, last in sorted([*ranges, piece]):
            if merged and first <= merged[-1][1] + gap:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        if sum(last - first for first, last in merged) > most:
            break
        ranges = merged
    return [(first, last - first) for first, last in ranges]


def snapshot_manifest(
    snapshot: Snapshot,
    parts: Sequence[Mapping[str, Any]],
    linked: Sequence[Mapping[str, Any]],
    index: Mapping[str, Any],
    contents: Mapping[str, Any],
) -> dict[str, Any]:
    """Describe a snapshot for ``environment.json``.

    Parameters
    ----------
    parts
        Names and sizes of the files that hold it.
    linked
        The same of the runtime with its libraries.
    index
        The copy of pieces of the image that a restored kernel reads: ``parts``, ``sha256``, and what follows
        the index in it: so many bytes of the beginning (``boot``), then ``ranges`` (offset, length).
    contents
        The file that tells what is in it: ``parts``, ``sha256``.
    """
    return {
        "parts": list(parts),
        "size": sum(part["size"] for part in parts),
        "sha256": snapshot.sha256,
        "header": {"size": snapshot.header_size, "sha256": snapshot.header_sha256},
        "linked": {
            "parts": list(linked),
            "size": sum(part["size"] for part in linked),
            "sha256": snapshot.linked_sha256,
        },
        "index": dict(index),
        "contents": dict(contents),
    }
