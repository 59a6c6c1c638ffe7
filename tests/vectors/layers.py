"""Layers on one of the trees, and what results: worked out by hand from docs/format.md, section 7."""

from __future__ import annotations

from trees import Vector, directory, file, hard, link

#: The vector that the first layer is on, uncompressed.
BASE = "tree"

LAYERS = [
    Vector(
        "changed",
        "On tree.img: a directory whose mode changes keeps what it holds; a file takes the place of a "
        "directory with content, a directory that of a link, a link that of another; a link and an empty "
        "directory are removed, and so is a path that is not there.",
        [
            directory("/bin", 0o755, 5),
            file("/bin/new", b"new", 0o755, 6),
            directory("/lib", 0o755),
            directory("/lib/dangling", 0o700, 7),
            file("/lib/dangling/inside", b"inside", mtime=8),
            file("/lib/deep", b"no directory any more", mtime=9),
            link("/outside", "inside", 10),
        ],
        whiteouts=["/lib/loop", "/empty", "/no/such"],
    ),
    Vector(
        "again",
        "On the layer before it: a directory is removed and made again, so that it holds only what is new; "
        "names of one file; a link that is removed and a file of its path; the root's last link is gone.",
        [
            directory("/bin", 0o711, 11),
            file("/bin/one", b"one and two", mtime=12),
            hard("/bin/two", "/bin/one", mtime=12),
            directory("/lib", 0o755, 13),
            file("/lib/up", b"a file", mtime=14),
        ],
        whiteouts=["/bin", "/lib/up", "/outside"],
    ),
]

RESULT = [
    directory("/bin", 0o711, 11),
    file("/bin/one", b"one and two", mtime=12),
    hard("/bin/two", "/bin/one", mtime=12),
    directory("/lib", 0o755, 13),
    directory("/lib/dangling", 0o700, 7),
    file("/lib/dangling/inside", b"inside", mtime=8),
    file("/lib/deep", b"no directory any more", mtime=9),
    file("/lib/up", b"a file", mtime=14),
]
