"""What a built site has under ``frozen/``: is it whole, what does it weigh, what is left of former builds."""

from __future__ import annotations

import hashlib
import json
import os.path
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_frozenfs.errors import BuildError

from .core import DIGEST_LENGTH, RUNTIME_FILES, RUNTIME_WASM, runtime_digest
from .files import sha256_of
from .freeze import RUNTIME
from .manifest import MANIFEST, VERSION, image_files, image_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: packages that a report names
_LARGEST = 5


@dataclass(frozen=True, slots=True)
class Weight:
    """What an environment weighs, in bytes as a host without compression sends them.

    Attributes
    ----------
    image
        The whole image.
    runtime
        Pyodide, with the libraries of the snapshot if there is one.
    boot
        The first part of the image, which every start reads.
    index
        The last part of the image, which every start reads, and the manifest; with a snapshot also what the
        first cells read.
    packages
        Installed sizes of the largest packages, the largest first.
    snapshot
        The snapshot, which a start reads instead of the first part of the image; 0 without one.
    """

    image: int
    runtime: int
    boot: int
    index: int
    packages: tuple[tuple[str, int], ...]
    snapshot: int = 0

    @property
    def first_visit(self) -> int:
        """What a browser fetches before the first cell of a first visit runs."""
        return self.runtime + (self.snapshot or self.boot) + self.index

    def lines(self) -> list[str]:
        """Tell it to a person."""
        largest = ", ".join(f"{name} {_megabytes(size)}" for name, size in self.packages)
        pyodide = "Pyodide with the compiled libraries" if self.snapshot else "Pyodide"
        index = _megabytes(self.index)
        boot = (
            f"the snapshot {_megabytes(self.snapshot)}, the index of the image {index}"
            if self.snapshot
            else f"the start of the image {_megabytes(self.boot)}, its index {index}"
        )
        first = f"{pyodide} {_megabytes(self.runtime)} (compressed by many hosts), {boot}"
        return [
            f"a first visit fetches {_megabytes(self.first_visit)}: {first}",
            f"the whole image has {_megabytes(self.image)}; the rest of it is fetched when it is read",
            f"largest packages, unpacked: {largest}",
        ]


def weigh(path: Path) -> Weight:
    """Weigh an environment of a site by its manifest."""
    manifest = _read(path)
    image = manifest["image"]
    runtime = path.parent / manifest["runtime"]["url"]
    snapshot = manifest.get("snapshot")
    index = _size(snapshot["index"]) if snapshot else image["size"] - image["last_chunk"]
    files = [name for name in RUNTIME_FILES if not (snapshot and name == RUNTIME_WASM)]
    largest = sorted(manifest["packages"], key=lambda package: (-package["size"], package["name"]))
    return Weight(
        image=image["size"],
        runtime=sum((runtime / name).stat().st_size for name in files)
        + (snapshot["linked"]["size"] if snapshot else 0),
        boot=image["boot"],
        index=index + path.stat().st_size,
        packages=tuple((package["name"], package["size"]) for package in largest[:_LARGEST]),
        snapshot=snapshot["size"] if snapshot else 0,
    )


def _size(whole: Mapping[str, Any]) -> int:
    return sum(part["size"] for part in whole["parts"])


def runtime_folder(path: Path) -> Path:
    """Return where the runtime of an environment of a site lies.

    Raises
    ------
    BuildError
        The manifest is not one that this release writes.
    """
    manifest = _read(path)
    try:
        return Path(os.path.normpath(path.parent / manifest["runtime"]["url"]))
    except (KeyError, TypeError) as error:
        raise _lacks(path, error) from error


def linked_files(path: Path) -> list[Path]:
    """Return the files that hold the linked runtime of an environment of a site; none without a snapshot."""
    snapshot = _read(path).get("snapshot")
    try:
        return [path.parent / part["file"] for part in snapshot["linked"]["parts"]] if snapshot else []
    except (KeyError, TypeError) as error:
        raise _lacks(path, error) from error


def missing_files(path: Path) -> list[Path]:
    """Return what an environment of a site refers to and is not there, or not in its size; reads no image.

    Raises
    ------
    BuildError
        The manifest is not one that this release writes.
    """
    if not path.is_file():
        return [path]
    manifest = _read(path)
    runtime = runtime_folder(path)
    try:
        parts = {path.parent / part["file"]: part["size"] for part in image_parts(manifest)}
    except (KeyError, TypeError) as error:
        raise _lacks(path, error) from error
    missing = [file for file in (runtime / name for name in RUNTIME_FILES) if not file.is_file()]
    return missing + [
        file for file, size in parts.items() if not file.is_file() or file.stat().st_size != size
    ]


def check_environment(path: Path) -> None:
    """Check every file that an environment of a site consists of against its size and SHA-256.

    Parameters
    ----------
    path
        Its ``environment.json``.

    Raises
    ------
    BuildError
        A file is missing, or is not the one that was built.
    """
    for file in missing_files(path):
        found = f"{file.stat().st_size:,} bytes" if file.is_file() else "nothing"
        raise BuildError(f"{file} is not what {path} expects: found {found}. {_mending(file.parent)}")
    _expect(path, path.parent.name, sha256_of(path)[:DIGEST_LENGTH], "the name of its folder")
    manifest = _read(path)
    for where, whole in image_files(manifest).items():
        digest = hashlib.sha256()
        for part in whole["parts"]:
            with (path.parent / part["file"]).open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        name = path.parent / whole["parts"][0]["file"]
        _expect(name, whole["sha256"], digest.hexdigest(), f"{path.name}, {where}.sha256")
    runtime = path.parent.parent.parent / RUNTIME / manifest["runtime"]["url"].rstrip("/").rpartition("/")[2]
    _expect(runtime, runtime.name, runtime_digest(runtime), "the name of the folder")


def prune_runtimes(frozen: Path) -> None:
    """Remove each Pyodide that no environment of the site starts any more.

    Parameters
    ----------
    frozen
        The folder ``frozen`` of a site; builds of other releases may lie in it.
    """
    used = "".join(path.read_text(encoding="utf-8") for path in frozen.glob(f"*/*/{MANIFEST}"))
    for directory in (frozen / RUNTIME).glob("*"):
        if f"/{directory.name}/" not in used and not directory.name.startswith("."):
            shutil.rmtree(directory, ignore_errors=True)


def undeclared(frozen: Path, names: Iterable[str]) -> list[Path]:
    """Return the folders of environments that were built once and are not declared any more."""
    found = {manifest.parent.parent for manifest in frozen.glob(f"*/*/{MANIFEST}")}
    return sorted(path for path in found if path.name not in set(names))


def _expect(what: Path, expected: str, found: str, where: str) -> None:
    if expected != found:
        folder = what if what.is_dir() else what.parent
        raise BuildError(
            f"{what} is damaged: its SHA-256 is {found}, {where} says {expected}. {_mending(folder)}"
        )


def _lacks(path: Path, error: Exception) -> BuildError:
    return BuildError(f"{path} lacks {error}, which every manifest has. {_mending(path.parent)}")


def _mending(folder: Path) -> str:
    return (
        f"Delete {folder} and build again with `jupyter lite build`, or copy this folder again, whole and "
        "unchanged."
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        version = manifest["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BuildError(
            f"{path} cannot be read ({error}), expected the manifest of an environment. "
            f"{_mending(path.parent)}"
        ) from error
    if version != VERSION:
        raise BuildError(
            f"{path} has version {version!r}, expected {VERSION}. Build the site with one release only."
        )
    return manifest  # type: ignore[no-any-return]


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
