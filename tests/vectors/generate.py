"""Make the images in this folder, which the tests of the Python and the TypeScript implementation read.

``python tests/vectors/generate.py`` writes them and ``vectors.json``, which says what each holds.
Uncompressed images are the same whoever writes them; of compressed ones, only what inflating gives is.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from damaged import damaged
from layers import BASE, LAYERS, RESULT
from trees import VECTORS, Vector, written

if TYPE_CHECKING:
    from jupyter_frozenfs.image import Entry

HERE = Path(__file__).parent
#: The image that is split, and how.
SPLIT, PART_SIZE = "boot.img", 4096


def described_tree(entries: list[Entry]) -> list[dict[str, Any]]:
    """What a reader must find, said without the reader: from the entries that went in."""
    given = {entry.path: entry for entry in entries}
    tree = []
    for path in sorted(given, key=str.encode):
        entry = given[path]
        row: dict[str, Any] = {"path": path, "kind": entry.kind, "mode": entry.mode, "mtime": entry.mtime}
        if entry.kind == "link":
            row["target"] = entry.target
        if entry.kind == "file":
            content = given[entry.target or path].open().read()
            row |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        tree.append(row)
    return tree


def described(vector: Vector, data: bytes) -> dict[str, Any]:
    return {
        "name": vector.name,
        "about": vector.about,
        "files": [f"{vector.name}.packed.img", *([f"{vector.name}.img"] if vector.plain else [])],
        "uncompressed_size": len(data),
        "uncompressed_sha256": hashlib.sha256(data).hexdigest(),
        "boot": vector.boot,
        "base": vector.base,
        "whiteouts": sorted(vector.whiteouts, key=str.encode),
        "tree": described_tree(vector.entries),
    }


def split(folder: Path) -> dict[str, Any]:
    """Cut an image into parts, without the code that does so."""
    (folder / "parts").mkdir(exist_ok=True)
    data = (folder / SPLIT).read_bytes()
    names = []
    for number, start in enumerate(range(0, len(data), PART_SIZE)):
        names.append(f"parts/{SPLIT}.{number:03}")
        (folder / names[-1]).write_bytes(data[start : start + PART_SIZE])
    return {
        "image": SPLIT,
        "about": "An image in three parts; borders lie within data and headers.",
        "files": names,
    }


def layered(folder: Path) -> dict[str, Any]:
    """Write layers, each on the uncompressed image before it."""
    (folder / "layers").mkdir(exist_ok=True)
    below = folder / f"{BASE}.img"
    names = []
    for layer in LAYERS:
        onto = layer.on(hashlib.sha256(below.read_bytes()).hexdigest())
        below = folder / f"layers/{layer.name}.img"
        below.write_bytes(written(onto, compress=False))
        (folder / f"layers/{layer.name}.packed.img").write_bytes(written(onto, compress=True))
        names.append(below.relative_to(folder).as_posix())
    return {
        "base": f"{BASE}.img",
        "layers": names,
        "about": [layer.about for layer in LAYERS],
        "tree": described_tree(RESULT),
    }


def generate(folder: Path) -> None:
    images = []
    for vector in VECTORS:
        data = written(vector, compress=False)
        if vector.plain:
            (folder / f"{vector.name}.img").write_bytes(data)
        (folder / f"{vector.name}.packed.img").write_bytes(written(vector, compress=True))
        images.append(described(vector, data))
    (folder / "damaged").mkdir(exist_ok=True)
    faults = []
    for damage in damaged():
        (folder / "damaged" / f"{damage.name}.img").write_bytes(damage.data)
        faults.append({"file": f"damaged/{damage.name}.img", "about": damage.about, "at": damage.at})
    document = {"images": images, "parts": [split(folder)], "layers": [layered(folder)], "damaged": faults}
    (folder / "vectors.json").write_text(
        json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
