"""The trees of the vectors."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field, replace

from jupyter_frozenfs.image import Entry, write_image


def file(path: str, data: bytes, mode: int = 0o644, mtime: int = 1_700_000_000) -> Entry:
    return Entry(path, "file", mode, mtime, len(data), content=lambda: io.BytesIO(data))


def hard(path: str, first: str, mtime: int = 1_700_000_000) -> Entry:
    return Entry(path, "file", 0o644, mtime, target=first)


def directory(path: str, mode: int = 0o755, mtime: int = 1_700_000_000) -> Entry:
    return Entry(path, "directory", mode, mtime)


def link(path: str, target: str, mtime: int = 1_700_000_000) -> Entry:
    return Entry(path, "link", 0o777, mtime, target=target)


@dataclass(frozen=True)
class Vector:
    """A tree to be written."""

    name: str
    about: str
    entries: list[Entry]
    boot: list[str] = field(default_factory=list)
    base: str | None = None
    whiteouts: list[str] = field(default_factory=list)
    #: small enough to be kept uncompressed as well
    plain: bool = True

    def on(self, base: str) -> Vector:
        """Make it a layer on the image with this SHA-256."""
        return replace(self, base=base)


#: A megabyte that compresses well; its period is no divisor of a chunk, so that a shifted read is noticed.
NUMBERS = b"".join(b"%d\n" % (number % 1009) for number in range(260_000))

VECTORS = [
    Vector("empty", "No entries at all: the index is at offset 0 and the last chunk is the only one.", []),
    Vector(
        "hello",
        "One file; the smallest image that holds something.",
        [file("/hello.txt", b"Hello, frozen world!\n")],
    ),
    Vector(
        "tree",
        "Directories (one empty), files (one empty, one of exactly a block), modes with special bits, "
        "links that dangle, loop and climb.",
        [
            directory("/bin", 0o1777),
            file("/bin/tool", b"#!/bin/sh\necho tool\n", 0o4755, 0),
            directory("/empty", 0o700, 1),
            directory("/lib", 0o755),
            directory("/lib/deep", 0o555),
            file("/lib/deep/block", bytes(range(256)) * 2, 0o400),
            file("/lib/deep/nothing", b"", 0o0),
            link("/lib/dangling", "no/such/file"),
            link("/lib/loop", "loop", 2**31),
            link("/lib/up", "../bin/tool"),
            link("/outside", "/etc/passwd"),
        ],
    ),
    Vector(
        "boot",
        "A boot list in an order of its own, whose last file is empty, with hard links on both sides of its "
        "end: the first name in the archive holds the bytes.",
        [
            directory("/a"),
            file("/a/one", b"one", mtime=1),
            file("/a/two", b"two" * 1000, mtime=2),
            file("/b", b"bee", mtime=3),
            file("/void", b"", mtime=4),
            hard("/z", "/a/one", mtime=5),
            hard("/c", "/a/one", mtime=6),
            hard("/void2", "/void", mtime=7),
        ],
        boot=["/z", "/a/two", "/a/one", "/void"],
    ),
    Vector(
        "names",
        "Names that trip programs: properties of every JavaScript object, numbers, one letter in two Unicode "
        "forms, both sides of U+FFFF (whose order differs between UTF-8 and UTF-16), control characters, "
        "leading dashes, backslashes, 100 and 101 bytes, long paths and targets.",
        [
            *(
                file(f"/{name}", name.encode())
                for name in (
                    "__proto__",
                    "constructor",
                    "10",
                    "9",
                    "\u00e9",
                    "e\u0301",
                    "\uffee",
                    "\U0001f40d",
                    "new\nline",
                    "tab\t",
                    "-rf",
                    "back\\slash",
                    '"quoted"',
                    " space ",
                    "bell\x07",
                    "del\x7f",
                    "...",
                    "a=b",
                    "n" * 100,
                    "o" * 101,
                )
            ),
            directory("/" + "d" * 99),
            directory("/" + "e" * 100),
            directory("/p"),
            *(directory("/p" + f"/{'q' * 60}" * depth) for depth in range(1, 6)),
            file("/p" + f"/{'q' * 60}" * 5 + "/\u00fc", b"deep"),
            hard("/r", "/p" + f"/{'q' * 60}" * 5 + "/\u00fc"),
            link("/s", "t" * 101),
            link("/t", "\u00fc"),
            link("/u", "v" * 100),
        ],
    ),
    Vector(
        "numbers",
        "The largest mode and the largest mtimes: 8**11 needs a pax record, 8**11 - 1 does not, 2**53 - 1 is "
        "the last.",
        [
            directory("/d", 0o7777, 8**11),
            file("/f", b"f", 0o7777, 8**11 - 1),
            file("/g", b"g", 0o644, 8**11),
            file("/h", b"h", 0o644, 2**53 - 1),
            link("/l", "f", 2**53 - 1),
        ],
    ),
    Vector(
        "chunks",
        "Several chunks of 262,144 bytes: files that end before, on and after a border (a header is 512 "
        "bytes), one that spans three, and a boot list that ends within a chunk.",
        [
            file("/0-to-border", NUMBERS[: 262144 - 512]),
            file("/1-whole", NUMBERS[: 262144 - 512]),
            file("/2-over", NUMBERS[: 262144 - 511]),
            file("/3-long", NUMBERS[:600_000]),
            file("/4-boot", b"early" * 10_000),
        ],
        boot=["/4-boot"],
        plain=False,
    ),
    Vector(
        "layer",
        "A layer: the SHA-256 of its base, and what it removes from it.",
        [directory("/home"), file("/home/new", b"new")],
        base=hashlib.sha256(b"base").hexdigest(),
        whiteouts=["/home/old", "/bin"],
    ),
]


def written(vector: Vector, *, compress: bool) -> bytes:
    buffer = io.BytesIO()
    write_image(
        buffer,
        vector.entries,
        boot=vector.boot,
        base=vector.base,
        whiteouts=vector.whiteouts,
        compress=compress,
        level=9,
    )
    return buffer.getvalue()
