"""What happened to a site after it was built, and what becomes of old builds."""

from __future__ import annotations

import shutil

import pytest

pytestmark = pytest.mark.build


def flip(path):
    """Change one byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["image.img", "start.img"])
def test_check_names_what_is_damaged_and_what_mends_it(site, name):
    file = site.manifest_path().with_name(name)
    flip(file)
    done = site.check()
    assert done.returncode != 0
    assert f"{file} is damaged: its SHA-256 is " in done.text
    assert f"Delete {file.parent} and build again" in done.text
    assert "Traceback" not in done.text


@pytest.mark.parametrize("name", ["snapshot.img", "linked.wasm", "snapshot.json", "index.img"])
def test_check_finds_a_damaged_snapshot(awake, name):
    assert awake.check().returncode == 0
    file = awake.manifest_path().with_name(name)
    flip(file)
    assert f"{file} is damaged: its SHA-256 is " in awake.check().text


@pytest.mark.parametrize("name", ["snapshot.img", "linked.wasm"])
def test_a_snapshot_that_is_missing_is_made_anew(awake, name):
    contents = awake.contents()
    awake.manifest_path().with_name(name).unlink()
    assert awake.built().ran == ["freeze:tiny"]
    assert awake.contents() == contents


def test_check_finds_a_changed_manifest(site):
    path = site.manifest_path()
    path.write_bytes(path.read_bytes().replace(b'"Tiny"', b'"Tidy"'))
    assert f"{path} is damaged" in site.check().text


def test_check_finds_another_pyodide(site):
    flip(site.runtime() / "pyodide.asm.wasm")
    assert f"{site.runtime()} is damaged" in site.check().text


def test_what_is_missing_is_made_anew(site):
    contents = site.contents()
    (site.runtime() / "pyodide.mjs").unlink()
    shutil.rmtree(site.manifest_path().parent)
    assert site.built().ran == ["freeze:tiny"]
    assert site.contents() == contents


def test_old_builds_stay_while_there_is_room_with_the_pyodide_that_they_start(changed):
    current = changed.manifest_path()
    assert changed.digests() == {"1" * 16, changed.before.parent.name, current.parent.name}
    assert {path.name for path in (changed.frozen / "runtime").iterdir()} == {
        "b" * 16,
        changed.runtime().name,
    }


def test_the_author_says_how_many_builds_stay_and_how_large_a_file_may_be(site):
    site.built("--frozenfs-keep", "1", "--frozenfs-part-size", "5000000")
    assert site.digests() == {site.manifest_path().parent.name}
    sizes = [part["size"] for part in site.manifest()["image"]["parts"]]
    assert sizes[:2] == [5_000_000, 5_000_000]
    assert site.check().returncode == 0
