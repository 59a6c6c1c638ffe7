from __future__ import annotations

import json
import os

import pytest


def test_images_of_the_same_tree_do_not_differ_however_they_are_stored(frozenfs, course, image):
    frozenfs("pack", "course", "plain.img", "--plain")
    done = frozenfs("diff", "course.img", "plain.img")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert frozenfs("diff", "course.img", "course").returncode == 0


def test_diff_tells_what_differs_in_which_way(frozenfs, course, image):
    (course / "again.csv").unlink()
    (course / "lesson.py").write_text("print('other')\n")
    (course / "lesson.py").chmod(0o644)
    (course / "latest").unlink()
    (course / "latest").symlink_to("new.py")
    (course / "new.py").write_text("")
    (course / "data/long.csv").write_text("short")
    (course / "data/stars.csv").unlink()
    (course / "data/stars.csv").mkdir()
    for path in (course, *course.rglob("*")):
        os.utime(path, (1_600_000_000, 1_600_000_000), follow_symlinks=False)
    os.utime(course / "data", (0, 0))
    done = frozenfs("diff", "course.img", "course")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "removed  /again.csv",
        "changed  /data: time 2020-09-13 12:26:40 -> 1970-01-01 00:00:00",
        "changed  /data/long.csv: 360,000 -> 5 bytes",
        "changed  /data/stars.csv: file -> directory",
        "changed  /latest: target lesson.py -> new.py",
        "changed  /lesson.py: mode 0755 -> 0644, content",
        "added    /new.py",
    ]
    assert "/data:" not in frozenfs("diff", "--no-times", "course.img", "course").stdout
    rows = json.loads(frozenfs("diff", "--json", "course.img", "course").stdout)
    assert [(row["path"], row["change"]) for row in rows[:2]] == [
        ("/again.csv", "removed"),
        ("/data", "changed"),
    ]
    assert rows[1]["differs"] == ["mtime"]
    assert rows[1]["after"] == {"path": "/data", "kind": "directory", "mode": 0o755, "mtime": 0, "size": 0}
    assert rows[0]["after"] is None


def test_diff_shows_what_a_layer_changes(frozenfs, layered):
    frozenfs("pack", "changed", "layer.img", "--base=course.img")
    done = frozenfs("diff", "--no-times", "--base=course.img", "course.img", "layer.img")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "removed  /data/long.csv",
        "changed  /lesson.py: 15 -> 18 bytes",
        "added    /notes",
        "added    /notes/mine.txt",
    ]
    assert frozenfs("diff", "layer.img", "changed", "--base=course.img").returncode == 0
    alone = frozenfs("diff", "course.img", "layer.img")
    assert (alone.returncode, alone.stdout) == (2, "")
    assert "layer.img is a layer: it holds only what changed" in alone.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.img", "course.img"], "none.img cannot be read: No such file or directory"),
        (["course.img"], "expected `jupyter frozenfs diff"),
        (["-", "-"], "can be read only once"),
        (["course.img", "course.img", "--no-time=1"], "no-time"),
    ],
)
def test_trouble_is_told_from_a_difference(frozenfs, image, arguments, message):
    done = frozenfs("diff", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_damaged_image_is_trouble(frozenfs, vectors):
    done = frozenfs("diff", vectors / "damaged/chunk-byte.img", vectors / "hello.img")
    assert done.returncode == 2
    assert "chunk 0 is damaged" in done.stderr


def test_one_of_the_two_comes_from_standard_input(piped, vectors):
    data = (vectors / "tree.packed.img").read_bytes()
    assert piped("diff", "-", vectors / "tree.img", input=data).returncode == 0
