"""What the image package does in a kernel in the browser; run by pyodide_run.mjs."""

import gzip
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, "/project")

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import Image, scan, write_image

vectors = Path("/project/tests/vectors")
document = json.loads((vectors / "vectors.json").read_text())
for described in document["images"]:
    for file in described["files"]:
        with Image.open(vectors / file) as image:
            image.verify()
            assert len(image.entries) == len(described["tree"])

tree = Path("/tree")
(tree / "deep").mkdir(parents=True)
(tree / "deep/file").write_bytes(os.urandom(600_000))
(tree / "link").symlink_to("deep/file")
packed = write_image("/packed.img", scan(tree), boot=["/deep/file"])
plain = write_image("/plain.img", scan(tree), boot=["/deep/file"], compress=False)
assert gzip.decompress(Path("/packed.img").read_bytes()) == Path("/plain.img").read_bytes()
assert packed.uncompressed_size == plain.size
with Image.open("/packed.img") as image:
    image.extract("/out")
assert Path("/out/deep/file").read_bytes() == (tree / "deep/file").read_bytes()
assert os.fspath(Path("/out/link").readlink()) == "deep/file"

# There are no hard links in Pyodide: they are unpacked as copies.
with Image.open(vectors / "boot.packed.img") as image:
    image.extract("/links")
assert Path("/links/c").read_bytes() == Path("/links/a/one").read_bytes() == b"one"

try:
    Image.open(vectors / "damaged/truncated-packed.img")
except ImageError as error:
    sys.stdout.write(f"{error}\n")
sys.stdout.write(f"{sys.platform}\n")
