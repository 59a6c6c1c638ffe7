from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import make_core

from jupyter_frozenfs.environment.build import prune_cache
from jupyter_frozenfs.environment.core import RUNTIME_FILES, open_core
from jupyter_frozenfs.environment.files import new_directory, put_files, write_atomic
from jupyter_frozenfs.environment.freeze import forget_builds, split_image, write_runtime
from jupyter_frozenfs.environment.manifest import MANIFEST


def test_a_small_image_stays_whole(tmp_path):
    image = tmp_path / "image.img"
    image.write_bytes(b"x" * 10)
    assert split_image(image, 10) == [image]
    assert split_image(image, None) == [image]


def test_a_large_image_is_cut_into_numbered_parts(tmp_path):
    image = tmp_path / "image.img"
    image.write_bytes(bytes(range(25)))
    parts = split_image(image, 10)
    assert [part.name for part in parts] == ["image.img.000", "image.img.001", "image.img.002"]
    assert [part.stat().st_size for part in parts] == [10, 10, 5]
    assert b"".join(part.read_bytes() for part in parts) == image.read_bytes()


def test_what_a_kernel_fetches_of_pyodide_lies_under_its_digest(tmp_path):
    core = open_core(make_core(tmp_path / "core"))
    target = write_runtime(core, tmp_path / "runtime")
    assert target == tmp_path / "runtime" / core.digest
    assert sorted(path.name for path in target.iterdir()) == sorted(RUNTIME_FILES)
    assert write_runtime(core, tmp_path / "runtime") == target
    assert [path.name for path in (tmp_path / "runtime").iterdir()] == [core.digest]


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"// flue")])
def test_a_damaged_pyodide_on_a_site_is_made_anew(tmp_path, damage):
    core = open_core(make_core(tmp_path / "core"))
    target = write_runtime(core, tmp_path / "runtime")
    damage(target / "pyodide.asm.mjs")
    assert write_runtime(core, tmp_path / "runtime") == target
    assert (target / "pyodide.asm.mjs").read_bytes() == b"// glue"
    assert [path.name for path in (tmp_path / "runtime").iterdir()] == [core.digest]


def test_files_that_are_in_their_directory_already_are_not_written_again(tmp_path):
    (tmp_path / "a").write_text("1")
    put_files([tmp_path / "a"], tmp_path / "target")
    inode = (tmp_path / "target" / "a").stat().st_ino
    put_files([tmp_path / "a"], tmp_path / "target")
    assert (tmp_path / "target" / "a").stat().st_ino == inode


@pytest.mark.parametrize(("keep", "left"), [(1, "e"), (3, "cde"), (9, "abcde")])
def test_the_newest_builds_stay_on_the_site(tmp_path, keep, left):
    for age, name in enumerate("abcde"):
        (tmp_path / name).mkdir()
        (tmp_path / name / MANIFEST).write_text("{}")
        os.utime(tmp_path / name, (age, age))
    (tmp_path / "not-a-build").mkdir()
    forget_builds(tmp_path, tmp_path / "e", keep)
    assert sorted(path.name for path in tmp_path.iterdir()) == [*left, "not-a-build"]


def test_the_current_build_stays_however_old_it_is(tmp_path):
    for age, name in enumerate("abc"):
        (tmp_path / name).mkdir()
        (tmp_path / name / MANIFEST).write_text("{}")
        os.utime(tmp_path / name, (age, age))
    forget_builds(tmp_path, tmp_path / "a", 2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "c"]


def test_a_directory_is_there_only_when_it_is_whole(tmp_path):
    with pytest.raises(FileNotFoundError), new_directory(tmp_path / "tree") as directory:
        (directory / "half").write_text((tmp_path / "missing").read_text())
    assert list(tmp_path.iterdir()) == []


def test_of_two_builds_at_once_the_first_one_stays(tmp_path):
    with new_directory(tmp_path / "tree") as slow:
        (slow / "a").write_text("slow")
        with new_directory(tmp_path / "tree") as fast:
            (fast / "a").write_text("fast")
    assert (tmp_path / "tree" / "a").read_text() == "fast"
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


def test_a_file_is_replaced_whole_and_readable_by_a_web_server(tmp_path):
    write_atomic(tmp_path / "sub" / "a", b"1")
    write_atomic(tmp_path / "sub" / "a", b"2")
    assert (tmp_path / "sub" / "a").read_bytes() == b"2"
    assert (tmp_path / "sub" / "a").stat().st_mode & 0o777 == 0o644
    assert len(list((tmp_path / "sub").iterdir())) == 1


def test_trees_that_no_build_used_for_a_month_go(tmp_path):
    for folder in ("trees", "compiled"):
        for name in ("old", "new"):
            (tmp_path / folder / name).mkdir(parents=True)
        os.utime(tmp_path / folder / "old", (0, 0))
    prune_cache(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["new", "new"]
