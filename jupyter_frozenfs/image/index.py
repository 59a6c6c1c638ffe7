"""The JSON index of an image, written canonically and read with suspicion (docs/format.md, section 3)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from jupyter_frozenfs.errors import ImageError, ImageVersionError

from .entry import number_faults, path_fault, target_fault
from .tar import BLOCK, padding

VERSION = 1
SMALLEST_CHUNK = 262144
#: The table of compressed lengths must fit a gzip extra field of 65,535 bytes.
MOST_CHUNKS = 16000
#: Bytes of JSON, some two million files: a few compressed bytes must not make a reader allocate more.
LARGEST_INDEX = 1 << 28


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A regular file and the range of the uncompressed archive that holds its bytes."""

    path: str
    start: int
    end: int
    mode: int
    mtime: int


@dataclass(frozen=True, slots=True)
class StoredDirectory:
    """A directory."""

    path: str
    mode: int
    mtime: int


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A symbolic link."""

    path: str
    target: str
    mtime: int


@dataclass(frozen=True, slots=True)
class Index:
    """All that the index says: files and links in archive order, directories with parents first.

    Parameters
    ----------
    end
        Offset of the index entry's header: the archive before it holds the tree.
    chunk
        Chunk size in bytes.
    boot
        Bytes of the archive that hold the boot list.
    base
        SHA-256 of the base image of a layer, or None.
    crc32
        CRC-32 of each chunk of the archive before `end`.
    """

    end: int
    chunk: int
    boot: int
    base: str | None
    files: tuple[StoredFile, ...]
    directories: tuple[StoredDirectory, ...]
    links: tuple[StoredLink, ...]
    whiteouts: tuple[str, ...]
    crc32: tuple[int, ...]


def chunk_size(end: int) -> int:
    """Choose the chunk size for an archive whose index is at `end`."""
    chunk = SMALLEST_CHUNK
    while chunk_count(end, chunk) + 1 > MOST_CHUNKS:
        chunk *= 2
    return chunk


def chunk_count(end: int, chunk: int) -> int:
    """Count the chunks before the last one."""
    return -(-end // chunk)


def encode_index(index: Index) -> bytes:
    """Write the JSON of an index: no white space, keys in the specified order, UTF-8."""
    data = {
        "files": [{"filename": file.path, "start": file.start, "end": file.end} for file in index.files],
        "frozenfs": {
            "version": VERSION,
            "chunk": index.chunk,
            "boot": index.boot,
            "base": index.base,
            "modes": [file.mode for file in index.files],
            "mtimes": [file.mtime for file in index.files],
            "directories": [[entry.path, entry.mode, entry.mtime] for entry in index.directories],
            "links": [[link.path, link.target, link.mtime] for link in index.links],
            "whiteouts": index.whiteouts,
            "crc32": index.crc32,
        },
        "remote_package_size": index.end,
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def decode_index(data: bytes, end: int, name: str) -> Index:
    """Read the JSON of an index that stands at `end` of the archive.

    Parameters
    ----------
    data
        The bytes of ``.vfs-index.json``.
    end
        Offset of its header in the uncompressed archive.
    name
        The image's name for messages.

    Raises
    ------
    ImageError
        When anything in it is not as the format has it.
    """
    try:
        document = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise ImageError(f"{name}: the index is not JSON in UTF-8: {error}") from error
    index = _Decoder(name, end).index(document)
    _check_tree(index, name)
    return index


class _Decoder:
    """Takes values out of untrusted JSON, checking the type of each."""

    def __init__(self, name: str, end: int) -> None:
        self.name = name
        self.end = end

    def index(self, document: Any) -> Index:
        top = self.mapping(document, "the index")
        if "frozenfs" not in top:
            raise self.fault(
                "the index has no key 'frozenfs': this is file_packager metadata of a foreign archive, "
                "not an image"
            )
        own = self.mapping(top["frozenfs"], "'frozenfs'")
        version = own.get("version")
        if version != VERSION or isinstance(version, bool):
            raise ImageVersionError(
                f"{self.name}: the index is of format version {version!r}, this program reads version "
                f"{VERSION}; a newer jupyter-frozenfs may read it"
            )
        if (size := self.integer(top.get("remote_package_size"), "remote_package_size")) != self.end:
            raise self.fault(f"remote_package_size is {size}, but the index stands at {self.end}")
        chunk = self.integer(own.get("chunk"), "chunk")
        if chunk != chunk_size(self.end):
            raise self.fault(f"chunk is {chunk}, expected {chunk_size(self.end)} for {self.end} bytes")
        boot = self.integer(own.get("boot"), "boot")
        if boot > self.end or boot % BLOCK:
            raise self.fault(f"boot is {boot}, expected a multiple of 512 up to {self.end}")
        base = own.get("base")
        if base is not None and not (isinstance(base, str) and re.fullmatch(r"[0-9a-f]{64}", base)):
            raise self.fault(f"base is {base!r}, expected null or 64 hexadecimal digits in lower case")
        whiteouts = tuple(self.path(path) for path in self.array(own.get("whiteouts"), "whiteouts"))
        if whiteouts and base is None:
            raise self.fault("it has whiteouts, which remove paths of a base image, but no base")
        crc32 = self.integers(own.get("crc32"), "crc32", 2**32)
        if len(crc32) != chunk_count(self.end, chunk):
            raise self.fault(f"crc32 has {len(crc32)} values, expected {chunk_count(self.end, chunk)}")
        return Index(
            end=self.end,
            chunk=chunk,
            boot=boot,
            base=base,
            files=self.files(top, own),
            directories=tuple(
                StoredDirectory(self.path(path), *self.numbers(path, mode, mtime))
                for path, mode, mtime in self.triples(own.get("directories"), "directories")
            ),
            links=tuple(
                StoredLink(self.path(path), self.target(path, target), self.numbers(path, 0, mtime)[1])
                for path, target, mtime in self.triples(own.get("links"), "links")
            ),
            whiteouts=whiteouts,
            crc32=crc32,
        )

    def files(self, top: dict[str, Any], own: dict[str, Any]) -> tuple[StoredFile, ...]:
        files = self.array(top.get("files"), "files")
        modes = self.array(own.get("modes"), "modes")
        mtimes = self.array(own.get("mtimes"), "mtimes")
        if not len(files) == len(modes) == len(mtimes):
            raise self.fault(f"it has {len(files)} files, {len(modes)} modes and {len(mtimes)} mtimes")
        return tuple(
            StoredFile(
                *self.range(self.mapping(file, "a file")), *self.numbers(file["filename"], mode, mtime)
            )
            for file, mode, mtime in zip(files, modes, mtimes, strict=True)
        )

    def range(self, file: dict[str, Any]) -> tuple[str, int, int]:
        path = self.path(file.get("filename"))
        start = self.integer(file.get("start"), f"start of {path!r}")
        end = self.integer(file.get("end"), f"end of {path!r}")
        if start > end or end > self.end or start % BLOCK or start < BLOCK:
            raise self.fault(
                f"{path!r} has the range {start} to {end}, which is not within 512 to {self.end}"
            )
        return path, start, end

    def path(self, value: Any) -> str:
        path = self.string(value, "a path")
        if (problem := path_fault(path)) is not None:
            raise self.fault(f"the path {path!r} {problem}")
        return path

    def target(self, path: str, value: Any) -> str:
        target = self.string(value, "the target of a link")
        if (problem := target_fault(target)) is not None:
            raise self.fault(f"the target {target!r} of the link {path!r} {problem}")
        return target

    def numbers(self, path: Any, mode: Any, mtime: Any) -> tuple[int, int]:
        numbers = self.integer(mode, f"mode of {path!r}"), self.integer(mtime, f"mtime of {path!r}")
        if (problem := number_faults(*numbers)) is not None:
            raise self.fault(f"{path!r} {problem}")
        return numbers

    def mapping(self, value: Any, what: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.fault(f"{what} is {_shown(value)}, expected an object")
        return value

    def array(self, value: Any, what: str) -> list[Any]:
        if not isinstance(value, list):
            raise self.fault(f"{what} is {_shown(value)}, expected an array")
        return value

    def triples(self, value: Any, what: str) -> list[list[Any]]:
        rows = self.array(value, what)
        for row in rows:
            if not isinstance(row, list) or len(row) != 3:  # noqa: PLR2004 - both kinds of rows are triples
                raise self.fault(f"{what} holds {_shown(row)}, expected arrays of three")
        return rows

    def integers(self, value: Any, what: str, limit: int) -> tuple[int, ...]:
        numbers = tuple(self.integer(number, what) for number in self.array(value, what))
        if any(number >= limit for number in numbers):
            raise self.fault(f"{what} holds a number that is not below {limit}")
        return numbers

    def integer(self, value: Any, what: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.fault(f"{what} is {_shown(value)}, expected an integer of at least 0")
        return value

    def string(self, value: Any, what: str) -> str:
        if not isinstance(value, str):
            raise self.fault(f"{what} is {_shown(value)}, expected a string")
        return value

    def fault(self, what: str) -> ImageError:
        return ImageError(f"{self.name}: {what}")


def _check_tree(index: Index, name: str) -> None:
    """Check what entries are to each other: parents, duplicates, ranges."""
    directories = {entry.path for entry in index.directories}
    leaves = [file.path for file in index.files] + [link.path for link in index.links]
    seen: set[str] = set()
    for path in (*(entry.path for entry in index.directories), *leaves):
        if path in seen:
            raise ImageError(f"{name}: {path!r} occurs twice in the index")
        seen.add(path)
        parent = path.rpartition("/")[0]
        if parent and parent not in directories:
            found = "a file or link" if parent in leaves else "not in the index"
            raise ImageError(f"{name}: {parent!r} is {found}, expected a directory because of {path!r}")
    ends: dict[int, int] = {}
    position = 0
    for file in index.files:
        if ends.get(file.start) == file.end:  # a hard link
            continue
        if file.start < position + BLOCK:
            raise ImageError(f"{name}: {file.path!r} starts at {file.start}, within another entry")
        ends[file.start] = file.end
        position = file.end + padding(file.end)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - one line of a message
