"""Images that are split into several files."""

from __future__ import annotations

import io
import os

import pytest

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image, find_parts, split_image, write_image

DATA = b"".join(b"%d\n" % number for number in range(200_000))


@pytest.fixture
def entries(make):
    return [make.file("/a", DATA), make.file("/b", os.urandom(50_000)), make.link("/l", "a")]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_parts_in_their_order_are_the_image(entries, tmp_path, compress):
    whole = write_image(tmp_path / "whole.img", entries, compress=compress)
    split = write_image(tmp_path / "split.img", entries, compress=compress, part_size=10_000)
    count = -(-whole.size // 10_000)
    parts = [tmp_path / f"split.img.{number:03}" for number in range(count)]
    assert names(tmp_path) == [*(part.name for part in parts), "whole.img"]
    assert b"".join(part.read_bytes() for part in parts) == (tmp_path / "whole.img").read_bytes()
    assert split.parts == (10_000,) * (count - 1) + (whole.size % 10_000,)
    assert (split.sha256, split.size, split.last_chunk) == (whole.sha256, whole.size, whole.last_chunk)


@pytest.mark.parametrize("name", ["split.img", "split.img.000"])
def test_an_image_in_parts_is_read_as_one(entries, tmp_path, compress, name):
    # Borders within the header, the table, chunks and the trailer.
    written = write_image(tmp_path / "split.img", entries, compress=compress, part_size=2003)
    with Image.open(tmp_path / name) as image:
        image.verify()
        assert image.summary == written
        assert image.read("/a") == DATA
        image.extract(tmp_path / "out")
    assert (tmp_path / "out/a").read_bytes() == DATA


def test_parts_that_a_manifest_lists_are_read_in_its_order(entries, tmp_path):
    write_image(tmp_path / "split.img", entries, part_size=100_000)
    parts = find_parts(tmp_path / "split.img")
    moved = [part.rename(tmp_path / f"{number}-of-them") for number, part in enumerate(reversed(parts))]
    with Image.open(moved[::-1]) as image:
        image.verify()
    with pytest.raises(ImageError, match="0-of-them"):
        Image.open(moved)


def test_the_vector_in_parts_is_the_whole_one(vectors):
    for name in ("boot.img", "boot.img.000"):
        with Image.open(vectors / "parts" / name) as image, Image.open(vectors / "boot.img") as whole:
            image.verify()
            assert image.summary.sha256 == whole.summary.sha256
            assert len(image.parts) == 3


def test_an_image_that_fits_one_part_is_one_file(entries, tmp_path):
    summary = write_image(tmp_path / "a.img", entries, part_size=100_000_000)
    assert names(tmp_path) == ["a.img"]
    assert summary.parts == (summary.size,)


def test_nothing_of_an_older_image_is_left(make, entries, tmp_path):
    def written(tree, part_size):
        summary = write_image(tmp_path / "a.img", tree, part_size=part_size)
        with Image.open(tmp_path / "a.img") as image:
            image.verify()
        return [f"a.img.{number:03}" for number in range(len(summary.parts))]

    many = written(entries, 10_000)
    assert names(tmp_path) == many
    few = written(entries, 200_000)
    assert names(tmp_path) == few
    assert 1 < len(few) < len(many)
    written([make.file("/a", b"small")], 10_000)
    assert names(tmp_path) == ["a.img"]
    assert written(entries, 200_000) == names(tmp_path)


def test_a_whole_image_wins_over_parts_and_other_files_are_none(make, entries, tmp_path):
    write_image(tmp_path / "a.img", entries, part_size=100_000)
    write_image(tmp_path / "a.img", [make.file("/small")])
    (tmp_path / "a.img.0000").write_bytes(b"")
    with Image.open(tmp_path / "a.img") as image:
        assert list(image.entries) == ["/small"]
    assert find_parts(tmp_path / "b.img") == [tmp_path / "b.img"]


@pytest.mark.parametrize("spoil", ["missing", "cut", "swapped", "left over", "of another"])
def test_parts_that_do_not_belong_together_are_noticed(make, entries, tmp_path, compress, spoil):
    write_image(tmp_path / "a.img", entries, compress=compress, part_size=100_000)
    parts = find_parts(tmp_path / "a.img")
    middle = parts[len(parts) // 2]
    if spoil == "missing":
        parts[-1].unlink()
    elif spoil == "cut":
        middle.write_bytes(middle.read_bytes()[:-1])
    elif spoil == "swapped":
        first, second = parts[0].read_bytes(), parts[1].read_bytes()
        parts[0].write_bytes(second)
        parts[1].write_bytes(first)
    elif spoil == "left over":
        (tmp_path / f"a.img.{len(parts):03}").write_bytes(b"from before")
    else:
        write_image(tmp_path / "b.img", [make.file("/a", os.urandom(300_000))], part_size=100_000)
        middle.write_bytes((tmp_path / "b.img.001").read_bytes()[: middle.stat().st_size])
    with pytest.raises(ImageError, match=r"a\.img\.000"), Image.open(tmp_path / "a.img") as image:
        image.verify()


def test_a_part_that_disappears_while_the_image_is_open_is_an_image_error(entries, tmp_path):
    write_image(tmp_path / "a.img", entries, part_size=10_000)
    with Image.open(tmp_path / "a.img") as image:
        image.parts[1].unlink()
        with pytest.raises(ImageError, match=r"a\.img\.000 cannot be read at"):
            image.read("/a")


def test_a_file_is_split_in_place(tmp_path):
    (tmp_path / "a").write_bytes(DATA)
    (tmp_path / "a.001").write_bytes(b"old")
    parts = split_image(tmp_path / "a", 500_000)
    assert [part.name for part in parts] == ["a.000", "a.001", "a.002"]
    assert b"".join(part.read_bytes() for part in parts) == DATA
    assert names(tmp_path) == ["a.000", "a.001", "a.002"]


@pytest.mark.parametrize("part_size", [0, -1, 1])
def test_parts_of_no_use_are_refused(entries, tmp_path, part_size):
    with pytest.raises(ImageError, match="expected at most 1000 parts; make them larger"):
        write_image(tmp_path / "a.img", entries, part_size=part_size)
    assert names(tmp_path) == []


def test_a_stream_is_not_split(entries):
    with pytest.raises(ImageError, match="only when it is written to a path"):
        write_image(io.BytesIO(), entries, part_size=10_000)


def test_a_split_that_fails_leaves_the_old_image_and_no_debris(entries, tmp_path):
    (tmp_path / "a.img").write_bytes(b"the old one")
    (tmp_path / "a.img.001").mkdir()  # where a part would have to go
    with pytest.raises(ImageError, match=r"a\.img cannot be written.*the file that was there is unchanged"):
        write_image(tmp_path / "a.img", entries, part_size=100_000)
    assert "a.img" in names(tmp_path)
    assert (tmp_path / "a.img").read_bytes() == b"the old one"
    assert not [name for name in names(tmp_path) if name.endswith(".tmp") or ".tmp." in name]
