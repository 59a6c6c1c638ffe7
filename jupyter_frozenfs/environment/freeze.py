"""From an installed tree to a frozen environment on a site: compile, warm up, gather, write."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_frozenfs.image import write_image

from .compile import compile_tree
from .core import DIGEST_LENGTH, RUNTIME_FILES
from .fetch_core import find_core
from .files import put_files, sha256_of, temporary_directory, write_atomic
from .gather import Tree, default_epoch
from .manifest import MANIFEST, described, environment_manifest, image_parts, manifest_bytes
from .own_files import own_files
from .snapshot import CONTENTS, INDEX, first_ranges, head_size, snapshot_manifest, take_snapshot
from .warm_up import WarmUp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from jupyter_frozenfs.image import ImageSummary

    from .core import Core
    from .declare import Environment
    from .lockfile import Resolution
    from .options import BuildOptions
    from .report import Report
    from .snapshot import Snapshot

#: the image on a site. Not `.gz`: some hosts answer a range of such a file with `Content-Encoding: gzip`
IMAGE = "image.img"

#: a copy of what every start reads of the image
START = "start.img"

#: beside the builds of an environment: in which of them the image of a digest lies, for layers made on it
BUILDS = "builds.json"

#: the folder beside the environments of a site that holds Pyodide
RUNTIME = "runtime"


@dataclass(frozen=True, slots=True)
class FrozenEnvironment:
    """A frozen environment on a site.

    Attributes
    ----------
    directory
        ``…/frozen/NAME/DIGEST``.
    digest
        Names its content.
    manifest
        What is in ``environment.json``.
    runtime
        ``…/frozen/runtime/DIGEST``, shared with other environments.
    """

    directory: Path
    digest: str
    manifest: Mapping[str, Any]
    runtime: Path

    @property
    def path(self) -> Path:
        """The manifest's file."""
        return self.directory / MANIFEST

    def files(self) -> list[Path]:
        """Return all files of the environment, and of Pyodide."""
        parts = [self.directory / part["file"] for part in image_parts(self.manifest)]
        return [*parts, *(self.runtime / name for name in RUNTIME_FILES), self.path]


def freeze_environment(  # noqa: PLR0917 - the steps of a build have one signature
    environment: Environment,
    resolution: Resolution,
    tree: Path,
    options: BuildOptions,
    destination: Path,
    report: Report,
) -> FrozenEnvironment:
    """Write the image and the manifest of an installed environment.

    Parameters
    ----------
    environment
        What was declared.
    resolution
        What was installed.
    tree
        What `install` returned.
    options
        How.
    destination
        The folder of the environment on the site, ``…/frozen/NAME``; Pyodide goes to ``…/frozen/runtime``.
    report
        Is told how far it is.

    Raises
    ------
    WarmUpError
        The warm-up raised; the message holds its traceback.
    BuildError
        A declared file is missing or cannot be stored, or a step failed.
    """
    core = find_core(options, report)
    own = own_files(environment, lambda path, why: report.log(f"{path} is left out: it {why}"))
    compiled = compile_tree(tree, core, options, report)
    epoch = options.source_date_epoch
    contents = Tree(core.python, default_epoch(core) if epoch is None else epoch)
    contents.add_directory(compiled)
    contents.add(own)
    with temporary_directory(options.cache / "work") as work:
        warm_up = WarmUp(environment, resolution, core, work, report)
        python, boot = warm_up.run(contents)
        report.step("write")
        image = work / IMAGE
        mounts = contents.mounts(core)
        summary = write_image(
            image,
            contents.entries(),
            boot=contents.boot_list(boot),
            progress=lambda done, total: report.progress(done, total, IMAGE),
        )
        snapshot: Mapping[str, Any] | None = None
        snapshot_parts: list[Path] = []
        if environment.snapshot:
            taken = take_snapshot(warm_up, image, mounts, contents.mtime, options.snapshot_level)
            if taken is not None:
                snapshot, snapshot_parts = _add_snapshot(taken, image, summary, options.part_size)
        start = write_start(image, summary)
        start_sha256 = sha256_of(start)
        parts = split_image(image, options.part_size)
        start_parts = split_image(start, options.part_size)
        manifest = environment_manifest(
            environment,
            resolution,
            core,
            tree,
            python=python,
            image=summary,
            parts=_sizes(parts),
            start=_sizes(start_parts),
            start_sha256=start_sha256,
            mounts=mounts,
            snapshot=snapshot,
        )
        frozen = _write(manifest, [*parts, *start_parts, *snapshot_parts], core, destination)
    forget_builds(destination, frozen.directory, options.keep)
    write_builds(destination)
    report.log(f"{environment.name}: {summary.size:,} bytes, of which a start reads {summary.boot:,}")
    return frozen


def _add_snapshot(
    taken: Snapshot, image: Path, summary: ImageSummary, part_size: int | None
) -> tuple[Mapping[str, Any], list[Path]]:
    """Return what the manifest says about a snapshot, and its files.

    A restored kernel has in memory what the warm-up imported: of the image it fetches the index, and what the
    first cells read.
    """
    head = head_size(image)
    ranges = first_ranges(taken.read, head, summary.last_chunk)
    index = image.with_name(INDEX)
    copy_ranges(image, index, [*_start_ranges(summary, head), *ranges])
    index_sha256 = sha256_of(index)
    parts = split_image(taken.path, part_size)
    linked_parts = split_image(taken.linked, part_size)
    index_parts = split_image(index, part_size)
    described_index = {
        "parts": described(_sizes(index_parts)),
        "sha256": index_sha256,
        "boot": head,
        "ranges": [list(one) for one in ranges],
    }
    contents = image.with_name(CONTENTS)
    contents.write_bytes(manifest_bytes(taken.contents))
    described_contents = {"parts": described(_sizes([contents])), "sha256": sha256_of(contents)}
    manifest = snapshot_manifest(
        taken, described(_sizes(parts)), described(_sizes(linked_parts)), described_index, described_contents
    )
    return manifest, [*parts, *linked_parts, *index_parts, contents]


def write_start(image: Path, summary: ImageSummary) -> Path:
    """Copy what every start reads of an image into a file of its own: the last chunk, then the boot prefix.

    Browsers and service workers keep whole answers for the next visit, but hardly any keeps ranges. The last
    chunk, which is the index, comes first: with it the rest can be inflated as it arrives.
    """
    start = image.with_name(START)
    copy_ranges(image, start, _start_ranges(summary, summary.boot))
    return start


def _start_ranges(summary: ImageSummary, boot: int) -> list[tuple[int, int]]:
    return [(summary.last_chunk, summary.size - summary.last_chunk), (0, boot)]


def copy_ranges(source: Path, target: Path, ranges: Iterable[tuple[int, int]]) -> None:
    """Write pieces of a file, given by offsets and lengths in bytes, into another, one after the other."""
    with source.open("rb") as file, target.open("wb") as out:
        for offset, length in ranges:
            file.seek(offset)
            _copy(file, out, length)


def split_image(image: Path, part_size: int | None) -> list[Path]:
    """Cut a large image into numbered parts."""
    size = image.stat().st_size
    if part_size is None or size <= part_size:
        return [image]
    parts = []
    with image.open("rb") as source:
        for number in range(-(-size // part_size)):
            part = image.with_name(f"{image.name}.{number:03}")
            with part.open("wb") as out:
                _copy(source, out, min(part_size, size - number * part_size))
            parts.append(part)
    return parts


def _copy(source: BinaryIO, out: BinaryIO, length: int) -> None:
    while length:
        block = source.read(min(length, 1 << 20))
        out.write(block)
        length -= len(block)


def _sizes(parts: list[Path]) -> list[tuple[str, int]]:
    return [(part.name, part.stat().st_size) for part in parts]


def _write(
    manifest: Mapping[str, Any], parts: list[Path], core: Core, destination: Path
) -> FrozenEnvironment:
    """Put everything into place: what a manifest names is there before the manifest is."""
    runtime = write_runtime(core, destination.parent / RUNTIME)
    data = manifest_bytes(manifest)
    digest = hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH]
    directory = destination / digest
    file = parts[0].with_name(MANIFEST)
    file.write_bytes(data)
    put_files([*parts, file], directory)
    os.utime(directory)
    return FrozenEnvironment(directory, digest, manifest, runtime)


def write_runtime(core: Core, directory: Path) -> Path:
    """Put what a kernel fetches of Pyodide into a folder of its digest, and return that."""
    target = directory / core.digest
    put_files(core.runtime_files(), target)
    return target


def forget_builds(destination: Path, current: Path, keep: int) -> None:
    """Remove all but the newest builds: layers that were made on recent ones still find their base."""
    others = [path for path in destination.iterdir() if path != current and (path / MANIFEST).is_file()]
    others.sort(key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    for path in others[keep - 1 :]:
        shutil.rmtree(path, ignore_errors=True)


def write_builds(destination: Path) -> None:
    """List the builds of an environment that are on the site, by the SHA-256 of their images."""
    builds = {}
    for path in sorted(destination.glob(f"*/{MANIFEST}")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        builds[manifest["image"]["sha256"]] = path.parent.name
    write_atomic(destination / BUILDS, (json.dumps(builds, indent=1, sort_keys=True) + "\n").encode())
