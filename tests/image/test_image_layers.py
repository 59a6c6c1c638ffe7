"""Layers, and how trees differ."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os

import pytest

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import (
    Image,
    diff,
    layer_of,
    pack,
    scan,
    stack,
    write_image,
    write_layer,
)


def opened(data, name="course.img"):
    return Image.open(io.BytesIO(data), name=name)


@pytest.fixture
def base(make):
    return [
        make.directory("/d", 0o750),
        make.file("/d/a", b"a"),
        make.file("/d/b", b"b"),
        make.directory("/e"),
        make.file("/e/deep/c", b"c"),
        make.file("/f", b"f" * 300_000),
        make.link("/l", "f"),
    ]


def layered(make, before, after, **options):
    """Write a layer, and return it with its base."""
    below = opened(make.image(before), "base.img")
    buffer = io.BytesIO()
    write_layer(buffer, [below], after, **options)
    return opened(buffer.getvalue(), "layer.img"), below


def test_a_layer_holds_only_what_differs_and_what_is_gone(make, base):
    after = [entry for entry in base if entry.path not in {"/d/b", "/e", "/e/deep/c"}]
    after += [make.file("/d/new", b"new"), make.directory("/g/h")]
    layer, below = layered(make, base, after, boot=["/f", "/d/new"])
    assert set(layer.entries) == {"/d", "/d/new", "/g", "/g/h"}
    assert layer.index.whiteouts == ("/d/b", "/e")  # and not what lies below
    assert layer.index.base == below.summary.sha256
    # What is as in the base is no part of the layer, so it cannot stand first in it.
    assert layer.boot_list == ("/d/new",)
    layer.verify()


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({"mode": 0o600}, "/d/a"),
        ({"mtime": 5}, "/d/a"),
        ({"data": b"x"}, "/d/a"),
        ({"data": b"longer"}, "/d/a"),
        ({}, None),
    ],
)
def test_whatever_differs_in_a_file_brings_it_into_the_layer(make, base, change, held):
    after = [entry for entry in base if entry.path != "/d/a"]
    after.append(make.file("/d/a", **{"data": b"a", **change}))
    layer, _ = layered(make, base, after)
    assert set(layer.entries) == ({"/d", held} if held else set())
    assert layer.index.whiteouts == ()


def test_what_becomes_something_else_needs_no_whiteout(make, base):
    after = [make.file("/d", b"no directory"), make.link("/e", "d"), make.directory("/f"), make.file("/l")]
    layer, below = layered(make, base, after)
    assert set(layer.entries) == {"/d", "/e", "/f", "/l"}
    assert layer.index.whiteouts == ()
    assert list(diff(after, layer.tree([below]).values())) == []


def test_a_layer_on_a_layer_names_that_one(make, base):
    below = opened(make.image(base), "base.img")
    first, second = io.BytesIO(), io.BytesIO()
    write_layer(first, [below], [*base, make.file("/new", b"1")])
    middle = opened(first.getvalue(), "middle.img")
    write_layer(second, [below, middle], [*base, make.file("/new", b"2")])
    top = opened(second.getvalue(), "top.img")
    assert top.index.base == hashlib.sha256(first.getvalue()).hexdigest()
    assert set(top.entries) == {"/new"}
    assert top.tree([below, middle])["/new"].open().read() == b"2"


def test_a_layer_goes_only_onto_its_own_base(make, base):
    layer, below = layered(make, base, [])
    plain = opened(make.image(base, compress=False), "plain.img")
    with pytest.raises(
        ImageError, match=r"layer\.img is a layer of the image with SHA-256 .* plain\.img has"
    ):
        layer.tree([plain])
    with pytest.raises(ImageError, match=r"base\.img is not a layer, it has no base; do not give plain\.img"):
        below.tree([plain])
    with pytest.raises(ImageError, match=r"layer\.img is a layer: .*; give this image as its base"):
        stack([layer])
    with pytest.raises(ImageError, match=r"layer\.img is a layer: "):
        write_layer(io.BytesIO(), [layer], base)


def test_the_layers_of_the_vectors_make_the_tree_that_is_described(vectors, tmp_path):
    for described in json.loads((vectors / "vectors.json").read_text(encoding="utf-8"))["layers"]:
        images = [Image.open(vectors / name) for name in (described["base"], *described["layers"])]
        for image in images:
            image.verify()
        tree = stack(images)
        found = []
        for path in sorted(tree, key=str.encode):
            entry = tree[path]
            row = {"path": path, "kind": entry.kind, "mode": entry.mode, "mtime": entry.mtime}
            if entry.kind == "link":
                row["target"] = entry.target
            if entry.kind == "file":
                row |= {"size": entry.size, "sha256": hashlib.sha256(entry.open().read()).hexdigest()}
            found.append(row)
        assert found == described["tree"]
        images[-1].extract(tmp_path / "out", base=images[:-1])
        unpacked = {entry.path: entry for entry in scan(tmp_path / "out")}
        assert sorted(unpacked) == [row["path"] for row in found]
        assert (tmp_path / "out/bin/one").samefile(tmp_path / "out/bin/two")
        # The compressed layer is the same one, of the same base.
        with Image.open(vectors / described["layers"][0].replace(".img", ".packed.img")) as packed:
            assert packed.index.base == images[1].index.base
            assert list(diff(packed.entries.values(), images[1].entries.values())) == []


def test_names_of_one_file_stay_apart_from_the_layer_that_replaces_one(make, tmp_path):
    before = [make.file("/a", b"old"), make.hard("/b", "/a"), make.hard("/c", "/a")]
    after = [make.file("/a", b"new"), make.file("/b", b"old"), make.hard("/c", "/b")]
    layer, below = layered(make, before, after)
    assert set(layer.entries) == {"/a"}
    tree = layer.tree([below])
    assert {path: entry.open().read() for path, entry in tree.items()} == {
        "/a": b"new",
        "/b": b"old",
        "/c": b"old",
    }
    layer.extract(tmp_path / "out", base=[below])
    assert (tmp_path / "out/a").read_bytes() == b"new"
    assert (tmp_path / "out/b").read_bytes() == b"old"
    assert (tmp_path / "out/b").samefile(tmp_path / "out/c")
    # And the tree can be written again, as one image.
    write_image(tmp_path / "flat.img", tree.values())
    with Image.open(tmp_path / "flat.img") as flat:
        assert [flat.read(path) for path in ("/a", "/b", "/c")] == [b"new", b"old", b"old"]


def test_new_names_of_a_file_that_is_as_in_the_base_bring_its_bytes_along(make):
    before = [make.file("/a", b"same")]
    after = [*before, make.hard("/b", "/a"), make.hard("/c", "/b")]
    layer, _ = layered(make, before, after)
    assert set(layer.entries) == {"/b", "/c"}
    assert layer.read("/b") == layer.read("/c") == b"same"
    assert layer.entries["/c"].target == "/b"


def test_a_directory_is_packed_as_a_layer(make, base, tmp_path):
    write_image(tmp_path / "base.img", base)
    with Image.open(tmp_path / "base.img") as below:
        below.extract(tmp_path / "tree")
        (tmp_path / "tree/d/a").unlink()
        os.utime(tmp_path / "tree/d", (1_700_000_000, 1_700_000_000))
        pack(tmp_path / "tree", tmp_path / "layer.img", base=[below], compress=False)
        with Image.open(tmp_path / "layer.img") as layer:
            assert (set(layer.entries), layer.index.whiteouts) == (set(), ("/d/a",))


# diff


def test_equal_trees_do_not_differ_whatever_names_share_bytes(make):
    one = [make.file("/a", b"x"), make.file("/b", b"x")]
    other = [make.hard("/a", "/b"), make.file("/b", b"x")]
    assert list(diff(one, other)) == []
    assert layer_of({entry.path: entry for entry in one}, other).entries == ()


def test_each_property_that_differs_is_named(make):
    before = [make.file("/f", b"1"), make.link("/l", "a"), make.directory("/d", 0o755), make.file("/gone")]
    after = [
        make.file("/f", b"2", 0o600, 5),
        make.link("/l", "b"),
        make.directory("/d", 0o700),
        make.file("/new"),
    ]
    found = {change.path: (change.kind, change.differs) for change in diff(before, after)}
    assert found == {
        "/d": ("changed", ("mode",)),
        "/f": ("changed", ("mode", "mtime", "content")),
        "/gone": ("removed", ()),
        "/l": ("changed", ("target",)),
        "/new": ("added", ()),
    }
    ignored = {change.path for change in diff(before, after, ignore={"mode", "target"})}
    assert ignored == {"/f", "/gone", "/new"}


def test_a_difference_in_the_last_byte_of_a_large_file_is_found(make):
    data = bytes(3_000_000)
    (change,) = diff([make.file("/a", data)], [make.file("/a", data[:-1] + b"x")])
    assert change.differs == ("content",)


def test_contents_are_compared_also_where_reads_are_short(make):
    class Slow(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 7))

    data = bytes(range(256)) * 10
    slow = [dataclasses.replace(make.file("/a", data), content=lambda: Slow(data))]
    assert list(diff(slow, [make.file("/a", data)])) == []
    assert list(diff(slow, [make.file("/a", data[::-1])])) != []


def test_a_damaged_file_is_an_error_and_no_difference(vectors):
    damaged = Image.open(vectors / "damaged/chunk-byte.img")
    good = Image.open(vectors / "hello.img")
    with pytest.raises(ImageError, match="chunk 0 is damaged"):
        list(diff(damaged.entries.values(), good.entries.values()))
