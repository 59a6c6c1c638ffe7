"""Unpacking: faithful, inside its directory, all or nothing."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import subprocess
import sys

import pytest

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image, scan, write_image
from jupyter_frozenfs.image.windows import windows_fault

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither modes nor links for everybody")


def opened(make, entries, **options):
    return Image.open(io.BytesIO(make.image(entries, **options)), name="course.img")


@posix
def test_a_tree_is_unpacked_with_modes_times_and_links(make, tmp_path, compress):
    entries = [
        make.directory("/sealed", 0o500, 1_600_000_000),
        make.directory("/sealed/inner", 0o700, 1_600_000_001),
        make.file("/sealed/inner/x", b"x" * 300_000, 0o640, 1_600_000_002),
        make.hard("/y", "/sealed/inner/x", 0o640, 1_600_000_002),
        make.link("/link", "sealed/inner/x", 1_600_000_003),
        make.link("/away", "/etc/passwd", 1_600_000_004),
        make.file("/empty", b"", 0o444, 0),
    ]
    opened(make, entries, compress=compress).extract(tmp_path / "new/out")
    found = {entry.path: entry for entry in scan(tmp_path / "new/out")}
    assert sorted(found) == sorted(entry.path for entry in entries)
    for entry in entries:
        assert (found[entry.path].kind, found[entry.path].mode, found[entry.path].mtime) == (
            entry.kind,
            entry.mode,
            entry.mtime,
        )
    assert (tmp_path / "new/out/y").samefile(tmp_path / "new/out/sealed/inner/x")
    assert (tmp_path / "new/out/y").read_bytes() == b"x" * 300_000
    assert os.fspath((tmp_path / "new/out/away").readlink()) == "/etc/passwd"


@posix
def test_what_is_unpacked_is_packed_to_the_same_bytes(make, tmp_path):
    entries = [
        make.directory("/d", 0o711),
        make.file("/d/a", b"a", 0o600),
        make.hard("/b", "/d/a", 0o600),
        make.link("/l", "d"),
    ]
    data = make.image(entries, compress=False)
    Image.open(io.BytesIO(data)).extract(tmp_path / "out")
    write_image(tmp_path / "again.img", scan(tmp_path / "out"), compress=False)
    assert (tmp_path / "again.img").read_bytes() == data


@posix
def test_set_user_id_bits_are_not_restored_as_owners_are_not(make, tmp_path):
    opened(make, [make.file("/tool", mode=0o6755), make.directory("/tmp", 0o1777)]).extract(tmp_path / "out")  # noqa: S108
    assert stat.S_IMODE((tmp_path / "out/tool").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "out/tmp").stat().st_mode) == 0o1777


@posix
def test_every_vector_is_unpacked_and_packed_again(vectors, vector_image, tmp_path):
    described, file = vector_image
    with Image.open(vectors / file) as image:
        image.extract(tmp_path / "out", base=())
    found = {entry.path: entry for entry in scan(tmp_path / "out")}
    assert sorted(found) == sorted(row["path"] for row in described["tree"])
    for row in described["tree"]:
        entry = found[row["path"]]
        assert (entry.kind, entry.target if entry.kind == "link" else None) == (
            row["kind"],
            row.get("target"),
        )
        if entry.kind == "file" and row["mode"]:
            assert hashlib.sha256(entry.open().read()).hexdigest() == row["sha256"]


@posix
def test_a_file_system_without_hard_links_gets_copies(make, tmp_path, monkeypatch):
    monkeypatch.delattr(os, "link")  # as in Pyodide
    opened(make, [make.file("/a", b"a", 0o600), make.hard("/b", "/a", 0o600)]).extract(tmp_path / "out")
    assert (tmp_path / "out/b").read_bytes() == b"a"
    assert not (tmp_path / "out/b").samefile(tmp_path / "out/a")
    assert (tmp_path / "out/b").stat().st_mtime == 1_700_000_000


def test_an_empty_directory_is_filled_and_a_full_one_refused(make, tmp_path):
    image = opened(make, [make.file("/a")])
    (tmp_path / "out").mkdir()
    image.extract(tmp_path / "out")
    with pytest.raises(
        ImageError, match=r"out is not empty; extract course\.img into a new or empty directory"
    ):
        image.extract(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]


def test_a_file_in_the_place_of_the_directory_is_named(make, tmp_path):
    (tmp_path / "out").write_bytes(b"mine")
    with pytest.raises(ImageError, match="out cannot be made: File exists"):
        opened(make, [make.file("/a")]).extract(tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"mine"


@pytest.mark.parametrize("existed", [True, False])
def test_a_damaged_image_leaves_nothing_behind(make, tmp_path, existed):
    entries = [
        make.directory("/d", 0o500),
        make.file("/d/a", b"a" * 300_000),
        make.file("/d/b", b"b" * 300_000),
    ]
    data = bytearray(make.image(entries, compress=False))
    data[-20_000] ^= 1
    if existed:
        (tmp_path / "out").mkdir()
    with pytest.raises(ImageError, match="chunk 2 is damaged"):
        Image.open(io.BytesIO(bytes(data))).extract(tmp_path / "out")
    assert list(tmp_path.rglob("*")) == ([tmp_path / "out"] if existed else [])


@posix
def test_no_link_of_an_image_leads_a_write_out_of_the_directory(vectors, tmp_path):
    """The vector puts a file below a link to the outside; it is refused before anything is written."""
    with pytest.raises(ImageError, match="expected a directory"):
        Image.open(vectors / "damaged/below-link.img").extract(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_progress_counts_the_bytes_of_files(make, tmp_path):
    seen = []
    image = opened(make, [make.file("/a", b"a" * 10), make.hard("/b", "/a"), make.file("/c", b"c" * 5)])
    image.extract(tmp_path / "out", progress=lambda *numbers: seen.append(numbers))
    assert seen == [(10, 15), (15, 15)]


COLLISION = """
import sys
from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image
from jupyter_frozenfs.image.extract import _Extraction

# A file system that does not tell letter case apart, as on macOS and Windows: Linux has none to offer.
_Extraction.place = lambda self, path: self.root + path.lower()
try:
    Image.open(sys.argv[1]).extract(sys.argv[2])
except ImageError as error:
    print(error)
"""


def test_names_that_this_file_system_does_not_tell_apart_are_both_named(make, tmp_path):
    (tmp_path / "a.img").write_bytes(make.image([make.file("/d/README"), make.file("/d/readme")]))
    done = subprocess.run(
        [sys.executable, "-c", COLLISION, tmp_path / "a.img", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "'/d/readme' and '/d/README' are one name on the file system of" in done.stdout
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/a:b", "':'"),
        ("/a\\..\\b", "'\\\\'"),
        ("/C:", "':'"),
        ("/d/new\nline", r"'\\n'"),
        ("/d/end.", "dot or a space"),
        ("/d/end ", "dot or a space"),
        ("/nul", "name of a device"),
        ("/d/COM1.txt", "name of a device"),
        ("/aux .x", "name of a device"),
    ],
)
def test_names_that_windows_cannot_hold_are_explained(path, fault):
    assert fault.replace("\\\\n", "\\n") in windows_fault(path)


def test_ordinary_names_are_fine_on_windows():
    assert windows_fault("/lib/python3.14/site-packages/über.py") is None
    assert windows_fault("/console/com10/nul2") is None
