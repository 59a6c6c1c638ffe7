"""Files that are not images, each for one reason."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trees import VECTORS, written

from jupyter_frozenfs.image.gzipped import decode_head, encode_head, head_size
from jupyter_frozenfs.image.tar import index_header

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Damage:
    """Bytes that are not an image.

    `at` is the last step that may begin: ``open``, ``read`` (of every file) or ``verify``; it or one
    before it fails.
    """

    name: str
    about: str
    at: str
    data: bytes


def flipped(data: bytes, offset: int) -> bytes:
    return data[:offset] + bytes([data[offset] ^ 0x40]) + data[offset + 1 :]


def with_index(data: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Change the JSON of an uncompressed image and mend what depends on it: only the change is wrong."""
    index = json.loads(index_data(data))
    change(index)
    return with_index_data(data, json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode())


def index_data(data: bytes) -> bytes:
    block, size = struct.unpack(">II", data[-8:])
    return data[block * 512 : block * 512 + size]


def with_index_data(data: bytes, raw: bytes) -> bytes:
    block = struct.unpack(">I", data[-8:-4])[0]
    trailer = struct.pack(">4sIII4sIII", b"frzn", 1, zlib.crc32(raw), 0, b"webR", 0, block, len(raw))
    tree = data[: block * 512 - 512]
    return tree + index_header(len(raw)) + raw + bytes(-len(raw) % 512) + bytes(1024) + trailer


def respelled(data: bytes, name: bytes) -> bytes:
    return with_index_data(data, index_data(data).replace(b"/hello.txt", name))


def with_head(data: bytes, **changes: Any) -> bytes:
    head = decode_head(data, len(data), "vector")
    return encode_head(replace(head, **changes)) + data[head_size(len(head.lengths)) :]


def damaged() -> list[Damage]:
    images = {vector.name: written(vector, compress=False) for vector in VECTORS}
    packed = {vector.name: written(vector, compress=True) for vector in VECTORS}
    hello, tree, boot = images["hello"], images["tree"], images["boot"]

    def own(index: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = index["frozenfs"]
        return found

    def rename(path: str) -> bytes:
        return with_index(hello, lambda index: index["files"][0].update(filename=path))

    def directories(*paths: str) -> bytes:
        return with_index(
            hello, lambda index: own(index).update(directories=[[path, 0o755, 0] for path in paths])
        )

    def changed(**values: Any) -> bytes:
        return with_index(hello, lambda index: own(index).update(values))

    def ranged(start: Any, end: Any) -> bytes:
        return with_index(hello, lambda index: index["files"][0].update(start=start, end=end))

    lengths = decode_head(packed["tree"], len(packed["tree"]), "vector").lengths
    plain_gzip = zlib.compressobj(9, zlib.DEFLATED, 31)
    return [
        Damage("nothing", "No bytes.", "open", b""),
        Damage("text", "Not an archive.", "open", b"Hello, frozen world!\n" * 10),
        Damage("tar", "A tar without an index.", "open", hello[:1024] + bytes(1024)),
        Damage(
            "gzip",
            "A gzip member without our table.",
            "open",
            plain_gzip.compress(hello) + plain_gzip.flush(),
        ),
        Damage("truncated", "The last byte is missing.", "open", hello[:-1]),
        Damage("truncated-block", "A whole block is missing.", "open", hello[512:]),
        Damage(
            "truncated-packed", "The last byte of a compressed image is missing.", "open", packed["tree"][:-1]
        ),
        Damage("truncated-head", "Only the fixed part of the header is there.", "open", packed["tree"][:36]),
        Damage("longer", "A byte follows a compressed image.", "open", packed["tree"] + b"\0"),
        Damage("magic", "Another trailer.", "open", hello[:-32] + b"frzm" + hello[-28:]),
        Damage("version", "The trailer says version 2.", "open", hello[:-28] + b"\0\0\0\2" + hello[-24:]),
        Damage(
            "version-packed",
            "The header says version 2.",
            "open",
            packed["tree"][:16] + b"\2" + packed["tree"][17:],
        ),
        Damage("version-index", "The index says version 2.", "open", changed(version=2)),
        Damage("index-byte", "One bit of the index is flipped.", "open", flipped(hello, 1600)),
        Damage(
            "index-crc",
            "The CRC-32 of the index in the trailer is wrong.",
            "open",
            flipped(hello, len(hello) - 24),
        ),
        Damage("index-place", "The trailer leads to another block.", "open", flipped(hello, len(hello) - 5)),
        Damage(
            "index-json", "The index is no object.", "open", with_index(hello, lambda index: index.clear())
        ),
        Damage(
            "foreign",
            "The index has no key frozenfs.",
            "open",
            with_index(hello, lambda index: index.pop("frozenfs")),
        ),
        Damage("index-utf8", "A path in the index is not UTF-8.", "open", respelled(hello, b"/hell\xff.txt")),
        Damage(
            "index-surrogate", "A path is half a character.", "open", respelled(hello, b"/hell\\ud800.txt")
        ),
        Damage(
            "index-deep", "The index is 20,000 arrays deep.", "open", with_index_data(hello, b"[" * 20_000)
        ),
        Damage(
            "last-crc",
            "The header's CRC-32 of the last chunk is wrong.",
            "open",
            with_head(packed["tree"], last_crc32=1),
        ),
        Damage(
            "lengths",
            "A length in the table is wrong.",
            "open",
            with_head(packed["tree"], lengths=(lengths[0] + 1, *lengths[1:])),
        ),
        Damage(
            "lengths-moved",
            "The border between two chunks is wrong, the sum is right.",
            "open",
            with_head(packed["tree"], lengths=(lengths[0] + 1, lengths[1] - 1)),
        ),
        Damage(
            "huge",
            "The header promises an archive of 2**64 - 1 bytes.",
            "open",
            with_head(packed["tree"], size=2**64 - 1),
        ),
        Damage(
            "small",
            "The header promises an archive of 600 bytes.",
            "open",
            with_head(packed["tree"], size=600),
        ),
        Damage("chunk-small", "Chunks of 512 bytes.", "open", changed(chunk=512)),
        Damage("chunk-odd", "Chunks of 300,000 bytes.", "open", changed(chunk=300_000)),
        Damage("chunk-text", "The chunk size is a string.", "open", changed(chunk="262144")),
        Damage("boot-late", "The boot prefix ends behind the index.", "open", changed(boot=1 << 40)),
        Damage("base-short", "The base is not a SHA-256.", "open", changed(base="abc")),
        Damage(
            "size",
            "remote_package_size is not where the index is.",
            "open",
            with_index(hello, lambda index: index.update(remote_package_size=512)),
        ),
        Damage("crc-missing", "Fewer CRCs than chunks.", "open", changed(crc32=[])),
        Damage("crc-large", "A CRC of more than 32 bits.", "open", changed(crc32=[2**32])),
        Damage("modes-missing", "Fewer modes than files.", "open", changed(modes=[])),
        Damage("mtimes-more", "More mtimes than files.", "open", changed(mtimes=[0, 0])),
        Damage("mode-large", "A mode of 13 bits.", "open", changed(modes=[0o10000])),
        Damage("mtime-negative", "An mtime before 1970.", "open", changed(mtimes=[-1])),
        Damage("mtime-fraction", "An mtime that is not whole.", "open", changed(mtimes=[0.5])),
        Damage("start-after-end", "A file that ends before it starts.", "open", ranged(1024, 512)),
        Damage("end-outside", "A file that ends behind the index.", "open", ranged(512, 1 << 40)),
        Damage("start-negative", "A file that starts before the archive.", "open", ranged(-512, 10)),
        Damage("start-fraction", "A file that starts within a byte.", "open", ranged(512.5, 530)),
        Damage("path-relative", "A path without a slash in front.", "open", rename("hello.txt")),
        Damage("path-parent", "A path that climbs out.", "open", rename("/../hello.txt")),
        Damage("path-dot", "A path with a dot segment.", "open", rename("/./hello.txt")),
        Damage("path-empty", "A path with an empty segment.", "open", rename("//hello.txt")),
        Damage("path-slash", "A file with a slash at its end.", "open", rename("/hello.txt/")),
        Damage("path-root", "A file that is the root.", "open", rename("/")),
        Damage("path-nul", "A path with NUL.", "open", rename("/hello\0.txt")),
        Damage("path-dev", "A file under /dev.", "open", rename("/dev/null")),
        Damage("path-orphan", "A file in a directory that is not there.", "open", rename("/no/hello.txt")),
        Damage(
            "path-number",
            "A path that is a number.",
            "open",
            with_index(hello, lambda index: index["files"][0].update(filename=7)),
        ),
        Damage("path-twice", "A file and a directory of one name.", "open", directories("/hello.txt")),
        Damage(
            "directory-relative",
            "A directory without a slash in front: behind the name of a folder it would lie beside that.",
            "open",
            directories("beside"),
        ),
        Damage("below-file", "A directory below a file.", "open", directories("/hello.txt/d")),
        Damage(
            "path-again",
            "Two files of one path.",
            "open",
            with_index(boot, lambda index: index["files"][0].update(filename="/b")),
        ),
        Damage(
            "below-link",
            "A file below a link, which would be written wherever that points.",
            "open",
            with_index(tree, lambda index: index["files"][0].update(filename="/outside/x")),
        ),
        Damage("link-empty", "A link to nothing.", "open", changed(links=[["/l", "", 0]])),
        Damage("link-nul", "A link to a name with NUL.", "open", changed(links=[["/l", "a\0b", 0]])),
        Damage("link-pair", "A link without mtime.", "open", changed(links=[["/l", "x"]])),
        Damage(
            "whiteout-parent",
            "A whiteout that climbs out.",
            "open",
            changed(base="0" * 64, whiteouts=["/../x"]),
        ),
        Damage("whiteout-alone", "Whiteouts without a base.", "open", changed(whiteouts=["/x"])),
        Damage("chunk-byte", "One bit of a file is flipped.", "read", flipped(hello, 512)),
        Damage(
            "chunk-byte-packed",
            "One bit of a deflated file is flipped.",
            "read",
            flipped(packed["chunks"], len(packed["chunks"]) // 2),
        ),
        Damage("chunk-crc", "The index has another CRC-32 of a chunk.", "read", changed(crc32=[1])),
        Damage(
            "gzip-crc",
            "Gzip's own CRC-32 is wrong; only gunzip would notice.",
            "verify",
            flipped(packed["tree"], len(packed["tree"]) - 8),
        ),
        Damage(
            "gzip-size",
            "Gzip's own size is wrong; only gunzip would notice.",
            "verify",
            packed["tree"][:-4] + bytes(4),
        ),
        Damage(
            "padding",
            "A byte behind the index is not zero; only tar would notice.",
            "verify",
            flipped(hello, 2040),
        ),
        Damage(
            "tar-differs",
            "The index says another mode than the tar header; only tar would notice.",
            "verify",
            changed(modes=[0o600]),
        ),
        Damage(
            "overlap",
            "Two files share some bytes but not all, as no hard links do.",
            "verify",
            with_index(boot, lambda index: index["files"][1].update(end=index["files"][1]["end"] + 2048)),
        ),
        Damage(
            "order",
            "Files that are not in archive order.",
            "verify",
            with_index(boot, lambda index: own(index)["directories"].append(["/zz", 0o755, 0])),
        ),
        Damage(
            "key-unknown",
            "A key that version 1 does not know: readers go on without it, but no writer writes it.",
            "verify",
            changed(later=[1]),
        ),
        Damage(
            "spaces",
            "JSON with another escape than the canonical one.",
            "verify",
            respelled(hello, b"/hell\\u006f.txt"),
        ),
    ]
