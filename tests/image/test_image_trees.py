"""Any tree goes into an image and comes out of it."""

from __future__ import annotations

import dataclasses
import io
import os
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_frozenfs.image import Entry, Image, diff, find_parts, layer_of, scan, write_image, write_layer

CHUNK = 262144
#: `make soak` tries this many times more.
SOAK = 50 if "FROZENFS_SOAK" in os.environ else 1
names = st.one_of(
    st.sampled_from(
        ["__proto__", "constructor", "10", "9", "-rf", "a b", "\u00e9", "e\u0301", "\uffee", "\U0001f40d"]
    ),
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20),
    st.integers(90, 260).map("n".__mul__),
).filter(lambda name: name not in {".", "..", "dev", "proc", "sys", ".vfs-index.json"})
modes = st.integers(0, 0o7777)
mtimes = st.one_of(st.integers(0, 2**33), st.sampled_from([8**11 - 1, 8**11, 2**53 - 1]))
sizes = st.one_of(
    st.integers(0, 2000), st.sampled_from([511, 512, 513, CHUNK - 512, CHUNK - 511, CHUNK + 1, 2 * CHUNK])
)
targets = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=150)


@st.composite
def trees(draw):
    """A tree with all its directories, and a boot list."""
    directories = [""]
    entries = {}
    for name in draw(st.lists(names, max_size=12)):
        path = f"{draw(st.sampled_from(directories))}/{name}"
        if path in entries:
            continue
        files = [entry.path for entry in entries.values() if entry.kind == "file"]
        kind = draw(st.sampled_from(["file", "file", "directory", "link", *(["hard"] if files else [])]))
        if kind == "hard":
            entries[path] = Entry(
                path, "file", draw(modes), draw(mtimes), target=draw(st.sampled_from(files))
            )
        elif kind == "file":
            content = draw(st.binary(min_size=1, max_size=9)) * CHUNK
            content = content[: draw(sizes)]
            entries[path] = Entry(
                path,
                "file",
                draw(modes),
                draw(mtimes),
                len(content),
                content=lambda content=content: io.BytesIO(content),
            )
        elif kind == "directory":
            entries[path] = Entry(path, "directory", draw(modes), draw(mtimes))
            directories.append(path)
        else:
            entries[path] = Entry(path, "link", 0o777, draw(mtimes), target=draw(targets))
    files = [entry.path for entry in entries.values() if entry.kind == "file"]
    boot = draw(st.lists(st.sampled_from(files), unique=True)) if files else []
    return list(entries.values()), boot


def content_of(entries, entry):
    by_path = {one.path: one for one in entries}
    while entry.target:
        entry = by_path[entry.target]
    return entry.open().read()


@given(tree=trees(), compress=st.booleans())
@settings(
    max_examples=150 * SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_a_tree_comes_out_of_an_image_as_it_went_in(tree, compress):
    entries, boot = tree
    buffer = io.BytesIO()
    write_image(buffer, entries, boot=boot, compress=compress, level=1)
    image = Image.open(buffer)
    image.verify()
    assert image.boot_list == tuple(boot)
    assert set(image.entries) == {entry.path for entry in entries}
    for entry in entries:
        found = image.entries[entry.path]
        assert (found.kind, found.mode, found.mtime) == (entry.kind, entry.mode, entry.mtime)
        if entry.kind == "link":
            assert found.target == entry.target
        if entry.kind == "file":
            assert image.read(entry.path) == content_of(entries, entry)
    # What was read is written again to the same bytes.
    again = io.BytesIO()
    write_image(again, image.entries.values(), boot=boot, compress=compress, level=1)
    assert again.getvalue() == buffer.getvalue()


@given(tree=trees())
@settings(
    max_examples=60 * SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_tarfile_finds_in_an_image_what_the_index_says(tree):
    entries, boot = tree
    buffer = io.BytesIO()
    write_image(buffer, entries, boot=boot, compress=False)
    with tarfile.open(fileobj=io.BytesIO(buffer.getvalue())) as archive:
        members = {f"/{member.name}": member for member in archive}
        assert set(members) == {"/.vfs-index.json", *(entry.path for entry in entries)}
        for entry in entries:
            member = members[entry.path]
            assert (member.mode, member.mtime) == (entry.mode, entry.mtime)
            if entry.kind == "link":
                assert (member.issym(), member.linkname) == (True, entry.target)
            elif entry.kind == "directory":
                assert member.isdir()
            else:
                assert archive.extractfile(member).read() == content_of(entries, entry)


def contents(entries):
    """Resolve hard links, so that two trees can be compared by their entries alone."""
    return {
        entry.path: (
            entry.kind,
            entry.mode,
            entry.mtime,
            content_of(entries, entry) if entry.kind == "file" else entry.target,
        )
        for entry in entries
    }


@st.composite
def changes(draw):
    """Two trees: the second has some of the first, lacks some, and has other entries in places."""
    (before, _), (other, _) = draw(trees()), draw(trees())
    after = {entry.path: entry for entry in before}
    removed = draw(st.sets(st.sampled_from(list(after)))) if after else set()
    for path in removed:
        drop(after, path)
    for entry in other:
        parent = entry.path.rpartition("/")[0]
        if parent and (parent not in after or after[parent].kind != "directory"):
            continue
        if entry.kind != "directory":
            drop(after, entry.path)
        elif entry.path in after and after[entry.path].kind != "directory":
            del after[entry.path]
        after[entry.path] = entry
    # A hard link to what is gone, or is another file by now, would be another tree.
    resolved = {}
    for entry in after.values():
        first = entry
        while first.target and first.kind == "file":
            first = after.get(first.target, Entry("", "directory", 0, 0))
        if entry.kind != "file" or (first.kind == "file" and first.path):
            resolved[entry.path] = entry
    return before, list(resolved.values())


def drop(tree, path):
    for found in list(tree):
        if found == path or found.startswith(f"{path}/"):
            del tree[found]


@given(trees=changes(), compress=st.booleans())
@settings(
    max_examples=150 * SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_a_layer_on_its_base_is_the_new_tree(trees, compress):
    before, after = trees
    base, layer = io.BytesIO(), io.BytesIO()
    write_image(base, before, compress=False)
    below = Image.open(base, name="base.img")
    write_layer(layer, [below], after, compress=compress, level=1)
    above = Image.open(layer, name="layer.img")
    above.verify()
    tree = above.tree([below])
    assert list(diff(after, tree.values())) == []
    # Nothing is in it that need not be: an entry differs, or holds one that does.
    held = {change.path for change in diff(before, after) if change.after is not None}
    assert all(path in held or any(one.startswith(f"{path}/") for one in held) for path in above.entries)
    # The way back is a layer too.
    again = layer_of(tree, before)
    assert len(again.whiteouts) <= len(after)


@given(trees=changes())
@settings(
    max_examples=100 * SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_a_difference_is_told_exactly_where_there_is_one(trees):
    before, after = trees
    one, other = contents(before), contents(after)
    expected = {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}
    assert {change.path for change in diff(before, after)} == expected


def on_disk(entry):
    """Leave out what a file system of this machine cannot hold, or what unpacking leaves out on purpose."""
    return (
        len(entry.path.encode()) < 3000
        and all(len(name.encode()) < 256 for name in entry.path.split("/"))
        and len(entry.target.encode()) < 3000
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither modes nor such names")
@given(tree=trees(), compress=st.booleans(), part_size=st.one_of(st.none(), st.integers(2000, 100_000)))
@settings(
    max_examples=60 * SOAK,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_what_is_unpacked_is_packed_to_the_same_bytes(tree, compress, part_size):
    entries, boot = tree
    # One file has one mode and one time, and who is not root must be able to read it.
    entries = [
        dataclasses.replace(
            entry,
            mode=entry.mode & 0o1777 | 0o700 if entry.kind == "directory" else 0o640,
            mtime=entry.mtime % 2**33 if entry.kind == "directory" else 1_700_000_000,
        )
        for entry in entries
    ]
    entries = [entry if entry.kind != "link" else dataclasses.replace(entry, mode=0o777) for entry in entries]
    if not all(map(on_disk, entries)):
        return
    with tempfile.TemporaryDirectory() as folder:
        image, out = Path(folder, "a.img"), Path(folder, "out")
        write_image(image, entries, boot=boot, compress=compress, level=1, part_size=part_size)
        with Image.open(image) as opened:
            opened.extract(out)
        data = b"".join(part.read_bytes() for part in find_parts(image))
        again = io.BytesIO()
        write_image(again, scan(out), boot=boot, compress=compress, level=1)
        assert again.getvalue() == data
