"""Other programs read images: GNU tar, bsdtar, Python's tarfile, gzip."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import stat
import subprocess
import tarfile
import unicodedata

import pytest

from jupyter_frozenfs.image import Image, write_image

LONG = "d" * 60 + "/" + "e" * 60


@pytest.fixture(autouse=True)
def locale(monkeypatch):
    """Say that names are UTF-8 here too: bsdtar wants to know, with all pax archives."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture(params=["tar", "bsdtar"])
def program(request):
    # Both are on Debian as packages `tar` and `libarchive-tools`; Windows and macOS have bsdtar as `tar`.
    if shutil.which(request.param) is None:
        # A gap must be seen where all is expected to be there.
        gap = pytest.fail if "FROZENFS_ALL_TOOLS" in os.environ else pytest.skip
        gap(f"{request.param} is not installed")
    return request.param


@pytest.fixture
def image(make, tmp_path, compress):
    entries = [
        make.directory("/lib", 0o750, 1_600_000_000),
        make.file("/lib/boot.py", b"print('boot')\n" * 40_000, 0o600, 1_600_000_001),
        make.hard("/lib/again.py", "/lib/boot.py", 0o600, 1_600_000_001),
        make.file("/empty", b"", 0o444, 1_600_000_002),
        make.file("/über\n-x", b"odd name", 0o755, 1_600_000_003),
        make.directory(f"/{LONG.split('/', maxsplit=1)[0]}", 0o755, 1_600_000_004),
        make.file(f"/{LONG}", b"long", 0o644, 1_600_000_005),
        make.link("/link", "lib/boot.py", 1_600_000_006),
        make.link("/dangling", "t" * 150, 1_600_000_007),
        make.directory("/sealed", 0o555, 1_600_000_008),
        make.file("/sealed/x", b"x", 0o400, 1_600_000_009),
    ]
    path = tmp_path / "image.img"
    write_image(path, entries, boot=["/sealed/x", "/lib/boot.py"], compress=compress)
    return path, entries


def check(directory, entries, *, link_times=True):
    """Compare an unpacked directory with the entries that went into the image."""
    contents = {entry.path: entry for entry in entries}
    names = {".vfs-index.json", *(entry.path[1:] for entry in entries)}
    assert {path.relative_to(directory).as_posix() for path in directory.rglob("*")} == names
    for entry in entries:
        place = directory / entry.path[1:]
        status = place.lstat()
        if entry.kind != "link" or link_times:
            assert int(status.st_mtime) == entry.mtime, entry.path
        if entry.kind == "link":
            assert os.fspath(place.readlink()) == entry.target
            continue
        assert stat.S_IMODE(status.st_mode) == entry.mode, entry.path
        if entry.kind == "file":
            assert place.read_bytes() == contents[entry.target or entry.path].open().read()
    assert (directory / "lib/boot.py").samefile(directory / "lib/again.py")


def test_a_tar_program_unpacks_the_tree_without_a_word(image, program, tmp_path):
    path, entries = image
    directory = tmp_path / "out"
    directory.mkdir()
    done = subprocess.run(
        [program, "-xpf", path, "-C", directory], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    check(directory, entries)


def test_a_tar_program_reads_it_from_a_pipe(image, program, tmp_path):
    path, entries = image
    directory = tmp_path / "out"
    directory.mkdir()
    unzip = ["-z"] if path.read_bytes().startswith(b"\x1f\x8b") else []
    done = subprocess.run(
        [program, *unzip, "-xpf", "-", "-C", directory],
        input=path.read_bytes(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    check(directory, entries)


def test_pythons_tarfile_unpacks_the_tree(image, tmp_path):
    path, entries = image
    with tarfile.open(path, "r:*") as archive:
        options = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
        assert {member.mtime for member in archive if member.issym()} == {1_600_000_006, 1_600_000_007}
        archive.extractall(tmp_path / "out", **options)  # noqa: S202 - made a moment ago
    check(tmp_path / "out", entries, link_times=False)  # which it reads but does not set


def test_gzip_tests_and_unpacks_a_compressed_image(make, tmp_path):
    entries = [make.file("/a", os.urandom(600_000))]
    write_image(tmp_path / "packed.gz", entries)
    write_image(tmp_path / "plain", entries, compress=False)
    done = subprocess.run(
        ["gzip", "-tv", tmp_path / "packed.gz"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "OK" in done.stderr
    unpacked = subprocess.run(["gzip", "-dc", tmp_path / "packed.gz"], capture_output=True, check=True).stdout
    assert (
        unpacked
        == (tmp_path / "plain").read_bytes()
        == gzip.decompress((tmp_path / "packed.gz").read_bytes())
    )


def check_vector(directory, tree, *, link_times=True, user_bits=0o7777):
    """Compare an unpacked directory with what the vectors say is in the image."""
    found = {f"/{path.relative_to(directory).as_posix()}" for path in directory.rglob("*")}
    assert found == {"/.vfs-index.json", *(row["path"] for row in tree)}
    inodes = [(directory / row["path"][1:]).lstat().st_ino for row in tree]
    for row in tree:
        place = directory / row["path"][1:]
        status = place.lstat()
        # Names of one file have one time; later times are more than some file systems can hold.
        times = {one["mtime"] for one, inode in zip(tree, inodes, strict=True) if inode == status.st_ino}
        if row["mtime"] < 2**33 and (row["kind"] != "link" or link_times):
            assert int(status.st_mtime) in times, row["path"]
        if row["kind"] == "link":
            assert os.fspath(place.readlink()) == row["target"]
            continue
        assert stat.S_IMODE(status.st_mode) & user_bits == row["mode"] & user_bits, row["path"]
        if row["kind"] == "file":
            if not os.access(place, os.R_OK):
                place.chmod(0o600)
            assert hashlib.sha256(place.read_bytes()).hexdigest() == row["sha256"], row["path"]


def test_a_tar_program_unpacks_every_vector(vectors, vector_image, program, tmp_path):
    described, file = vector_image
    (tmp_path / "out").mkdir()
    done = subprocess.run(
        [program, "-xpf", vectors / file, "-C", tmp_path / "out"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    # GNU tar wonders about times that are yet to come.
    assert [line for line in done.stderr.splitlines() if "in the future" not in line] == []
    tree, bits = described["tree"], 0o7777
    if program == "bsdtar":
        # It drops these bits where it cannot restore the owner, and normalizes names.
        bits = 0o1777
        tree = [row for row in tree if unicodedata.is_normalized("NFC", row["path"])]
    check_vector(tmp_path / "out", tree, user_bits=bits)


def test_a_tar_program_lists_an_entry_for_each_entry_and_the_index(vectors, vector_image, program):
    described, file = vector_image
    done = subprocess.run([program, "-tf", vectors / file], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == len(described["tree"]) + 1


def test_pythons_tarfile_unpacks_every_vector(vectors, vector_image, tmp_path):
    described, file = vector_image
    with tarfile.open(vectors / file, "r:*") as archive:
        options = {"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}
        archive.extractall(tmp_path / "out", **options)  # noqa: S202 - made for this test
        links = {f"/{member.name}": member.mtime for member in archive if member.issym()}
    assert links == {row["path"]: row["mtime"] for row in described["tree"] if row["kind"] == "link"}
    check_vector(tmp_path / "out", described["tree"], link_times=False)  # which it reads but does not set


def test_parts_put_together_by_cat_are_an_archive_for_tar(make, tmp_path, program, compress):
    entries = [make.file("/a", os.urandom(300_000)), make.file("/b", b"b")]
    write_image(tmp_path / "a.img", entries, compress=compress, part_size=100_000)
    command = f"cat {tmp_path}/a.img.??? | {program} -{'z' if compress else ''}xf - -C {tmp_path}"
    subprocess.run(["sh", "-c", command], check=True)
    assert (tmp_path / "a").read_bytes() == entries[0].open().read()


def test_an_image_that_split_cuts_is_read(make, tmp_path, compress):
    write_image(tmp_path / "a.img", [make.file("/a", os.urandom(300_000))], compress=compress)
    subprocess.run(["split", "-b", "100000", "-d", "-a", "3", "a.img", "a.img."], check=True, cwd=tmp_path)
    (tmp_path / "a.img").unlink()
    with Image.open(tmp_path / "a.img") as image:
        image.verify()
        assert len(image.parts) == 4
