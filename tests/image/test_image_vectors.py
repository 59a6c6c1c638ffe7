"""The shared vectors: what the TypeScript implementation reads too."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys

import pytest

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image


def test_a_vector_is_read_as_it_is_described(vectors, vector_image):
    described, file = vector_image
    with Image.open(vectors / file) as image:
        found = []
        for path in sorted(image.entries, key=str.encode):
            entry = image.entries[path]
            row = {"path": path, "kind": entry.kind, "mode": entry.mode, "mtime": entry.mtime}
            if entry.kind == "link":
                row["target"] = entry.target
            if entry.kind == "file":
                row["size"] = entry.size
                row["sha256"] = hashlib.sha256(image.read(path)).hexdigest()
            found.append(row)
        assert found == described["tree"]
        assert list(image.boot_list) == described["boot"]
        assert image.index.base == described["base"]
        assert list(image.index.whiteouts) == described["whiteouts"]
        assert image.summary.uncompressed_size == described["uncompressed_size"]
        image.verify()


def test_a_vector_inflates_to_the_specified_bytes(vectors, vector_image):
    described, file = vector_image
    data = (vectors / file).read_bytes()
    archive = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    assert hashlib.sha256(archive).hexdigest() == described["uncompressed_sha256"]


def test_the_generator_makes_the_vectors_that_are_kept(vectors, tmp_path):
    subprocess.run([sys.executable, vectors / "generate.py", tmp_path], check=True)
    assert (tmp_path / "vectors.json").read_bytes() == (vectors / "vectors.json").read_bytes()
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.img")}
    assert made == {path.relative_to(vectors) for path in vectors.rglob("*.img")}
    for name in made:
        if not (tmp_path / name).read_bytes().startswith(b"\x1f\x8b"):
            assert (tmp_path / name).read_bytes() == (vectors / name).read_bytes(), name


def test_a_damaged_vector_is_refused_at_its_step_at_the_latest(vectors, vector_damage):
    path = vectors / vector_damage["file"]
    steps = ["open", "read", "verify"]
    allowed = steps[: steps.index(vector_damage["at"]) + 1]
    with pytest.raises(ImageError) as caught:
        read_all(path, allowed)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("name", ["gzip-crc", "gzip-size", "tar-differs", "order", "spaces", "key-unknown"])
def test_what_is_not_canonical_does_not_hinder_reading(vectors, name):
    read_all(vectors / "damaged" / f"{name}.img", ["open", "read"])


def read_all(path, steps):
    with Image.open(path) as image:
        if "read" in steps:
            for entry in image.entries.values():
                if entry.kind == "file":
                    image.read(entry.path)
        if "verify" in steps:
            image.verify()
