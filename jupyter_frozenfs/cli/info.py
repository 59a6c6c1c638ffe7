"""``jupyter frozenfs info``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool

from jupyter_frozenfs.errors import ImageError

from .command import FLAGS, Command, say
from .inputs import STDIO, environment_manifest, opened
from .large import large_directories, large_files
from .snapshot_info import snapshot_facts, snapshot_lines, snapshot_manifest
from .text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jupyter_frozenfs.image import Image

#: How many of the largest are named.
_LARGEST = 5


class InfoApp(Command):
    """Describe an image, an environment or a snapshot."""

    name = "jupyter-frozenfs-info"
    usage = "jupyter frozenfs info [OPTION …] IMAGE"
    arguments = (1, 1)
    description = """
    Show what an image is: its sizes, its digest, what a start reads of it, its base when it is a layer,
    and what is large. The digest is computed from the file, the rest comes from the index; `verify`
    checks the contents.

    IMAGE is a file, the first part or the common name of a split image, or `-` for standard input. Of an
    environment or its folder, Python, Pyodide, packages and what a first visit fetches are shown too.

    Of a snapshot.img or its linked.wasm, or of an environment that has one, what is in the snapshot is
    shown: its libraries, and by how much each package made the memory grow while the warm-up ran. With that,
    an author can trim it.
    """
    examples = """
    jupyter frozenfs info image.img
    jupyter frozenfs info frozen/course/0123456789abcdef
    jupyter frozenfs info frozen/course/0123456789abcdef/snapshot.img
    jupyter frozenfs info --json image.img | jq .sha256
    """
    flags = FLAGS | {"json": ({"InfoApp": {"json": True}}, "Print a JSON object, with sizes in bytes")}
    completes = "IMAGE"

    json = Bool(default_value=False).tag(config=True)

    def run(self, arguments: Sequence[str]) -> None:
        """Print a line for each fact."""
        path = None if arguments[0] == STDIO else Path(arguments[0])
        if path and (manifest := snapshot_manifest(path)):
            self.tell_snapshot(manifest)
            return
        manifest = environment_manifest(path) if path else None
        environment = _environment(manifest) if manifest else None
        with opened(arguments[0]) as image:
            found = facts(image) | ({"environment": environment} if environment else {})
        if self.json:
            say(json.dumps(found, indent=1))
            return
        if environment:
            for label, value in _environment_lines(environment):
                say(f"{label:<16}{value}")
        for label, value in _lines(found):
            say(f"{label:<16}{value}")

    def tell_snapshot(self, manifest: Path) -> None:
        """Print what is in the snapshot of an environment."""
        found = snapshot_facts(manifest)
        if found is None:
            raise ImageError(f"{manifest} does not name the snapshot that lies beside it. Build again.")
        if self.json:
            say(json.dumps(found, indent=1))
            return
        for label, value in snapshot_lines(found):
            say(f"{label:<16}{value}")


def facts(image: Image) -> dict[str, Any]:
    """Find what there is to say of an image, in bytes and counts."""
    summary, index = image.summary, image.index
    return {
        "image": image.name,
        "size": summary.size,
        "parts": summary.parts,
        "compressed": image.compressed,
        "uncompressed_size": summary.uncompressed_size,
        "sha256": summary.sha256,
        "files": len(index.files),
        "directories": len(index.directories),
        "links": len(index.links),
        "chunks": summary.chunks,
        "chunk_size": index.chunk,
        "index_size": summary.size - summary.last_chunk,
        "boot": summary.boot,
        "boot_files": len(image.boot_list),
        "base": index.base,
        "whiteouts": index.whiteouts,
        "large_directories": large_directories(image.entries, _LARGEST),
        "large_files": large_files(image.entries, _LARGEST),
    }


def _lines(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "image", printable(found["image"])
    parts = f", in {len(found['parts'])} parts" if len(found["parts"]) > 1 else ""
    yield "size", f"{found['size']:,} bytes" + (", compressed" if found["compressed"] else "") + parts
    yield "uncompressed", f"{found['uncompressed_size']:,} bytes"
    yield "sha256", found["sha256"]
    yield "files", f"{found['files']:,}"
    yield "directories", f"{found['directories']:,}"
    yield "links", f"{found['links']:,}"
    yield "chunks", f"{found['chunks']:,} of {found['chunk_size']:,} bytes"
    yield "index", f"{found['index_size']:,} bytes"
    if found["boot_files"]:
        yield "a start reads", f"{found['boot_files']:,} files in the first {found['boot']:,} bytes"
    if found["base"] is not None:
        yield "layer of", found["base"]
        yield "removes", f"{len(found['whiteouts']):,} paths"
        yield from _listed("", found["whiteouts"][:_LARGEST])
    for label, key in (("large folders", "large_directories"), ("large files", "large_files")):
        yield from _listed(label, [f"{size:>13,}  {printable(path)}" for path, size in found[key].items()])


def _listed(label: str, values: Sequence[str]) -> Iterator[tuple[str, str]]:
    for value in values:
        yield label, value
        label = ""


def _environment(manifest: Path) -> dict[str, Any]:
    # Not before: it reads network settings and the like, which images do not need.
    from jupyter_frozenfs.environment.site import missing_files, weigh  # noqa: PLC0415

    missing = missing_files(manifest)
    document = json.loads(manifest.read_text(encoding="utf-8"))
    # What is missing cannot be weighed: an environment may have been copied without its Pyodide.
    return {
        "name": document["name"],
        "display_name": document["display_name"],
        "python": document["python"],
        "pyodide": document["runtime"]["version"],
        "packages": [{key: one[key] for key in ("name", "version", "size")} for one in document["packages"]],
        "snapshot": snapshot_facts(manifest),
        "weight": [] if missing else weigh(manifest).lines(),
        "missing": [str(path) for path in missing],
    }


def _environment_lines(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "environment", printable(f"{found['name']} ({found['display_name']})")
    yield "python", printable(f"{found['python']}, Pyodide {found['pyodide']}")
    yield from _listed("weight", found["weight"])
    yield from _listed("missing", [printable(path) for path in found["missing"]])
    if found["snapshot"]:
        yield from snapshot_lines(found["snapshot"])
    packages = sorted(found["packages"], key=lambda one: (-one["size"], one["name"]))
    yield from _listed(
        f"{len(packages)} packages",
        [f"{one['size']:>13,}  {printable(one['name'])} {printable(one['version'])}" for one in packages],
    )
