"""Damaged, truncated and hostile images: an ImageError, and nothing worse."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib

import pytest

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image
from jupyter_frozenfs.image.gzipped import Head, deflate, encode_head, encode_trailer


@pytest.fixture
def image(make, compress):
    lines = b"".join(b"%d\n" % number for number in range(100_000))
    return make.image(
        [make.file("/a", lines), make.file("/b/c", b"c"), make.hard("/d", "/a"), make.link("/l", "a")],
        boot=["/b/c"],
        compress=compress,
    )


def read_all(data):
    image = Image.open(io.BytesIO(data), name="hostile.img")
    contents = {
        entry.path: image.read(entry.path) for entry in image.entries.values() if entry.kind == "file"
    }
    image.verify()
    return contents


def test_an_image_cut_anywhere_is_refused(image, rng):
    borders = [
        *range(64),
        *range(len(image) - 2100, len(image)),
        *(rng.randrange(len(image)) for _ in range(200)),
    ]
    for length in borders:
        with pytest.raises(ImageError, match=r"hostile\.img"):
            read_all(image[:length])


def test_an_image_with_something_behind_it_is_refused(image):
    for more in (b"\0", bytes(512), image):
        with pytest.raises(ImageError, match=r"hostile\.img"):
            read_all(image + more)


def test_no_flipped_bit_gives_wrong_bytes(image, rng):
    """Whatever is changed is noticed, but for bits that mean nothing: between a block and the byte's end."""
    expected = read_all(image)
    unnoticed = []
    for offset in [
        *range(60),
        *range(len(image) - 1600, len(image)),
        *(rng.randrange(len(image)) for _ in range(500)),
    ]:
        damaged = bytearray(image)
        damaged[offset] ^= 1 << rng.randrange(8)
        try:
            found = read_all(bytes(damaged))
        except ImageError:
            continue
        assert found == expected
        unnoticed.append(offset)
    assert len(unnoticed) <= (5 if image.startswith(b"\x1f\x8b") else 0)


def peak_memory(action):
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_promised_sizes_allocate_nothing(vectors):
    small = (vectors / "tree.packed.img").read_bytes()
    hostile = small[:24] + struct.pack("<Q", 2**62) + small[32:]

    def opening():
        with pytest.raises(ImageError):
            read_all(hostile)

    assert peak_memory(opening) < 1_000_000


def test_a_chunk_that_inflates_beyond_its_size_is_stopped(make):
    bomb = deflate(bytes(200_000_000), 9)
    image = make.image([make.file("/a", b"x" * 1000)])
    last = zlib.decompress(image[44 + struct.unpack_from("<I", image, 36)[0] : -8], -15)
    packed_last = deflate(last, 9, last=True)
    head = Head(262144, 2048 + len(last), zlib.crc32(last), (len(bomb), len(packed_last)))
    hostile = encode_head(head) + bomb + packed_last + encode_trailer(0, 0)

    def reading():
        with pytest.raises(ImageError, match=r"hostile\.img"):
            read_all(hostile)

    assert peak_memory(reading) < 3_000_000


def test_a_newer_version_is_named_and_not_guessed_at(vectors):
    for name in ("version", "version-packed", "version-index"):
        with pytest.raises(
            ImageError, match="version 2, this program reads version 1; a newer jupyter-frozenfs"
        ):
            Image.open(vectors / "damaged" / f"{name}.img")


def test_a_damaged_chunk_is_named_and_the_others_are_still_read(make, compress):
    entries = [make.file("/a", b"a" * 300_000), make.file("/b", b"b" * 300_000)]
    data = bytearray(make.image(entries, compress=compress, level=0))
    data[-50_000] ^= 1
    image = Image.open(io.BytesIO(bytes(data)), name="course.img")
    assert image.read("/a") == b"a" * 300_000
    with pytest.raises(ImageError, match=r"course\.img: chunk 2 is damaged.*fetch or build the image again"):
        image.read("/b")


def test_a_file_that_shrinks_while_it_is_open_is_an_image_error(make, tmp_path):
    path = tmp_path / "a.img"
    path.write_bytes(make.image([make.file("/a", b"a" * 300_000)], compress=False))
    with Image.open(path) as image:
        with path.open("r+b") as file:
            file.truncate(1000)
        with pytest.raises(ImageError, match="truncated"):
            image.read("/a")


def test_reading_what_is_not_a_file_says_what_is_there(make):
    image = Image.open(io.BytesIO(make.image([make.file("/d/a"), make.link("/l", "d/a")])), name="x.img")
    for path, found in {
        "/nothing": "there is no such entry",
        "/d": "it is a directory",
        "/l": "it is a link",
    }.items():
        with pytest.raises(ImageError, match=rf"x\.img: '{path}' is not a file of the image: {found}"):
            image.read(path)


def test_a_path_that_is_no_file_of_this_machine_is_an_image_error(tmp_path):
    with pytest.raises(ImageError, match=r"none\.img cannot be read: No such file"):
        Image.open(tmp_path / "none.img")
    with pytest.raises(ImageError, match="cannot be read: Is a directory"):
        Image.open(tmp_path)
