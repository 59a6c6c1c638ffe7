from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_frozenfs.image import diff, pack, scan

ROOT = Path(__file__).parents[2]


def test_an_image_is_unpacked_as_it_was(frozenfs, course, image, tmp_path):
    done = frozenfs("extract", "course.img", "new/out")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(diff(scan(course), scan(tmp_path / "new/out"))) == []
    assert (tmp_path / "new/out/again.csv").samefile(tmp_path / "new/out/data/stars.csv")


def test_an_image_is_unpacked_from_a_pipe_and_from_parts(piped, frozenfs, course, image, tmp_path):
    assert piped("extract", "-", "one", input=image.read_bytes()).returncode == 0
    frozenfs("pack", "course", "split.img", "--part-size=1k")
    assert frozenfs("extract", "split.img", "other").returncode == 0
    assert list(diff(scan(tmp_path / "one"), scan(tmp_path / "other"))) == []


def test_globs_select_what_is_unpacked_and_its_folders_come_along(frozenfs, image, tmp_path):
    assert frozenfs("extract", "course.img", "out", "stars.csv", "/latest").returncode == 0
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*")}
    # The first name of the file is not selected: its second one gets the bytes.
    assert found == {"data", "data/stars.csv", "latest"}
    assert (tmp_path / "out/data/stars.csv").read_text() == "name\nvega\n"
    assert (tmp_path / "out/data").stat().st_mtime == 1_600_000_000


def test_a_layer_is_unpacked_onto_its_base(frozenfs, layered, tmp_path):
    frozenfs("pack", "changed", "layer.img", "--base=course.img")
    assert frozenfs("extract", "layer.img", "out", "--base=course.img").returncode == 0
    assert list(diff(scan(layered[1]), scan(tmp_path / "out"))) == []


def test_a_layer_without_its_base_is_refused_unless_that_is_meant(frozenfs, layered, tmp_path):
    frozenfs("pack", "changed", "layer.img", "--base=course.img")
    done = frozenfs("extract", "layer.img", "out")
    assert done.returncode == 1
    assert "layer.img is a layer: it holds only what changed" in done.stderr
    assert not (tmp_path / "out").exists()
    assert frozenfs("extract", "--layer-only", "layer.img", "out").returncode == 0
    assert not (tmp_path / "out/data/stars.csv").exists()
    assert (tmp_path / "out/notes/mine.txt").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["course.img", "full"], 1, "full is not empty; extract course.img into a new or empty directory"),
        (["course.img", "full/mine"], 1, "full/mine cannot be made: File exists"),
        (["none.img", "out"], 1, "none.img cannot be read: No such file or directory"),
        (["course.img", "out", "*.md"], 1, "nothing in the image is selected by '*.md'"),
        (["course.img", "out", "--base=course.img"], 1, "course.img is not a layer"),
        (["course.img", "out", "--base=course.img", "--layer-only"], 2, "exclude each other"),
        (["course.img"], 2, "expected `jupyter frozenfs extract"),
    ],
)
@pytest.mark.usefixtures("image")
def test_what_does_not_work_is_said_and_nothing_is_made(frozenfs, tmp_path, arguments, code, message):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("mine")
    done = frozenfs("extract", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "full/mine").read_text() == "mine"


@pytest.mark.parametrize("name", ["path-parent", "below-link", "path-nul", "chunk-byte", "whiteout-parent"])
def test_a_hostile_or_damaged_image_is_not_unpacked(frozenfs, vectors, tmp_path, name):
    done = frozenfs("extract", vectors / f"damaged/{name}.img", "out")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("existed", [True, False])
def test_an_unpacking_that_is_stopped_leaves_nothing(tmp_path, existed):
    source = tmp_path / "source"
    source.mkdir()
    for number in range(20_000):
        (source / f"{number:05}").write_bytes(b"x" * 1000)
    pack(source, tmp_path / "a.img", level=1)
    out = tmp_path / "out"
    if existed:
        out.mkdir()
    command = [sys.executable, "-m", "jupyter_frozenfs.app", "extract", "a.img", "out"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=environment
    ) as running:
        until = time.monotonic() + 30
        while not (out / "00001").exists():
            assert time.monotonic() < until
            time.sleep(0.001)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (130, "jupyter frozenfs: stopped\n")
    assert list(tmp_path.glob("out/*")) == []
    assert out.exists() == existed
