"""List an image, or unpack it into a new folder: python read_image.py IMAGE [FOLDER]"""
import json, os, struct, sys, zlib
from itertools import accumulate, count, takewhile
from pathlib import Path

def check(good, what):
    good or sys.exit(f"This is no image of version 1, or it is damaged: {what}")

def load(name):  # section 6: one file, or parts
    whole = name.removesuffix(".000")
    parts = takewhile(Path.is_file, (Path(f"{whole}.{number:03}") for number in count()))
    alone = name == whole and Path(name).exists()
    return b"".join(part.read_bytes() for part in ([Path(name)] if alone else parts))

def open_image(file):  # gives the index, and a function that reads a range of the archive
    lengths, last, size = (), file, len(file)
    if file[:2] == b"\x1f\x8b":  # section 4
        magic, length, version, _, _, size, crc = struct.unpack_from("<2sHHHIQI", file, 12)
        check((magic, version) == (b"FZ", 1), "its header")
        lengths = struct.unpack_from(f"<{(length - 20) // 4}I", file, 36)
        borders = list(accumulate(lengths, initial=36 + 4 * len(lengths)))
        check(borders[-1] + 8 == len(file), "its size")
        inflate = lambda n, most: zlib.decompressobj(-15).decompress(file[borders[n] : borders[n + 1]] + b"\3\0", most)
        last = inflate(len(lengths) - 1, size)
        check(zlib.crc32(last) == crc, "its last chunk")
    frzn, version, crc, _, webr, _, block, length = struct.unpack(">4sIII4sIII", last[-32:])  # section 2.4
    check((frzn, version, webr) == (b"frzn", 1, b"webR"), "its trailer")
    end, start = (block - 1) * 512, max(0, block * 512 - size + len(last))
    check(zlib.crc32(last[start : start + length]) == crc, "its index")
    index = json.loads(last[start : start + length])  # section 3
    own, piece = index["frozenfs"], index["frozenfs"]["chunk"]
    check((own["version"], len(own["crc32"])) == (1, -(-end // piece)), "its version or chunks")
    def chunk(number):  # section 5
        size = min(piece, end - number * piece)
        data = inflate(number, size) if lengths else file[number * piece :][:size]
        check(len(data) == size and zlib.crc32(data) == own["crc32"][number], f"chunk {number}")
        return data
    chunks = lambda start, stop: b"".join(map(chunk, range(start // piece, -(-stop // piece))))
    return index, lambda start, stop: chunks(start, stop)[start % piece :][: stop - start]

index, read = open_image(load(sys.argv[1]))
own, folders, links = index["frozenfs"], index["frozenfs"]["directories"], index["frozenfs"]["links"]
files = list(zip([file["filename"] for file in index["files"]], own["modes"], own["mtimes"], index["files"], strict=True))
paths, parents = [path for path, *_ in folders + files + links], {"", *(path for path, _, _ in folders)}
for path in paths:  # section 1, before anything is made
    top, *names = path.split("/")
    check(not top and names and not {"", ".", ".."} & set(names) and "\0" not in path, repr(path))
    check("/".join(["", *names[:-1]]) in parents, repr(path))
if len(sys.argv) < 3:
    sys.exit(print(*(repr(path)[1:-1] for path in sorted(paths)), sep="\n"))
for path, *_ in [("", 0, 0), *folders]:  # fails where something is
    os.mkdir(sys.argv[2] + path)
for path, _, _, file in files:
    open(sys.argv[2] + path, "xb").write(read(file["start"], file["end"]))
for path, target, mtime in links:  # after the files, so that none is written through one
    os.symlink(target, sys.argv[2] + path)
    os.utime(sys.argv[2] + path, (mtime, mtime), follow_symlinks=False)
for path, mode, mtime, *_ in [*files, *reversed(folders)]:
    os.chmod(sys.argv[2] + path, mode & 0o1777)
    os.utime(sys.argv[2] + path, (mtime, mtime))
