"""The tar headers of an image (docs/format.md, sections 2.2 and 2.3).

The standard library's tarfile is not used for writing: the format fixes every byte of a header, so
that every writer makes the same archive.
"""

from __future__ import annotations

import re

from .entry import INDEX_NAME, Entry

BLOCK = 512
#: Two blocks of zeros end a tar archive.
END_OF_ARCHIVE = bytes(2 * BLOCK)

_OCTAL_LIMIT = 8**11
_NAME_LIMIT = 100
#: A name that fits its field.
_PLAIN = re.compile(rb"[\x20-\x7e]{0,100}\Z")
_NOT_PRINTABLE = re.compile(rb"[^\x20-\x7e]")
_TYPES = {"file": b"0", "directory": b"5", "link": b"2"}


def padding(size: int) -> int:
    """Count the zero bytes that follow `size` bytes of data."""
    return -size % BLOCK


def header(entry: Entry) -> bytes:
    """Make what stands before an entry's data: a ustar header, after a pax header where one is needed.

    A file with a `target` is a hard link to it and has no data of its own.
    """
    name, target = _name(entry), _linkname(entry)
    typeflag = b"1" if entry.kind == "file" and entry.target else _TYPES[entry.kind]
    size = _data_size(entry)
    mtime = entry.mtime
    pax = b""
    if records := _records(name, target, size, mtime):
        pax = _ustar(b"PaxHeader", 0o644, len(records), 0, b"x", b"") + records + bytes(padding(len(records)))
        size, mtime = (0 if number >= _OCTAL_LIMIT else number for number in (size, mtime))
    return pax + _ustar(_plain(name), entry.mode, size, mtime, typeflag, _plain(target))


def header_size(entry: Entry) -> int:
    """Count the bytes of an entry's header, without making it."""
    records = len(_records(_name(entry), _linkname(entry), _data_size(entry), entry.mtime))
    return 2 * BLOCK + records + padding(records) if records else BLOCK


def index_header(size: int) -> bytes:
    """Make the header of the index, whose data are `size` bytes."""
    return _ustar(INDEX_NAME.encode(), 0o644, size, 0, b"0", b"")


def _name(entry: Entry) -> bytes:
    return entry.path[1:].encode() + (b"/" if entry.kind == "directory" else b"")


def _linkname(entry: Entry) -> bytes:
    if not entry.target:
        return b""
    return (entry.target if entry.kind == "link" else entry.target[1:]).encode()


def _data_size(entry: Entry) -> int:
    return entry.size if entry.kind == "file" and not entry.target else 0


def _records(name: bytes, target: bytes, size: int, mtime: int) -> bytes:
    """Make the pax records of what does not fit its field, in the specified order."""
    records = _record(b"linkpath", target) if _needs_pax(target) else b""
    if mtime >= _OCTAL_LIMIT:
        records += _record(b"mtime", b"%d" % mtime)
    if _needs_pax(name):
        records += _record(b"path", name)
    if size >= _OCTAL_LIMIT:
        records += _record(b"size", b"%d" % size)
    return records


def _needs_pax(name: bytes) -> bool:
    return _PLAIN.match(name) is None


def _plain(name: bytes) -> bytes:
    """Make the ASCII stand-in for readers that do not know pax; others never see it."""
    if not _needs_pax(name):
        return name
    return _NOT_PRINTABLE.sub(b"_", name)[:_NAME_LIMIT]


def _record(key: bytes, value: bytes) -> bytes:
    r"""Make one ``LENGTH KEY=VALUE\n``, whose length counts its own digits."""
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    if len(str(length)) + rest != length:
        length = rest + len(str(length))
    return b"%d %s=%s\n" % (length, key, value)


def _ustar(  # noqa: PLR0917 - the fields of a header in their order
    name: bytes, mode: int, size: int, mtime: int, typeflag: bytes, linkname: bytes
) -> bytes:
    fields = (
        name.ljust(_NAME_LIMIT, b"\0"),
        b"%07o\0" % mode,
        b"0000000\0",
        b"0000000\0",
        b"%011o\0" % size,
        b"%011o\0" % mtime,
        b" " * 8,
        typeflag,
        linkname.ljust(_NAME_LIMIT, b"\0"),
        b"ustar\x0000",
        bytes(64),
        b"0000000\0",
        b"0000000\0",
        bytes(155 + 12),
    )
    block = b"".join(fields)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]
