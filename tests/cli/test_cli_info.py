from __future__ import annotations

import hashlib
import json
import shutil

import pytest


def facts(text):
    return {line[:16].strip(): line[16:] for line in text.splitlines() if line[:16].strip()}


def test_info_shows_sizes_digest_and_what_is_large(frozenfs, vectors):
    found = facts(frozenfs("info", vectors / "boot.img").stdout)
    assert found["size"] == "10,784 bytes"
    assert found["files"] == "7"
    assert found["chunks"] == "2 of 262,144 bytes"
    assert found["a start reads"] == "4 files in the first 5,632 bytes"
    assert found["large files"].split() == ["3,000", "/a/two"]
    assert found["sha256"] == hashlib.sha256((vectors / "boot.img").read_bytes()).hexdigest()


def test_info_names_the_base_of_a_layer_and_what_it_removes(frozenfs, vectors):
    text = frozenfs("info", vectors / "layer.packed.img").stdout
    assert facts(text)["layer of"] == hashlib.sha256(b"base").hexdigest()
    assert facts(text)["removes"] == "2 paths"
    assert " /home/old\n" in text


def test_info_of_a_split_image_counts_all_of_it(frozenfs, course, image):
    frozenfs("pack", "course", "split.img", "--part-size=1k")
    found = json.loads(frozenfs("info", "--json", "split.img").stdout)
    whole = json.loads(frozenfs("info", "--json", "course.img").stdout)
    assert len(found["parts"]) > 1
    assert sum(found["parts"]) == found["size"] == whole["size"]
    assert found["sha256"] == whole["sha256"]
    assert f"in {len(found['parts'])} parts" in facts(frozenfs("info", "split.img.000").stdout)["size"]


def test_large_folders_are_packages_however_deep_they_lie(frozenfs, environment):
    found = json.loads(frozenfs("info", "--json", environment).stdout)
    assert found["large_directories"] == {"/lib/python3.14/site-packages/numpy": 3500}
    assert list(found["large_files"]) == [
        f"/lib/python3.14/site-packages/{name}" for name in ("numpy/core.py", "numpy/fft/fast.py", "six.py")
    ]


def test_info_of_an_environment_shows_packages_and_what_a_first_visit_fetches(frozenfs, environment):
    text = frozenfs("info", environment).stdout
    found = facts(text)
    assert found["environment"] == "course (Course)"
    assert found["python"] == "3.14.2, Pyodide 314.0.7"
    assert found["weight"].startswith("a first visit fetches")
    assert found["2 packages"].split() == ["3,500", "numpy", "2.4.3"]
    assert "            100  six 1.17.0\n" in text
    assert "in 3 parts" in found["size"]
    assert frozenfs("info", environment / "environment.json").stdout == text.replace(
        str(environment), str(environment / "environment.json")
    )


def test_info_of_an_environment_without_its_pyodide_says_what_is_missing(frozenfs, environment):
    shutil.rmtree(environment.parents[1] / "runtime")
    done = frozenfs("info", environment)
    assert done.returncode == 0, done.stderr
    assert facts(done.stdout)["missing"].endswith("pyodide.mjs")


def test_info_of_an_environment_without_a_part_of_its_image_is_an_error(frozenfs, environment):
    (environment / "image.img.001").unlink()
    done = frozenfs("info", environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert "image.img.001 cannot be read: No such file" in done.stderr


def test_info_of_a_snapshot_tells_an_author_what_to_trim(frozenfs, awake):
    lines = frozenfs("info", awake / "snapshot.img").stdout.splitlines()
    assert lines[0] == "snapshot        12 bytes for 94.2 MB of memory"
    assert "with it come               30  Pyodide with the libraries linked into it" in lines
    assert "                            5  of the image" in lines
    assert "kernel             45,973,504    787 modules, before the warm-up" in lines
    assert "warm-up added       9,306,112     91 modules  numpy" in lines
    assert "                            …  9 more, see --json" in lines
    assert "2 libraries             2,100  in all" in lines
    assert "                        2,000  numpy/core.cpython-314.so" in lines
    assert "                          100  /lib/libz.so" in lines


def test_info_of_the_linked_runtime_is_that_of_its_snapshot(frozenfs, awake):
    of_snapshot = frozenfs("info", awake / "snapshot.img").stdout
    for name in ("linked.wasm", "linked.wasm.000"):
        assert frozenfs("info", awake / name).stdout == of_snapshot


def test_info_of_an_environment_shows_its_snapshot_too(frozenfs, awake):
    text = frozenfs("info", awake).stdout
    for line in frozenfs("info", awake / "snapshot.img").stdout.splitlines():
        assert line in text
    assert facts(text)["2 packages"].split() == ["3,500", "numpy", "2.4.3"]


def test_info_of_a_snapshot_as_json_has_every_row(frozenfs, awake):
    found = json.loads(frozenfs("info", "--json", awake / "snapshot.img").stdout)
    assert len(found["warm_up"]) == 21
    assert found["kernel"] == {"bytes": 45_973_504, "modules": 787}
    whole = json.loads(frozenfs("info", "--json", awake / "environment.json").stdout)
    assert whole["environment"]["snapshot"] == found


def test_info_of_an_environment_without_a_snapshot_says_nothing_of_one(frozenfs, environment):
    assert "snapshot" not in frozenfs("info", environment).stdout
    assert json.loads(frozenfs("info", "--json", environment).stdout)["environment"]["snapshot"] is None


@pytest.mark.parametrize(
    ("name", "what", "content"),
    [
        ("snapshot.img.000", "a snapshot", b"alone"),
        ("copy.bin", "a snapshot", b"frznsnap\1\0\0\0"),
        ("linked.wasm", "the linked runtime of a snapshot", b"\0asm"),
    ],
    ids=["by its name", "by how it begins", "of its runtime"],
)
def test_info_of_a_snapshot_without_its_environment_says_what_is_missing(
    frozenfs, tmp_path, name, what, content
):
    (tmp_path / name).write_bytes(content)
    done = frozenfs("info", name)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"is {what} without environment.json beside it" in done.stderr


def test_info_of_a_snapshot_whose_contents_are_lost_is_an_error(frozenfs, awake):
    (awake / "snapshot.json").unlink()
    done = frozenfs("info", awake / "snapshot.img")
    assert done.returncode == 1
    assert "snapshot.json cannot be read: No such file" in done.stderr
