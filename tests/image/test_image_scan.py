"""From a directory of this machine to entries."""

from __future__ import annotations

import os
import socket
import stat

import pytest

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image, scan, write_image

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither modes nor such names")


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    (root / "b").mkdir(parents=True)
    (root / "b" / "file").write_bytes(b"content")
    (root / "a-").write_bytes(b"")
    (root / "a").mkdir()
    (root / "a" / "deep.txt").write_bytes(b"deep")
    return root


def test_entries_come_sorted_with_their_parents_first(tree):
    assert [entry.path for entry in scan(tree)] == ["/a", "/a/deep.txt", "/a-", "/b", "/b/file"]


def test_a_directory_appears_where_it_is_wanted(tree):
    paths = [entry.path for entry in scan(tree / "b", at="/home/me/")]
    assert paths == ["/home/me", "/home/me/file"]


def test_a_single_file_appears_where_it_is_wanted(tree):
    (entry,) = scan(tree / "b" / "file", at="/home/renamed")
    assert (entry.path, entry.kind, entry.open().read()) == ("/home/renamed", "file", b"content")
    with pytest.raises(ImageError, match="is not a directory; give the path"):
        list(scan(tree / "b" / "file"))


@posix
def test_modes_and_whole_seconds_are_kept(tree):
    (tree / "b" / "file").chmod(0o4751)
    os.utime(tree / "b" / "file", ns=(0, 1_234_999_999_999))
    os.utime(tree / "a-", (0, -5))
    entries = {entry.path: entry for entry in scan(tree)}
    assert (entries["/b/file"].mode, entries["/b/file"].mtime) == (0o4751, 1234)
    assert entries["/a-"].mtime == 0


def test_times_are_clamped(tree):
    os.utime(tree / "a-", (0, 50))
    times = {entry.path: entry.mtime for entry in scan(tree, clamp=100)}
    assert times["/a-"] == 50
    assert set(times.values()) == {50, 100}


@posix
def test_links_stay_links_wherever_they_point(tree):
    (tree / "dangling").symlink_to("no/where")
    (tree / "outside").symlink_to("/etc")
    (tree / "loop").symlink_to("loop")
    links = {entry.path: entry.target for entry in scan(tree) if entry.kind == "link"}
    assert links == {"/dangling": "no/where", "/outside": "/etc", "/loop": "loop"}
    assert all(entry.mode == 0o777 for entry in scan(tree) if entry.kind == "link")


@posix
def test_a_link_given_as_the_directory_is_followed(tree, tmp_path):
    (tmp_path / "alias").symlink_to(tree)
    assert [entry.path for entry in scan(tmp_path / "alias")] == [entry.path for entry in scan(tree)]


def test_two_names_of_one_file_are_one_file_in_the_image(tree, tmp_path):
    os.link(tree / "b" / "file", tree / "again")
    write_image(tmp_path / "i.img", scan(tree), compress=False)
    with Image.open(tmp_path / "i.img") as image:
        assert image.entries["/b/file"].target == "/again"
        assert image.read("/b/file") == image.read("/again") == b"content"
    assert (tmp_path / "i.img").read_bytes().count(b"content" + bytes(505)) == 1


def test_a_hard_link_whose_first_name_is_excluded_is_a_file(tree):
    os.link(tree / "b" / "file", tree / "again")
    entries = {entry.path: entry for entry in scan(tree, exclude=["again"])}
    assert entries["/b/file"].target == ""


@posix
def test_devices_sockets_and_pipes_are_skipped_and_named(tree, monkeypatch):
    os.mkfifo(tree / "pipe")
    monkeypatch.chdir(tree)  # the name of a socket has to be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        skipped = []
        paths = [entry.path for entry in scan(tree, skipped=lambda *what: skipped.append(what))]
    assert skipped == [("/pipe", "is a FIFO"), ("/socket", "is a socket")]
    assert "/pipe" not in paths
    assert stat.S_ISFIFO((tree / "pipe").stat().st_mode)


def test_what_the_system_makes_and_an_old_index_are_skipped(tree):
    (tree / "proc").mkdir()
    (tree / "proc" / "1").write_bytes(b"")
    (tree / ".vfs-index.json").write_bytes(b"{}")
    skipped = []
    paths = [entry.path for entry in scan(tree, skipped=lambda *what: skipped.append(what))]
    assert "/proc" in paths
    assert skipped == [
        ("/.vfs-index.json", "is the index of another image"),
        ("/proc/1", "lies under /dev, /proc or /sys"),
    ]


@pytest.mark.skipif(
    os.name == "nt" or os.uname().sysname == "Darwin", reason="names there are always Unicode"
)
def test_a_name_that_is_not_utf8_is_an_error_that_shows_it(tree):
    (tree / os.fsdecode(b"caf\xe9")).write_bytes(b"")
    with pytest.raises(ImageError, match=r"caf\\xe9' is not valid UTF-8; rename or exclude it"):
        list(scan(tree))
    assert len(list(scan(tree, exclude=["caf?"]))) == 5


@pytest.mark.skipif(
    os.name == "nt" or os.uname().sysname == "Darwin", reason="names there are always Unicode"
)
def test_a_target_that_is_not_utf8_is_an_error(tree):
    (tree / "link").symlink_to(os.fsdecode(b"caf\xe9"))
    with pytest.raises(ImageError, match=r"the target of the link .*link is not valid UTF-8"):
        list(scan(tree))


def test_a_directory_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ImageError, match="none cannot be read: No such file"):
        list(scan(tmp_path / "none"))


def test_excluded_directories_are_not_entered(tree):
    paths = [entry.path for entry in scan(tree, exclude=["a", "*.txt"])]
    assert paths == ["/a-", "/b", "/b/file"]


def test_globs_are_of_paths_in_the_tree(tree):
    assert [entry.path for entry in scan(tree, at="/x", exclude=["/x/b", "/a"])] == [
        "/x",
        "/x/a",
        "/x/a/deep.txt",
        "/x/a-",
    ]
