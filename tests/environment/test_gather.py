from __future__ import annotations

import io
from calendar import timegm

import pytest
from conftest import make_core

from jupyter_frozenfs.environment.core import open_core
from jupyter_frozenfs.environment.gather import Tree, default_epoch
from jupyter_frozenfs.environment.places import mount_point
from jupyter_frozenfs.errors import BuildError
from jupyter_frozenfs.image import Entry

EPOCH = 1_700_000_000


def file(path, data=b"", mode=0o600, mtime=5):
    return Entry(path, "file", mode, mtime, len(data), content=lambda: io.BytesIO(data))


@pytest.fixture
def tree():
    return Tree("3.14.2", EPOCH)


def found(tree):
    return {entry.path: entry for entry in tree.entries()}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/data/a.csv", "/data"),
        ("/data/deep/a.csv", "/data"),
        ("/home/pyodide/a", "/home/pyodide"),
        ("/home/web_user/a/b", "/home/web_user"),
        ("/lib/python3.14/os.py", "/lib/python3.14"),
        ("/lib/mine/a", "/lib/mine"),
        ("/a.csv", None),
        ("/home/a.csv", None),
        ("/lib/a", None),
        ("/", None),
        ("/dev/a/b", None),
        ("/tmp/a/b", None),  # noqa: S108
        ("/drive/a/b", None),
    ],
)
def test_an_image_appears_below_what_every_kernel_has(path, expected):
    assert mount_point(path) == expected


def test_times_and_modes_do_not_depend_on_the_machine(tree):
    tree.add(
        [
            file("/data/a", mode=0o664),
            file("/data/run", mode=0o700),
            Entry("/data/l", "link", 0o777, 9, target="a"),
        ]
    )
    entries = found(tree)
    assert {entry.mtime for entry in entries.values()} == {EPOCH}
    assert entries["/data/a"].mode == 0o644
    assert entries["/data/run"].mode == 0o755
    assert entries["/data"].mode == 0o755


def test_every_parent_is_an_entry(tree):
    tree.add([file("/data/deep/er/a")])
    assert {"/data", "/data/deep", "/data/deep/er"} <= set(found(tree))


def test_mounts_are_where_something_is(tree, tmp_path):
    core = open_core(make_core(tmp_path / "core"))
    tree.add(
        [file("/lib/python3.14/os.py"), file("/data/a"), file("/share/fonts/a"), file("/home/web_user/a")]
    )
    mounts = tree.mounts(core)
    assert [mount["path"] for mount in mounts] == [
        "/lib/python3.14",
        "/home/pyodide",
        "/data",
        "/home/web_user",
        "/share",
    ]
    assert all(mount["root"] == mount["path"] for mount in mounts)
    assert found(tree)["/home/pyodide"].kind == "directory"


def test_byte_code_goes_with_the_source_that_is_replaced(tree):
    tree.add(
        [
            file("/lib/a.py"),
            file("/lib/__pycache__/a.cpython-314.pyc"),
            file("/lib/__pycache__/b.cpython-314.pyc"),
        ]
    )
    tree.add([file("/lib/a.py", b"new")])
    assert "/lib/__pycache__/a.cpython-314.pyc" not in found(tree)
    assert "/lib/__pycache__/b.cpython-314.pyc" in found(tree)


def test_a_file_cannot_take_the_place_of_a_folder(tree):
    tree.add([Entry("/lib/a", "directory", 0o755, 0)])
    with pytest.raises(BuildError, match="is a directory of the environment and a file of its files"):
        tree.add([file("/lib/a")])


def test_what_a_warm_up_wrote_and_removed_is_taken_over(tree, tmp_path, report):
    tree.add([file("/home/pyodide/old"), file("/home/pyodide/folder/a"), file("/home/pyodide/kept")])
    (tmp_path / "home" / "pyodide" / ".cache").mkdir(parents=True)
    (tmp_path / "home" / "pyodide" / ".cache" / "fonts.json").write_bytes(b"{}")
    (tmp_path / "home" / "pyodide" / "link").symlink_to("kept")
    result = {
        "changed": [f"/home/pyodide/{name}" for name in (".cache", ".cache/fonts.json", "link", "socket")],
        "removed": ["/home/pyodide/old", "/home/pyodide/folder"],
    }
    assert tree.apply_changes(result, tmp_path, report)
    entries = found(tree)
    assert entries["/home/pyodide/.cache/fonts.json"].open().read() == b"{}"
    assert entries["/home/pyodide/link"].target == "kept"
    assert "/home/pyodide/kept" in entries
    assert not {
        "/home/pyodide/old",
        "/home/pyodide/folder",
        "/home/pyodide/folder/a",
        "/home/pyodide/socket",
    } & set(entries)
    assert "/home/pyodide/socket" in report.text


def test_a_warm_up_that_changes_nothing_says_so(tree, tmp_path, report):
    assert not tree.apply_changes({"changed": [], "removed": []}, tmp_path, report)


def test_the_boot_list_holds_files_of_the_image_once(tree):
    tree.add([file("/data/a"), file("/data/b"), Entry("/data/l", "link", 0o777, 0, target="a")])
    paths = ["/data/b", "/data/gone", "/data/a", "/data/b", "/data", "/data/l"]
    assert tree.boot_list(paths) == ["/data/b", "/data/a"]


def test_the_boot_list_has_what_is_imported_before_what_is_read_again_after_a_restore(tree):
    tree.add([file("/data/font.ttf"), file("/lib/b.so"), file("/data/t.csv"), file("/lib/__pycache__/a.pyc")])
    paths = ["/data/t.csv", "/lib/b.so", "/data/font.ttf", "/lib/__pycache__/a.pyc"]
    assert tree.boot_list(paths) == ["/lib/b.so", "/lib/__pycache__/a.pyc", "/data/t.csv", "/data/font.ttf"]


def test_without_source_date_epoch_the_time_is_that_of_pyodide(tmp_path):
    core = open_core(make_core(tmp_path / "core"))
    assert default_epoch(core) == timegm((2026, 2, 3, 4, 5, 6, 0, 0, 0))
