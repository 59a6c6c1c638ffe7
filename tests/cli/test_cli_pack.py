"""``pack``: the command line of what tests/image checks in depth."""

from __future__ import annotations

import gzip
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_frozenfs.image import Image, pack

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals, files and modes")


def entries(path):
    with Image.open(path) as image:
        return dict(image.entries)


def test_a_folder_becomes_an_image(frozenfs, course, tmp_path):
    done = frozenfs("pack", "course", "new.img")
    assert (done.returncode, done.stderr) == (0, "")
    size = (tmp_path / "new.img").stat().st_size
    assert done.stdout == f"new.img: 4 files, {size:,} bytes\n"
    found = entries("new.img")
    assert list(found) == [
        "/again.csv",
        "/data/long.csv",
        "/data/stars.csv",
        "/lesson.py",
        "/data",
        "/latest",
    ]
    assert found["/data/stars.csv"].target == "/again.csv"
    assert found["/latest"].target == "lesson.py"
    assert found["/lesson.py"].mode == 0o755


def test_the_command_and_the_function_of_its_name_write_the_same_bytes(frozenfs, course, tmp_path):
    (tmp_path / "boot.txt").write_text("/x/lesson.py\n\n/x/again.csv\n")
    frozenfs(
        "pack", "course", "one.img", "--at=/x", "--exclude=long.*", "--boot=boot.txt", "--level=1", "--plain"
    )
    pack(
        course,
        tmp_path / "other.img",
        at="/x",
        exclude=["long.*"],
        boot=["/x/lesson.py", "/x/again.csv"],
        compress=False,
    )
    assert (tmp_path / "one.img").read_bytes() == (tmp_path / "other.img").read_bytes()
    with Image.open("one.img") as image:
        assert image.boot_list == ("/x/lesson.py", "/x/again.csv")
        assert "/x/data/long.csv" not in image.entries


def test_times_are_clamped_to_source_date_epoch(frozenfs, course, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1500000000")
    assert frozenfs("pack", "course", "new.img").returncode == 0
    assert {entry.mtime for entry in entries("new.img").values()} == {1_500_000_000}
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert (
        "SOURCE_DATE_EPOCH is 'yesterday', expected whole seconds" in frozenfs("pack", "course", "x").stderr
    )


def test_an_image_goes_to_standard_output(piped, course, image):
    done = piped("pack", "course", "-")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == image.read_bytes()


def test_a_boot_list_comes_from_standard_input(frozenfs, course):
    done = frozenfs("pack", "course", "new.img", "--boot=-", stdin=io.StringIO("/lesson.py\r\n"))
    assert done.returncode == 0, done.stderr
    with Image.open("new.img") as image:
        assert image.boot_list == ("/lesson.py",)


def test_a_large_image_is_split_and_read_by_its_name_or_its_first_part(frozenfs, course, image, tmp_path):
    size = image.stat().st_size
    done = frozenfs("pack", "course", "new.img", "--part-size=1kB")
    assert done.stdout.endswith(f"{size:,} bytes in {-(-size // 1000)} parts\n")
    parts = sorted(tmp_path.glob("new.img.*"))
    assert [part.name for part in parts] == [f"new.img.{number:03}" for number in range(len(parts))]
    assert b"".join(part.read_bytes() for part in parts) == image.read_bytes()
    assert frozenfs("verify", "new.img", "new.img.000").stdout == "new.img: OK\nnew.img.000: OK\n"


def test_what_is_there_is_replaced_only_by_who_says_so(frozenfs, course, tmp_path):
    (tmp_path / "new.img").write_text("mine")
    done = frozenfs("pack", "course", "new.img")
    assert done.returncode == 1
    assert done.stderr == "jupyter frozenfs: new.img is there already; replace it with --force\n"
    assert (tmp_path / "new.img").read_text() == "mine"
    assert frozenfs("pack", "course", "new.img", "--force", "--part-size=1k").returncode == 0
    assert not (tmp_path / "new.img").exists()
    assert "new.img.000 is there already" in frozenfs("pack", "course", "new.img").stderr


@posix
def test_what_cannot_be_stored_is_skipped_and_named_and_so_is_the_image_itself(frozenfs, course):
    os.mkfifo(course / "pipe")
    (course / "new.img").write_text("an old one")
    (course / "new.img.001").write_text("of an old one")
    done = frozenfs("pack", "course", "course/new.img", "--force")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "jupyter frozenfs: /new.img is skipped: it is the image that is written",
        "jupyter frozenfs: /new.img.001 is skipped: it is the image that is written",
        "jupyter frozenfs: /pipe is skipped: it is a FIFO",
    ]
    assert not {"/pipe", "/new.img", "/new.img.001"} & set(entries(course / "new.img"))


def test_a_layer_holds_what_differs_from_its_base(frozenfs, layered):
    assert frozenfs("pack", "changed", "layer.img", "--base=course.img").returncode == 0
    with Image.open("layer.img") as layer, Image.open("course.img") as base:
        assert set(layer.entries) == {"/data", "/lesson.py", "/notes", "/notes/mine.txt"}
        assert layer.index.whiteouts == ("/data/long.csv",)
        assert layer.index.base == base.summary.sha256
    # And a layer on that one: the base of the base is given first.
    (layered[1] / "notes/mine.txt").unlink()
    os.utime(layered[1] / "notes", (0, 0))
    done = frozenfs("pack", "changed", "more.img", "--base=course.img", "--base=layer.img")
    assert done.returncode == 0, done.stderr
    with Image.open("more.img") as more:
        assert (set(more.entries), more.index.whiteouts) == ({"/notes"}, ("/notes/mine.txt",))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none", "a.img"], 1, "none cannot be read: No such file or directory"),
        (["course/lesson.py", "a.img"], 1, "course/lesson.py is not a directory"),
        (["course", "no/a.img"], 1, "no/a.img cannot be written: No such file or directory"),
        (["course", "course"], 1, "course is a folder, expected the name of an image"),
        (["course", "a.img", "--boot=none"], 1, "none cannot be read"),
        (["course", "a.img", "--base=course/lesson.py"], 1, "course/lesson.py: this is not an image"),
        (["course", "a.img", "--at=x"], 1, "is not absolute"),
        (["course", "a.img", "--part-size=1"], 1, "expected at most 1000 parts"),
        (["course"], 2, "expected `jupyter frozenfs pack [OPTION …] FOLDER IMAGE`"),
        (["course", "a.img", "--level=10"], 2, "--level is '10', expected a number from 0 to 9"),
        (["course", "a.img", "--part-size=much"], 2, "--part-size is 'much', expected bytes such as"),
        (["course", "a.img", "--part-size=0"], 2, "--part-size is '0'"),
        (["course", "-", "--part-size=1k"], 2, "standard output cannot be split"),
        (["course", "a.img", "--base=-", "--boot=-"], 2, "standard input, `-`, can be read only once"),
    ],
)
@pytest.mark.usefixtures("course")
def test_what_does_not_work_is_said_in_one_line_and_leaves_nothing(
    frozenfs, tmp_path, arguments, code, message
):
    done = frozenfs("pack", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["course"]


@posix
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_pack_that_is_stopped_leaves_the_old_image_and_no_debris(tmp_path, sent, code):
    folder = tmp_path / "folder"
    folder.mkdir()
    with (folder / "large").open("wb") as file:
        file.truncate(20_000_000_000)
    (tmp_path / "a.img").write_text("the old one")
    command = [sys.executable, "-m", "jupyter_frozenfs.app", "pack", "folder", "a.img", "--force"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=environment
    ) as running:
        until = time.monotonic() + 30
        while not list(tmp_path.glob(".a.img.*.tmp")):
            assert time.monotonic() < until
            time.sleep(0.01)
        running.send_signal(sent)
        _, said = running.communicate(timeout=30)
    assert running.returncode == code
    assert said == ("jupyter frozenfs: stopped\n" if sent == signal.SIGINT else "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.img", "folder"]
    assert (tmp_path / "a.img").read_text() == "the old one"


def test_an_uncompressed_image_is_what_the_compressed_one_unpacks_to(frozenfs, course, image, tmp_path):
    frozenfs("pack", "course", "plain.img", "--plain")
    assert (tmp_path / "plain.img").read_bytes() == gzip.decompress(image.read_bytes())
