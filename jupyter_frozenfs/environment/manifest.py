"""``environment.json``, what a frozen environment consists of.

It is read by `labextension/src/runtime/manifest.ts`; the two agree on `VERSION`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .sizes import installed_sizes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_frozenfs.image import ImageSummary

    from .core import Core
    from .declare import Environment
    from .lockfile import Resolution

#: the version of the manifest that is written
VERSION = 2

#: its name on a site
MANIFEST = "environment.json"


def environment_manifest(
    environment: Environment,
    resolution: Resolution,
    core: Core,
    tree: Path,
    *,
    python: str,
    image: ImageSummary,
    parts: Sequence[tuple[str, int]],
    start: Sequence[tuple[str, int]],
    start_sha256: str,
    mounts: Sequence[Mapping[str, str]],
    snapshot: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Describe a frozen environment.

    Parameters
    ----------
    environment
        What was declared.
    resolution
        What was installed.
    core
        The Pyodide that it was built for.
    tree
        Where it was installed.
    python
        The version of Python that ran the warm-up.
    image, parts
        The image, and the names and sizes in bytes of the files that hold it.
    start, start_sha256
        The same of the copy of what every start reads: the bytes from ``last_chunk`` on, then those
        before ``boot``.
    mounts
        Where in a kernel it appears.
    snapshot
        What `snapshot_manifest` says, when there is a snapshot.
    """
    sizes = installed_sizes(tree.joinpath(*Path(core.lib).parts[1:], "site-packages"))
    warm_up = environment.warm_up
    manifest: dict[str, Any] = {
        "version": VERSION,
        "name": environment.name,
        "display_name": environment.display_name,
        "python": python,
        "runtime": {
            "version": core.version,
            "url": f"../../runtime/{core.digest}/",
            "package_base_url": core.package_base_url,
        },
        "image": {
            "parts": described(parts),
            "size": image.size,
            "sha256": image.sha256,
            "boot": image.boot,
            "last_chunk": image.last_chunk,
            "uncompressed_size": image.uncompressed_size,
            "start": {"parts": described(start), "sha256": start_sha256},
        },
        "mounts": list(mounts),
        "packages": [
            {
                "name": package.name,
                "version": package.version,
                "source": package.source,
                "file": package.file,
                "sha256": package.sha256,
                "size": sizes.get(package.name, 0),
                "in_lock": package.name in core.packages,
            }
            for package in resolution.packages
        ],
        "warm_up": {
            "modules": [] if isinstance(warm_up, Path) else list(warm_up),
            "script": warm_up.name if isinstance(warm_up, Path) else None,
        },
    }
    if exposed := _exposed(environment):
        manifest["exposed"] = exposed
    if snapshot is not None:
        manifest["snapshot"] = snapshot
    return manifest


def _exposed(environment: Environment) -> dict[str, Any] | None:
    """Return what a kernel that starts without the snapshot runs, to have the names that are exposed."""
    script = environment.warm_up
    if not environment.expose or not isinstance(script, Path):
        return None
    return {
        "names": list(environment.expose),
        "script": script.read_text(encoding="utf-8"),
        "script_name": script.name,
    }


def described(parts: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """Return the pieces of a file as a manifest has them, by their names and sizes in bytes."""
    return [{"file": file, "size": size} for file, size in parts]


def image_parts(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the name and size of each file beside a manifest that holds bytes of its image or snapshot."""
    return [part for whole in image_files(manifest).values() for part in whole["parts"]]


def image_files(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what a manifest describes by parts and a SHA-256, by its keys."""
    files = {"image": manifest["image"], "image.start": manifest["image"]["start"]}
    if snapshot := manifest.get("snapshot"):
        files["snapshot"] = snapshot
        files.update({f"snapshot.{key}": snapshot[key] for key in ("linked", "index", "contents")})
    return files


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """Return a manifest as it is on a site: the same manifest gives the same bytes."""
    return (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode()
