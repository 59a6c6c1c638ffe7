"""The bytes of an image, worked out by hand from docs/format.md and not by the code under test."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import struct
import tarfile
import zlib

from jupyter_frozenfs.image import write_image
from jupyter_frozenfs.image.tar import header


def octal_sum(header):
    """Put the checksum into a header: the sum of all bytes, its own field taken as eight spaces."""
    assert len(header) == 512
    assert header[148:156] == b" " * 8
    return header[:148] + b"%06o\0 " % sum(header) + header[156:]


FILE_HEADER = octal_sum(
    b"a"
    + bytes(99)
    + b"0000640\0"
    + b"0000000\0"
    + b"0000000\0"
    + b"00000000003\0"
    + b"14524770400\0"  # 1,700,000,000
    + b" " * 8
    + b"0"
    + bytes(100)
    + b"ustar\0"
    + b"00"
    + bytes(64)
    + b"0000000\0"
    + b"0000000\0"
    + bytes(167)
)
INDEX = (
    b'{"files":[{"filename":"/a","start":512,"end":515}],'
    b'"frozenfs":{"version":1,"chunk":262144,"boot":0,"base":null,"modes":[416],"mtimes":[1700000000],'
    b'"directories":[],"links":[],"whiteouts":[],"crc32":[%d]},'
    b'"remote_package_size":1024}'
)


def expected_archive():
    tree = FILE_HEADER + b"hi\n" + bytes(509)
    index = INDEX % zlib.crc32(tree)
    index_header = octal_sum(
        b".vfs-index.json"
        + bytes(85)
        + b"0000644\0"
        + b"0000000\0"
        + b"0000000\0"
        + b"%011o\0" % len(index)
        + b"00000000000\0"
        + b" " * 8
        + b"0"
        + bytes(100)
        + b"ustar\0"
        + b"00"
        + bytes(64)
        + b"0000000\0"
        + b"0000000\0"
        + bytes(167)
    )
    trailer = (
        b"frzn"
        + (1).to_bytes(4, "big")
        + zlib.crc32(index).to_bytes(4, "big")
        + bytes(4)
        + b"webR"
        + bytes(4)
        + (3).to_bytes(4, "big")  # the index's data begin at 1536
        + len(index).to_bytes(4, "big")
    )
    return tree, index_header + index + bytes(512 - len(index)) + bytes(1024) + trailer


def test_an_uncompressed_image_has_exactly_the_specified_bytes(make):
    tree, last = expected_archive()
    assert make.image([make.file("/a", b"hi\n", 0o640)], compress=False) == tree + last


def test_a_compressed_image_has_the_specified_header_around_one_gzip_member(make):
    tree, last = expected_archive()
    data = make.image([make.file("/a", b"hi\n", 0o640)])
    assert gzip.decompress(data) == tree + last
    assert data[:12] == bytes.fromhex("1f8b0804 00000000 00ff") + (32).to_bytes(2, "little")
    assert data[12:16] == b"FZ" + (28).to_bytes(2, "little")
    version, zero, chunk, size, crc, first, second = struct.unpack("<HHIQIII", data[16:44])
    assert (version, zero, chunk, size, crc) == (1, 0, 262144, len(tree + last), zlib.crc32(last))
    assert 44 + first + second + 8 == len(data)
    # Each chunk inflates alone: the first with the two bytes that the format names, the last as it is.
    assert zlib.decompress(data[44 : 44 + first] + b"\x03\x00", -15) == tree
    assert zlib.decompress(data[44 + first : -8], -15) == last


def test_what_does_not_fit_a_header_stands_in_a_pax_record(make):
    name, target = "é" * 60, "t" * 101
    data = make.image([make.link(f"/{name}", target, mtime=8**11)], compress=False)
    records = (
        b"115 linkpath=" + b"t" * 101 + b"\n"
        b"20 mtime=8589934592\n"
        b"130 path=" + name.encode() + b"\n"
    )  # fmt: skip
    assert data[:9] == b"PaxHeader"
    assert data[156:157] == b"x"
    assert int(data[124:135], 8) == len(records)
    assert data[512 : 512 + len(records)] == records
    ustar = data[1024:1536]
    assert ustar[:100] == b"_" * 100
    assert ustar[136:148] == b"00000000000\0"
    assert ustar[157:257] == b"t" * 100


def test_records_count_their_own_digits(make):
    # 98 bytes without the length: with two digits it is 100, which has three.
    for length in range(85, 95):
        data = make.image([make.file("/" + "é" + "n" * length)], compress=False)
        record = data[512 : 512 + int(data[124:135], 8)]
        assert int(record.split(b" ")[0]) == len(record)


def test_a_size_of_eight_gibibytes_stands_in_a_pax_record(make):
    entry = make.file("/large")
    data = header(dataclasses.replace(entry, size=8**11))
    assert data[512:534] == b"19 size=8589934592\n\0\0\0"
    assert data[1024 + 124 : 1024 + 136] == b"00000000000\0"
    assert b"8589934591" not in header(dataclasses.replace(entry, size=8**11 - 1))
    assert len(header(dataclasses.replace(entry, size=8**11 - 1))) == 512


def test_the_boot_list_comes_first_and_the_other_files_by_the_bytes_of_their_names(make):
    paths = ["/z", "/\uffee", "/\U0001f40d", "/a", "/B", "/a-", "/a/b", "/10", "/9"]
    entries = [make.directory("/a"), *(make.file(path) for path in paths if path != "/a")]
    data = make.image(entries, boot=["/z", "/a-"], compress=False)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = archive.getnames()
    assert names == ["z", "a-", "10", "9", "B", "a/b", "\uffee", "\U0001f40d", "a", ".vfs-index.json"]


def test_directories_come_last_each_after_what_it_holds(make):
    entries = [make.file(path) for path in ("/a/b/1", "/a/2", "/a/c/3", "/d/4", "/e")]
    data = make.image([*entries, make.link("/f", "e")], boot=["/d/4"], compress=False)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = archive.getnames()
    assert names[:-1] == ["d/4", "a/2", "a/b/1", "a/c/3", "e", "f", "d", "a/c", "a/b", "a"]
    assert b'"directories":[["/a",493,0],["/a/b",493,0],["/a/c",493,0],["/d",493,0]]' in data


def test_the_same_tree_gives_the_same_bytes_in_whatever_order_it_is_given(make, compress):
    entries = [
        make.directory("/d"),
        make.file("/d/x", b"x" * 300_000),
        make.link("/l", "d"),
        make.hard("/h", "/d/x"),
    ]
    first = make.image(entries, compress=compress, boot=["/d/x"])
    assert make.image(entries[::-1], compress=compress, boot=["/d/x"]) == first


def test_the_summary_describes_the_file(make, tmp_path, compress):
    data = bytes(range(256)) * 3000
    entries = [make.file("/boot", data[:100_000]), make.file("/other", data)]
    summary = write_image(tmp_path / "a.img", entries, boot=["/boot"], compress=compress)
    written = (tmp_path / "a.img").read_bytes()
    assert summary.size == len(written)
    assert summary.sha256 == hashlib.sha256(written).hexdigest()
    archive = gzip.decompress(written) if compress else written
    assert summary.uncompressed_size == len(archive)
    assert (summary.files, summary.chunks) == (2, 5)
    if compress:
        # The boot list lies in the first chunk; the head before it has 36 bytes and 4 for each chunk.
        (first,) = struct.unpack_from("<I", written, 36)
        assert summary.boot == 36 + 5 * 4 + first
        assert zlib.decompress(written[summary.last_chunk : -8], -15).startswith(b".vfs-index.json")
    else:
        assert summary.boot == 512 + 100_000 + (-100_000 % 512)
        assert written[summary.last_chunk :].startswith(b".vfs-index.json")
