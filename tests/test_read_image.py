"""The example reader, which knows the format from its specification alone, on all vectors."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_frozenfs.image import scan

ROOT = Path(__file__).parent.parent
READER = ROOT / "examples/read-image/read_image.py"
VECTORS = ROOT / "tests/vectors"
DOCUMENT = json.loads((VECTORS / "vectors.json").read_text(encoding="utf-8"))
IMAGES = {file: image for image in DOCUMENT["images"] for file in image["files"]}
#: What the reader has no eyes for: it goes through the index only, and to what unpacking needs of it.
OVERLOOKED = {
    "base-short",
    "boot-late",
    "chunk-odd",
    "gzip-crc",
    "gzip-size",
    "key-unknown",
    "mode-large",
    "mtime-fraction",
    "mtime-negative",
    "order",
    "overlap",
    "padding",
    "size",
    "spaces",
    "start-after-end",
    "tar-differs",
    "whiteout-alone",
    "whiteout-parent",
}
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither modes nor links for everybody")


def read(*arguments):
    return subprocess.run(
        [sys.executable, "-I", READER, *arguments], capture_output=True, text=True, check=False
    )


def check(directory, tree):
    """Compare what was unpacked with what the vectors say."""
    found = {entry.path: entry for entry in scan(directory)}
    assert sorted(found) == sorted(row["path"] for row in tree)
    for row in tree:
        entry = found[row["path"]]
        assert entry.kind == row["kind"]
        if "target" in row:
            assert entry.target == row["target"]
        elif row["mtime"] < 2**33:  # file systems differ in what they take beyond
            assert entry.mtime == row["mtime"]
        if entry.kind != "link":
            assert entry.mode == row["mode"] & 0o1777
        if entry.kind == "file" and os.access(directory / row["path"][1:], os.R_OK):
            assert hashlib.sha256(entry.open().read()).hexdigest() == row["sha256"]


def test_the_reader_is_short_enough_to_be_read():
    lines = READER.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 125
    assert "jupyter_frozenfs" not in "\n".join(lines)


@posix
@pytest.mark.parametrize("file", IMAGES)
def test_the_reader_lists_and_unpacks_a_vector(file, tmp_path):
    done = read(VECTORS / file)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == max(1, len(IMAGES[file]["tree"]))
    done = read(VECTORS / file, tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    check(tmp_path / "out", IMAGES[file]["tree"])


@posix
@pytest.mark.parametrize("name", ["parts/boot.img", "parts/boot.img.000"])
def test_the_reader_puts_parts_together(name, tmp_path):
    assert read(VECTORS / name, tmp_path / "out").returncode == 0
    check(tmp_path / "out", IMAGES["boot.img"]["tree"])


@pytest.mark.parametrize("damage", DOCUMENT["damaged"], ids=lambda damage: Path(damage["file"]).stem)
def test_the_reader_refuses_what_would_unpack_to_something_else(damage, tmp_path):
    (tmp_path / "in").mkdir()
    done = read(VECTORS / damage["file"], tmp_path / "in/out")
    assert (done.returncode == 0) == (Path(damage["file"]).stem in OVERLOOKED)
    assert {path.name for path in tmp_path.iterdir()} == {"in"}
    assert {path.name for path in (tmp_path / "in").iterdir()} <= {"out"}
