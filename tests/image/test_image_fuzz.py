"""Thousands of images that somebody spoiled: an ImageError, and nothing worse.

`make test` tries 5,000 of each kind with a fixed seed, `make soak` 100,000.
"""

from __future__ import annotations

import io
import json
import os
import random
import struct
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image
from jupyter_frozenfs.image.gzipped import decode_head, deflate, encode_head, encode_trailer, head_size
from jupyter_frozenfs.image.tar import index_header

ROUNDS = 100_000 if "FROZENFS_SOAK" in os.environ else 5_000
VECTORS = Path(__file__).parent.parent / "vectors"
SEEDS = {
    path: path.read_bytes() for path in sorted(VECTORS.glob("**/*.img")) if path.parent.name != "damaged"
}
#: Bytes that reading may hold for a moment, whatever the image is: inflated chunks, and a file of some.
LEAST = 5_000_000
#: And for each byte of the image: objects of Python for what the index says.
FACTOR = 30
#: Seconds of processor time in which one image has to be read or refused.
LIMIT = 5


def read_all(data):
    """Do all that a reader can do, and return what it found."""
    image = Image.open(io.BytesIO(data), name="hostile.img")
    found = {}
    for path, entry in image.entries.items():
        content = image.read(path) if entry.kind == "file" else entry.target
        found[path] = (entry.kind, entry.mode, entry.mtime, content)
    return image, found


def refused(data, expected=None, at=None):
    """Tell whether an image is refused; one that is read holds what it should, and stays in its folder."""
    tracemalloc.reset_peak()
    before, started, message = tracemalloc.get_traced_memory()[0], time.process_time(), ""
    try:
        image, found = read_all(data)
        if expected is not None:
            assert found == expected
        image.verify()
        if at is not None:
            image.extract(at / "out", base=())
    except ImageError as error:
        message = str(error)
    assert time.process_time() - started < LIMIT
    assert tracemalloc.get_traced_memory()[1] - before < LEAST + FACTOR * len(data)
    assert not message or "hostile.img" in message
    return bool(message)


@pytest.fixture(autouse=True)
def measured():
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.fixture
def rng():
    return random.Random(20261120)  # noqa: S311 - the same in each run


def spoiled(data, rng):
    """Overwrite, remove, repeat, or put numbers that programs stumble over."""
    data = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        start = rng.choice([rng.randrange(len(data) + 1), rng.randrange(64), len(data) - rng.randrange(64)])
        start = min(max(0, start), len(data))
        end = min(len(data), start + rng.choice([1, 4, 8, 32, 512]))
        match rng.randrange(5):
            case 0:
                data[start:end] = rng.randbytes(end - start)
            case 1:
                del data[start:end]
            case 2:
                data[start:start] = data[start:end]
            case 3 if start < end:
                data[start] ^= 1 << rng.randrange(8)
            case _:
                number = rng.choice([0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**53, 2**63, 2**64 - 1])
                data[start:end] = struct.pack(rng.choice("<>") + "Q", number)[: end - start]
    return bytes(data)


def test_spoiled_bytes_are_refused_or_change_nothing(rng):
    expected = {path: read_all(data)[1] for path, data in SEEDS.items()}
    paths = list(SEEDS)
    count = 0
    for _ in range(ROUNDS):
        path = rng.choice(paths)
        count += refused(spoiled(SEEDS[path], rng), expected[path])
    assert count > ROUNDS * 0.9


def archive_parts(data):
    """Take an uncompressed image apart: the tree's bytes, and the index."""
    block, size = struct.unpack(">II", data[-8:])
    return data[: block * 512 - 512], json.loads(data[block * 512 : block * 512 + size])


def archive(tree, index):
    """Put an uncompressed image together, whose checksums are right whatever the index says."""
    raw = json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
    block = len(tree) // 512 + 1
    trailer = struct.pack(">4sIII4sIII", b"frzn", 1, zlib.crc32(raw), 0, b"webR", 0, block, len(raw))
    return tree + index_header(len(raw)) + raw + bytes(-len(raw) % 512) + bytes(1024) + trailer


VALUES = [
    None,
    True,
    -1,
    0,
    1.5,
    512,
    2**53,
    2**70,
    1e300,
    float("nan"),
    "",
    "a",
    "/",
    "/a",
    "/..",
    "/../out-of-it",
    "/a/../../out-of-it",
    "//a",
    "/a\0b",
    "/proc/1",
    "/dev/null",
    "/.vfs-index.json",
    "C:\\out-of-it",
    "..\\out-of-it",
    "/\ud800",
    "../../../out-of-it",
    "0" * 64,
    [],
    [[]],
    {},
    ["/a"],
    [["/a", 1]],
    [["/a", 493, 0]],
    [["/l", "../../out-of-it", 0]],
    {"filename": "/l/out-of-it", "start": 512, "end": 512},
]


def places_of(document):
    """List the container and the key of each value in a JSON document."""
    places, waiting = [], [document]
    while waiting:
        node = waiting.pop()
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            places.append((node, key))
            if isinstance(value, (dict, list)):
                waiting.append(value)
    return places


def there(node, key):
    return key in node if isinstance(node, dict) else key < len(node)


def changed(document, rng):
    """Put, remove, repeat or copy values somewhere in a JSON document."""
    document = json.loads(json.dumps(document))
    places = places_of(document)
    for _ in range(rng.choice([1, 1, 2, 3])):
        (node, key), (other, name) = rng.choice(places), rng.choice(places)
        # A place may be gone by now.
        if not (there(node, key) and there(other, name)):
            continue
        match rng.randrange(5):
            case 0:
                del node[key]
            case 1 if isinstance(node, list):
                node.insert(rng.randrange(len(node) + 1), node[key])
            case 2:
                node[key] = json.loads(json.dumps(other[name]))
            case 3 if isinstance(node[key], int) and not isinstance(node[key], bool):
                node[key] += rng.choice([-512, -1, 1, 7, 512, 262144])
            case _:
                node[key] = rng.choice(VALUES)
    return document


def test_indexes_that_lie_are_refused_or_stay_in_their_folder(rng, tmp_path):
    """The checksums are right here: only what the index says is wrong."""
    seeds = [archive_parts(data) for data in SEEDS.values() if data[:2] != b"\x1f\x8b"]
    count = 0
    for number in range(ROUNDS):
        tree, index = rng.choice(seeds)
        place = tmp_path / str(number % 7)
        place.mkdir(exist_ok=True)
        count += refused(archive(tree, changed(index, rng)), at=place)
        if (place / "out").exists():
            assert {path.name for path in place.iterdir()} == {"out"}
            remove(place / "out")
    assert {path.name for path in tmp_path.iterdir()} <= set("0123456")
    assert ROUNDS * 0.9 < count < ROUNDS


def remove(directory):
    for path in sorted(directory.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    directory.rmdir()


def test_tables_that_lie_are_refused_or_change_nothing(rng):
    """The chunks are what they were: only the numbers around them are wrong."""
    path = VECTORS / "chunks.packed.img"
    data, expected = SEEDS[path], read_all(SEEDS[path])[1]
    head = decode_head(data, len(data), "seed")
    body = data[head_size(len(head.lengths)) :]
    count = 0
    for _ in range(ROUNDS // 5):
        lengths = list(head.lengths)
        for _ in range(rng.choice([0, 1, 2])):
            # What one has more, another has less: the sum is right.
            one, other = rng.randrange(len(lengths)), rng.randrange(len(lengths))
            less = min(lengths[other], rng.choice([1, 2, 5, 1000]))
            lengths[one], lengths[other] = lengths[one] + less, lengths[other] - less
        numbers = [head.chunk, head.size, head.last_crc32]
        numbers[rng.randrange(3)] += rng.choice([0, 1, -1, 512, 262144])
        changed_head = encode_head(
            type(head)(numbers[0] % 2**32, numbers[1], numbers[2] % 2**32, tuple(lengths))
        )
        count += refused(changed_head + body, expected)
    assert count > ROUNDS // 10


@pytest.mark.parametrize("what", ["chunk", "last chunk", "index"])
def test_few_bytes_that_inflate_to_many_are_not_unpacked(what):
    """Deflate makes at most 1,032 bytes of one: these make a hundred million."""
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bomb.compress(bytes(100_000_000)) + bomb.flush(zlib.Z_FULL_FLUSH)
    tree, index = archive_parts(SEEDS[VECTORS / "hello.img"])
    last = archive(tree, index)[len(tree) :]
    if what == "chunk":
        chunks, size, crc = (zeros, deflate(last, 9, last=True)), len(tree) + len(last), zlib.crc32(last)
    else:
        # The table promises as much as there is, or only what an index may take.
        size = len(tree) + (100_000_000 if what == "last chunk" else 2000)
        chunks, crc = (deflate(tree, 9), zeros + deflate(b"", 9, last=True)), 0
    head = type(
        decode_head(SEEDS[VECTORS / "hello.packed.img"], len(SEEDS[VECTORS / "hello.packed.img"]), "")
    )
    data = (
        encode_head(head(262144, size, crc, tuple(map(len, chunks))))
        + b"".join(chunks)
        + encode_trailer(0, 0)
    )
    if what == "last chunk":
        with pytest.raises(ImageError, match="the last chunk is damaged"):
            Image.open(io.BytesIO(data), name="hostile.img")
    else:
        assert refused(data)
