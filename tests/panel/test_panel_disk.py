from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

import pytest

from jupyter_frozenfs import __version__
from jupyter_frozenfs.image import Image, pack, split_image


def entries(value, buffers):
    """Read an outline back, as the page does."""
    names, parents, kinds, sizes, modes, mtimes, targets = buffers
    count = value["count"]
    texts = names.decode().split("\0")
    parent = struct.unpack(f"<{count}I", parents)
    kind = ["fdl"[number] for number in kinds]
    links = iter(targets.decode().split("\0"))
    paths = [""]
    for number in range(1, count):
        assert parent[number] < number
        paths.append(f"{paths[parent[number]]}/{texts[number]}")
    return [
        (path, kind[i], int(size), mode, next(links) if kind[i] == "l" else "")
        for i, (path, size, mode) in enumerate(
            zip(paths, struct.unpack(f"<{count}d", sizes), struct.unpack(f"<{count}H", modes), strict=True)
        )
        if len(struct.unpack(f"<{count}d", mtimes)) == count
    ]


def test_a_kernel_says_what_it_is(page, work):
    assert page.ask("hello") == {
        "native": True,
        "kernelspec": "",
        "cwd": str(work),
        "subshells": False,
        "environment": None,
        "version": __version__,
        "contents_drive": None,
        "mounts": [],
    }


def test_the_images_of_a_folder_are_listed_with_what_layers_lie_on(page, work):
    (work / "notes.txt").write_text("no image", encoding="utf-8")
    (work / "other.gz").write_bytes(b"\x1f\x8b" + bytes(100))
    base, layer = page.ask("list")
    assert (base["name"], base["files"], base["place"]) == ("base.img", 3, "disk")
    assert base["key"] == f"disk:{work / 'base.img'}"
    assert base["size"] == (work / "base.img").stat().st_size
    assert base["sha256"] == hashlib.sha256((work / "base.img").read_bytes()).hexdigest()
    assert (layer["base"], layer["baseName"]) == (base["sha256"], "base.img")
    assert page.ask("list", folder=str(work)) == [base, layer]
    assert page.ask("list", folder="tree") == []
    assert "There is no file" in page.failure("list", folder="nowhere")["message"]
    [alone] = page.ask("list", folder="layer.img")
    assert (alone["name"], alone["files"]) == ("layer.img", 2)


def test_what_is_no_image_has_no_row(page, work):
    assert page.failure("list", folder="tree/a.txt")["type"] == "ImageError"
    assert "There is no file" in page.failure("list", folder="nothing.img")["message"]
    assert "No file is named" in page.failure("verify", path="")["message"]


def test_an_image_in_parts_is_one(page, work):
    Path("base.img").rename("parts.img")
    parts = split_image(work / "parts.img", 500)
    assert len(parts) > 1
    rows = {row["name"]: row for row in page.ask("list")}
    assert set(rows) == {"layer.img", "parts.img"}
    assert rows["layer.img"]["baseName"] == "parts.img"
    page.ask("rename", path="parts.img", name="again.img")
    assert page.ask("read", path="again.img", file="/a.txt")[1] == [b"first\n"]
    page.ask("remove", path="again.img")
    assert [path.name for path in work.glob("*.img*")] == ["layer.img"]


def test_an_outline_has_all_entries_in_the_order_of_a_tree(page, work):
    value, buffers = page.ask("outline", path="base.img")
    assert value == {"count": 7, "missing": None}
    found = entries(value, buffers)
    assert [path for path, *_ in found] == [
        "",
        "/data",
        "/data/empty",
        "/data/b.csv",
        "/data/ä.csv",
        "/a.txt",
        "/link",
    ]
    assert found[4][1:3] == ("f", 8)
    assert found[6][1:] == ("l", 0, 0o777, "a.txt")


def test_a_layer_is_outlined_with_what_it_lies_on_or_alone(page, work):
    value, buffers = page.ask("outline", path="layer.img")
    assert value["missing"] is None
    paths = [path for path, *_ in entries(value, buffers)]
    assert "/new.txt" in paths
    assert "/data/ä.csv" in paths
    assert "/data/b.csv" not in paths
    (work / "alone").mkdir()
    Path("layer.img").rename("alone/layer.img")
    value, buffers = page.ask("outline", path="alone/layer.img")
    assert value["missing"] == hashlib.sha256((work / "base.img").read_bytes()).hexdigest()
    assert "/data/ä.csv" not in [path for path, *_ in entries(value, buffers)]
    error = page.failure("extract", path="alone/layer.img", root="out")
    assert value["missing"] in error["message"]


def test_an_image_that_changes_is_read_anew(page, work):
    assert page.ask("read", path="base.img", file="/a.txt")[1] == [b"first\n"]
    pack(work / "tree", work / "base.img")
    assert page.ask("read", path="base.img", file="/a.txt")[1] == [b"the first\n"]
    [row, _] = page.ask("list")
    assert row["sha256"] == hashlib.sha256((work / "base.img").read_bytes()).hexdigest()


def test_part_of_a_file_is_read(page, work):
    value, [data] = page.ask("read", path="base.img", file="/data/ä.csv", start=2, end=5)
    assert (value["size"], data) == (8, b"4\n5")
    assert page.ask("read", path="base.img", file="/data/ä.csv", start=6, end=100)[1] == [b"6\n"]


@pytest.mark.parametrize(
    ("file", "expected"),
    [("/nothing", "nothing of this path"), ("/data", "a directory"), ("/link", "a link")],
)
def test_what_is_no_file_of_an_image_is_not_read(page, work, file, expected):
    error = page.failure("read", path="base.img", file=file)
    assert expected in error["message"]


def test_two_images_are_compared(page, work):
    rows = page.ask("compare", older="base.img", newer="layer.img")
    assert [(row["path"], row["kind"], row["before"], row["after"]) for row in rows] == [
        ("/a.txt", "changed", 6, 10),
        ("/data/b.csv", "removed", 4, None),
        ("/new.txt", "added", None, 3),
    ]
    assert rows[0]["differs"] == ["size"]


def test_an_image_is_compared_with_a_folder(page, work):
    assert page.ask("compare_folder", image="layer.img", folder="tree") == []
    (work / "tree" / "new.txt").write_text("newer", encoding="utf-8")
    [row] = page.ask("compare_folder", image="layer.img", folder="tree")
    assert (row["path"], row["kind"], row["before"], row["after"]) == ("/new.txt", "changed", 3, 5)
    assert "not a folder" in page.failure("compare_folder", image="layer.img", folder="nowhere")["message"]


def test_a_folder_is_packed_and_extracted_again(page, work):
    made = page.ask("pack", root="tree", file="own.img", exclude=["*.csv"])
    assert made["files"] == 2
    assert made["sha256"] == hashlib.sha256((work / "own.img").read_bytes()).hexdigest()
    plan = page.ask("extract", path="own.img", root="out", dry_run=True)
    assert plan["problem"] is None
    assert "/new.txt" in plan["created"]
    assert plan["bytes"] == 13
    assert not Path("out").exists()
    page.ask("extract", path="own.img", root="out")
    assert Path("out/new.txt").read_text(encoding="utf-8") == "new"
    full = page.ask("extract", path="own.img", root="out", dry_run=True)
    assert "not empty" in full["problem"]
    assert "not empty" in page.failure("extract", path="own.img", root="out")["message"]
    assert page.ask("extract", path="own.img", root="some", include=["new.txt"])["files"] == 1
    assert [path.name for path in Path("some").iterdir()] == ["new.txt"]


def test_a_layer_is_packed_and_extracted_with_what_it_lies_on(page, work):
    made = page.ask("pack", root="tree", file="again.img", base="layer.img")
    assert made["files"] == 0
    page.ask("extract", path="again.img", root="out")
    assert sorted(path.name for path in Path("out/data").iterdir()) == ["empty", "ä.csv"]


def test_what_is_there_is_not_replaced_unless_it_is_said(page, work):
    before = (work / "base.img").read_bytes()
    assert "exists already" in page.failure("pack", root="tree", file="base.img")["message"]
    assert "is a folder" in page.failure("pack", root="tree", file="tree")["message"]
    assert (work / "base.img").read_bytes() == before
    page.ask("pack", root="tree", file="base.img", force=True)
    assert (work / "base.img").read_bytes() != before
    assert "exists already" in page.failure("rename", path="base.img", name="layer.img")["message"]


def test_only_images_are_renamed_and_removed_and_only_in_their_folder(page, work):
    (work / "notes.txt").write_text("mine", encoding="utf-8")
    assert page.failure("remove", path="notes.txt")["type"] == "ImageError"
    assert page.failure("rename", path="notes.txt", name="x")["type"] == "ImageError"
    for name in ("../out.img", "/out.img", "", "..", "a/b"):
        assert "no name of a file" in page.failure("rename", path="base.img", name=name)["message"]
    row = page.ask("rename", path="base.img", name="renamed.img")
    assert row["key"] == f"disk:{work / 'renamed.img'}"
    assert page.ask("remove", path="renamed.img") is None
    assert not (work / "renamed.img").exists()
    assert "There is no file" in page.failure("remove", path="renamed.img")["message"]
    assert (work / "notes.txt").exists()


def test_an_image_is_verified(page, work):
    assert page.ask("verify", path="base.img") == {"size": (work / "base.img").stat().st_size}
    data = bytearray((work / "base.img").read_bytes())
    data[len(data) // 3] ^= 1
    (work / "base.img").write_bytes(data)
    assert page.failure("verify", path="base.img")["type"] == "ImageError"


def test_cancel_leaves_nothing_behind(page, work):
    folder = work / "large"
    folder.mkdir()
    for number in range(4):
        (folder / f"{number}.bin").write_bytes(os.urandom(1 << 20))
    pack(folder, work / "large.img")
    before = sorted(path.name for path in work.iterdir())
    for verb, options in (
        ("pack", {"root": "large", "file": "cut.img"}),
        ("extract", {"path": "large.img", "root": "cut"}),
        ("verify", {"path": "large.img"}),
        ("compare_folder", {"image": "large.img", "folder": "large"}),
    ):
        assert page.cancelled(verb, **options)["type"] == "CancelledError", verb
    assert sorted(path.name for path in work.iterdir()) == before


def test_every_open_panel_hears_of_an_image_that_was_made(new_page, work):
    one, other = new_page(), new_page()
    other.ask("hello")
    one.ask("pack", root="tree", file="own.img")
    message, _ = other.wait(lambda message: message["kind"] == "event")
    assert message["what"] == "images"
    assert message["value"] == str(work / "own.img")


def test_hard_links_are_files_of_their_own_size(page, work):
    os.link("tree/a.txt", "tree/same.txt")
    page.ask("pack", root="tree", file="own.img")
    with Image.open("own.img") as image:
        assert image.entries["/same.txt"].target == "/a.txt"
    found = {path: size for path, _, size, *_ in entries(*page.ask("outline", path="own.img"))}
    assert found["/same.txt"] == found["/a.txt"] == 10
