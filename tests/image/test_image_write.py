"""Writing: streaming, all or nothing, and what the format cannot hold."""

from __future__ import annotations

import dataclasses
import io
import os
import subprocess
import sys
import textwrap
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Entry, Image, write_image
from jupyter_frozenfs.image.layout import plan

ROOT = Path(__file__).parents[2]


class Noise(io.RawIOBase):
    """A file of any size that is on no disk."""

    def __init__(self, size):
        self.left = size

    def readable(self):
        return True

    def readinto(self, buffer):
        count = min(len(buffer), self.left)
        buffer[:count] = os.urandom(count)
        self.left -= count
        return count


def test_memory_does_not_grow_with_the_image(tmp_path, compress):
    def peak(size):
        entry = Entry("/large", "file", 0o644, 0, size, content=lambda: Noise(size))
        tracemalloc.start()
        try:
            write_image(tmp_path / "large.img", [entry], compress=compress, level=1)
            with Image.open(tmp_path / "large.img") as image:
                image.verify()
                image.extract(tmp_path / f"out-{size}")
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small = peak(20_000_000)
    assert peak(60_000_000) < small + 2_000_000
    assert small < 20_000_000


def test_a_written_image_can_be_read_by_other_users(make, tmp_path):
    umask = os.umask(0o022)
    try:
        write_image(tmp_path / "a.img", [make.file("/a")])
    finally:
        os.umask(umask)
    assert (tmp_path / "a.img").stat().st_mode & 0o777 == 0o644


def test_an_image_goes_into_a_stream_that_cannot_seek(make, tmp_path, compress):
    entries = [make.file("/a", b"a" * 300_000)]
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as sink, ThreadPoolExecutor() as pool:
        found = pool.submit(source.read)
        summary = write_image(sink, entries, compress=compress)
        sink.close()
        data = found.result()
    assert len(data) == summary.size
    write_image(tmp_path / "a.img", entries, compress=compress)
    assert data == (tmp_path / "a.img").read_bytes()


FULL_DISK = """
    import io, os, resource, sys
    from pathlib import Path
    from jupyter_frozenfs.errors import ImageError
    from jupyter_frozenfs.image import Entry, write_image

    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    data = os.urandom(3_000_000)
    entry = Entry("/a", "file", 0o644, 0, len(data), content=lambda: io.BytesIO(data))
    try:
        write_image(Path(sys.argv[1]), [entry], compress=sys.argv[2] == "True")
    except ImageError as error:
        print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit of file sizes to stand in for a full disk")
@pytest.mark.parametrize("old", [b"the old image", None])
def test_a_write_that_finds_no_room_keeps_the_old_image_and_leaves_no_debris(tmp_path, compress, old):
    destination = tmp_path / "a.img"
    if old is not None:
        destination.write_bytes(old)
    code = textwrap.dedent(FULL_DISK)
    done = subprocess.run(
        [sys.executable, "-c", code, destination, str(compress)], capture_output=True, text=True, check=True
    )
    kept = "; the file that was there is unchanged" if old else ""
    assert done.stdout == f"{destination} cannot be written: File too large{kept}\n"
    assert [path.name for path in tmp_path.iterdir()] == (["a.img"] if old else [])
    if old is not None:
        assert destination.read_bytes() == old


def test_an_interrupted_write_keeps_the_old_image_and_leaves_no_debris(make, tmp_path, compress):
    destination = tmp_path / "a.img"
    destination.write_bytes(b"the old image")

    def interrupt(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_image(destination, [make.file("/a", b"a" * 1_000_000)], compress=compress, progress=interrupt)
    assert [path.name for path in tmp_path.iterdir()] == ["a.img"]
    assert destination.read_bytes() == b"the old image"


def test_a_missing_folder_of_the_destination_is_named(make, tmp_path):
    with pytest.raises(ImageError, match=r"no/such/a\.img cannot be written: No such file"):
        write_image(tmp_path / "no/such/a.img", [make.file("/a")])


def test_progress_counts_up_to_the_size_of_the_tree(make, compress):
    seen = []
    make.image(
        [make.file("/a", b"a" * 700_000)], compress=compress, progress=lambda *numbers: seen.append(numbers)
    )
    assert seen == sorted(seen)
    assert len(seen) == 3
    assert seen[-1][0] == seen[-1][1] == 512 + 700_000 + (-700_000 % 512)


@pytest.mark.parametrize(("size", "found"), [(10, "found more"), (30, "found 20 bytes")])
def test_a_file_that_changes_meanwhile_is_named(make, tmp_path, size, found):
    entry = dataclasses.replace(make.file("/data.csv", b"x" * 20), size=size)
    with pytest.raises(
        ImageError, match=f"'/data.csv' changed while it was read: expected {size} bytes, {found}"
    ):
        write_image(tmp_path / "a.img", [entry])
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    entry = Entry("/data.csv", "file", 0o644, 0, 3, content=(tmp_path / "gone").open)
    with pytest.raises(ImageError, match=r"'/data\.csv' cannot be read: .*No such file.*gone"):
        write_image(tmp_path / "a.img", [entry])


def test_missing_parents_are_added(make):
    image = Image.open(io.BytesIO(make.image([make.file("/a/b/c")])))
    assert {path: image.entries[path].mode for path in ("/a", "/a/b")} == {"/a": 0o755, "/a/b": 0o755}


REFUSED = {
    "a relative path": (lambda make: [make.file("a")], "is not absolute"),
    "a parent segment": (lambda make: [make.file("/a/../b")], r"'\.\.' segment"),
    "the root": (lambda make: [make.directory("/")], "segment or a trailing slash"),
    "a NUL": (lambda make: [make.file("/a\0b")], "holds a NUL"),
    "half a character": (lambda make: [make.file("/a\ud800")], "is not valid UTF-8"),
    "what is made by the system": (lambda make: [make.file("/proc/1")], "under /dev, /proc or /sys"),
    "the index": (lambda make: [make.file("/.vfs-index.json")], "keeps its index"),
    "a path twice": (lambda make: [make.file("/a"), make.directory("/a")], "'/a' was given twice"),
    "a file as parent": (lambda make: [make.file("/a"), make.file("/a/b")], "'/a', which is a file"),
    "a link as parent": (lambda make: [make.link("/a", "/etc"), make.file("/a/b")], "'/a', which is a link"),
    "a mode of 13 bits": (lambda make: [make.file("/a", mode=0o10000)], "has mode 4096"),
    "a time before 1970": (lambda make: [make.file("/a", mtime=-1)], "has mtime -1"),
    "a link to nothing": (lambda make: [make.link("/a", "")], "is empty"),
    "a hard link to nothing": (lambda make: [make.hard("/a", "/b")], "'/b', which is not a file"),
    "a hard link to a directory": (lambda make: [make.hard("/a", "/b"), make.directory("/b")], "not a file"),
    "hard links in a circle": (
        lambda make: [make.hard("/a", "/b"), make.hard("/b", "/a")],
        "refers to itself",
    ),
    "a file without content": (lambda _: [Entry("/a", "file", 0o644, 0, 3)], "without content"),
    "more than the trailer counts": (
        lambda make: [dataclasses.replace(make.file("/a"), size=2**41)],
        "expected at most 2199023254528",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_format_cannot_hold_is_refused(make, tmp_path, what):
    entries, message = REFUSED[what]
    with pytest.raises(ImageError, match=message):
        write_image(tmp_path / "a.img", entries(make))
    assert not list(tmp_path.iterdir())


def test_a_boot_list_of_what_is_no_file_is_refused(make):
    for path, found in {"/none": "not in the tree", "/d": "a directory"}.items():
        with pytest.raises(ImageError, match=f"the boot list names '{path}', which is {found}"):
            make.image([make.directory("/d")], boot=[path])


def test_a_layer_names_a_base_and_what_it_removes(make):
    with pytest.raises(ImageError, match="expected a SHA-256"):
        make.image([], base="latest")
    with pytest.raises(ImageError, match="no base was given"):
        make.image([], whiteouts=["/a"])
    image = Image.open(io.BytesIO(make.image([], base="a" * 64, whiteouts=["/b", "/a"])))
    assert (image.index.base, image.index.whiteouts) == ("a" * 64, ("/a", "/b"))


def test_many_files_make_larger_chunks_so_that_the_table_fits_a_gzip_header(make):
    # 4.2 GB of the same byte would take minutes to write: the plan alone says what the size will be.
    below = plan([dataclasses.replace(make.file("/a"), size=15_999 * 262_144 - 512)])
    above = plan([dataclasses.replace(make.file("/a"), size=15_999 * 262_144 - 511)])
    assert (below.index.chunk, above.index.chunk) == (262_144, 524_288)


def test_the_reading_side_needs_only_the_standard_library():
    """The kernel in the browser imports it as it is."""
    code = "import sys; before = set(sys.modules); import jupyter_frozenfs.image; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    top = {name.partition(".")[0] for name in done.stdout.split()}
    assert top - {"jupyter_frozenfs"} <= set(sys.stdlib_module_names) | {
        "sitecustomize",
        "__main__",
        "_distutils_hack",
    }
