from __future__ import annotations

import json

import pytest
from traitlets import HasTraits, TraitError, Unicode, link

from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.image import pack
from jupyter_frozenfs.panel.models import Change, Changes, Contents, Image, ImageList, Job, Room
from jupyter_frozenfs.panel.rowmodel import models_of, rows_of

ROW = {
    "key": "store:env.blob",
    "place": "store",
    "name": "env.blob",
    "size": 1_500_000,
    "files": 12,
    "created": "2026-11-21T20:00:00Z",
    "note": "before lesson 3",
    "base": "ab" * 32,
    "baseName": "course",
    "sha256": None,
    "root": "/home",
    "url": None,
    "origin": "frozen",
    "packages": [{"name": "numpy", "version": "2.4.3"}],
    "autoload": ["course"],
}


def changes_of(model, *names):
    """Note what is observed."""
    seen = []
    model.observe(lambda change: seen.append((change.name, change.new)), list(names))
    return seen


def test_a_row_becomes_a_model_and_a_row_again():
    image = Image.from_row({**ROW, "unknown": 1})
    assert image.base_name == "course"
    assert image.row() == ROW
    assert json.loads(json.dumps(image.row())) == ROW
    assert repr(image) == "<layer env.blob: 12 files, 1.5 MB>"
    assert Image.from_row(ROW) == image
    assert Image.from_row({**ROW, "note": ""}) != image
    assert models_of(Image)(rows_of([image])) == [image]


def test_a_model_is_observed_and_refuses_what_is_none_of_its_values():
    image = Image.from_row(ROW)
    seen = changes_of(image, "note")
    image.note = "after lesson 3"
    assert seen == [("note", "after lesson 3")]
    with pytest.raises(TraitError, match="place"):
        image.place = "nowhere"
    with pytest.raises(TraitError, match="size"):
        Image.from_row({"size": "large"})


def test_an_image_on_disk_has_a_path():
    assert Image(key="disk:/work/a.img", place="disk").path == "/work/a.img"
    assert Image.from_row(ROW).path == ""


def test_how_much_of_a_job_is_done():
    job = Job(title="Packing", amount={"files": 1, "totalFiles": 4, "bytes": 0, "totalBytes": 0})
    assert job.fraction == 0.25
    assert repr(job) == "<Packing: running 25%>"
    job.amount = {"files": 1, "totalFiles": 4, "bytes": 50, "totalBytes": 100}
    assert job.fraction == 0.5
    assert Job(state="waiting").fraction is None
    assert Job(state="done").fraction == 1


def test_room_in_words():
    assert repr(Room(used=2_000_000, free=None, debris=1500)) == "<room: 2.0 MB used, 1.5 kB to clean up>"


def test_a_list_follows_its_folder(work):
    images = ImageList()
    assert (len(images), repr(images)) == (0, "No images in no folder.")
    seen = changes_of(images, "images")
    images.folder = str(work)
    assert [image.name for image in images] == ["base.img", "layer.img"]
    assert images["layer.img"].base_name == "base.img"
    assert images[0] is images["base.img"]
    assert [name for name, _ in seen] == ["images"]
    assert "base.img" in repr(images)
    assert "<td" in images._repr_html_()
    with pytest.raises(KeyError):
        images["nothing.img"]
    (work / "layer.img").unlink()
    images.refresh()
    assert len(images) == 1
    images.folder = str(work / "nowhere")
    assert (len(images), "There is no file" in images.error) == (0, True)
    images.folder = str(work)
    assert images.error == ""


def test_contents_of_a_folder_and_what_a_search_finds(work):
    contents = Contents("layer.img")
    assert [entry.path for entry in contents.entries] == ["/data", "/a.txt", "/link", "/new.txt"]
    seen = changes_of(contents, "entries", "found")
    contents.path = "/data"
    assert [entry.path for entry in contents.entries] == ["/data/empty", "/data/ä.csv"]
    contents.query = "Ä.CSV"
    assert [entry.path for entry in contents.found] == ["/data/ä.csv"]
    contents.query = "data/"
    assert [entry.path for entry in contents.found] == ["/data/empty", "/data/ä.csv"]
    assert [name for name, _ in seen] == ["entries", "found", "found"]
    assert contents.read("/a.txt") == b"the first\n"
    for path in ("/nothing", "/data", "/link"):
        with pytest.raises(KeyError):
            contents.read(path)
    contents.close()


def test_contents_tell_why_there_are_none(work):
    contents = Contents("base.img")
    contents.image = "tree/a.txt"
    assert contents.entries == []
    assert contents.error
    contents.image = str(work / "base.img")
    assert contents.error == ""
    assert len(contents.entries) == 3
    contents.image = ""
    assert (contents.entries, contents.error) == ([], "")


def test_damage_is_an_error_where_it_is_read(work):
    pack(work / "tree", work / "plain.img", compress=False)
    data = (work / "plain.img").read_bytes()
    (work / "plain.img").write_bytes(data.replace(b"the first\n", b"the worst\n"))
    contents = Contents("plain.img")
    with pytest.raises(ImageError):
        contents.read("/a.txt")
    contents.close()


def test_models_are_linked(work):
    class Box(HasTraits):
        value = Unicode()

    box, one, other = Box(), Contents("base.img"), Contents("layer.img")
    link((box, "value"), (one, "query"))
    link((box, "value"), (other, "query"))
    box.value = "txt"
    assert [entry.path for entry in one.found] == ["/a.txt"]
    assert [entry.path for entry in other.found] == ["/a.txt", "/new.txt"]
    one.query = "csv"
    assert box.value == other.query == "csv"
    one.close()
    other.close()


def test_changes_follow_what_is_compared(work):
    changes = Changes(older="base.img")
    assert changes.changes == []
    seen = changes_of(changes, "changes")
    changes.newer = "layer.img"
    assert len(seen) == 1
    assert changes.of("added") == ["/new.txt"]
    assert changes.of("removed") == ["/data/b.csv"]
    [changed] = [each for each in changes.changes if each.kind == "changed"]
    assert changed == Change(path="/a.txt", kind="changed", before=6, after=10, differs=["size"])
    changes.older, changes.newer = "layer.img", "tree"
    assert changes.changes == []
    (work / "tree" / "a.txt").unlink()
    changes.refresh()
    assert changes.of("removed") == ["/a.txt"]
    changes.newer = "nothing.img"
    assert (changes.changes, "There is no file" in changes.error) == ([], True)
