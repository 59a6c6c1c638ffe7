from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from traitlets import TraitError

import jupyter_frozenfs as frozenfs
from jupyter_frozenfs.kernel import events
from jupyter_frozenfs.kernel.errors import KernelError, NeedsBrowserError
from jupyter_frozenfs.kernel.mount_results import Mount, Mounts

IMAGES = [
    {"key": "store:a.blob", "place": "store", "name": "a.blob", "size": 10},
    {"key": "site:course", "place": "site", "name": "course", "size": 20},
]


@pytest.fixture
def panel(work):
    made = frozenfs.Panel()
    yield made
    made.close()


@pytest.fixture
def sent(panel, monkeypatch):
    """What the panel sends as custom messages."""
    messages = []
    monkeypatch.setattr(panel, "send", lambda message, buffers: messages.append((message, buffers)))
    return messages


def test_it_is_drawn_by_the_labextension(panel):
    state = panel.get_state()
    assert (state["_model_name"], state["_view_name"]) == ("PanelModel", "PanelView")
    assert state["_model_module"] == state["_view_module"] == "jupyter-frozenfs"
    assert {"selected", "tab", "path", "query", "folder", "images", "jobs", "room"} <= set(state)
    assert "mounts" not in state
    assert (state["images"], state["jobs"], state["room"]) == ([], [], None)


def test_what_a_page_shows_is_there_as_models(panel):
    seen = []
    panel.observe(lambda change: seen.append(change.name), ["images", "jobs", "room"])
    panel.set_state({"images": IMAGES})
    panel.set_state(
        {"jobs": [{"id": "1", "title": "Freezing", "state": "done"}], "room": {"used": 1, "debris": 0}}
    )
    assert seen == ["images", "jobs", "room"]
    assert [image.name for image in panel.images] == ["a.blob", "course"]
    assert panel.jobs[0].title == "Freezing"
    assert panel.room.used == 1
    assert panel.get_state("images")["images"][0]["key"] == "store:a.blob"
    with pytest.raises(TraitError, match="read-only"):
        panel.images = []


def test_an_image_is_selected_by_its_name_or_its_key(panel):
    panel.set_state({"images": IMAGES, "path": "/deep", "query": "x"})
    panel.select("a.blob")
    assert (panel.selected, panel.path, panel.query) == ("store:a.blob", "/", "")
    assert panel.image is panel.images[0]
    panel.select("site:course")
    assert panel.image.name == "course"
    panel.select(panel.images[0])
    assert panel.image.name == "a.blob"
    panel.select(None)
    assert panel.image is None
    with pytest.raises(KernelError, match=r"'nothing' is listed, expected one of a\.blob, course"):
        panel.select("nothing")


def test_what_is_looked_at_is_named_as_mount_and_thaw_take_it(panel):
    url = "https://user.example/frozen/course/1/environment.json"
    rows = [*IMAGES[:1], {**IMAGES[1], "url": url}, {"key": "file:b.img", "place": "file", "name": "b.img"}]
    panel.set_state({"images": rows})
    with pytest.raises(KernelError, match="No image is looked at"):
        asyncio.run(panel.mount("/data"))
    panel.select("course")
    assert panel.image.source == url
    panel.select("a.blob")
    assert panel.image.source == "a.blob"
    with pytest.raises(NeedsBrowserError):
        asyncio.run(panel.mount("/data"))
    with pytest.raises(KernelError, match="mount the image"):
        panel.contents()
    panel.select("b.img")
    with pytest.raises(KernelError, match="only the panel can reach"):
        asyncio.run(panel.mount("/data"))


def test_an_image_on_disk_is_thawed_and_looked_into(panel, work):
    file = work / "base.img"
    panel.set_state({"images": [{"key": f"disk:{file}", "place": "disk", "name": "base.img"}]})
    panel.select("base.img")
    contents = panel.contents()
    assert contents.read("/a.txt") == b"first\n"
    contents.close()
    plan = asyncio.run(panel.thaw(root="out", dry_run=True))
    assert "/data/b.csv" in plan.created


def test_a_tab_is_one_of_four(panel):
    panel.tab = "room"
    with pytest.raises(TraitError):
        panel.tab = "kitchen"


def test_it_answers_the_page(panel, sent, work):
    panel._handle_custom_msg({"kind": "request", "id": "1", "verb": "nothing"}, [])
    [(message, buffers)] = sent
    assert (message["id"], message["kind"], buffers) == ("1", "error", [])


def test_it_follows_what_is_mounted_and_tells_the_page(panel, sent):
    panel._handle_custom_msg({"kind": "cancel", "id": "none"}, [])
    mounts = Mounts([Mount("/data", "/", "a.blob")])
    events.tell("mounts", mounts)
    assert panel.mounts is mounts
    panel.refresh()
    assert [message["what"] for message, _ in sent] == ["mounts", "images"]
    panel.close()
    events.tell("mounts", Mounts([]))
    assert panel.mounts is mounts
    assert len(sent) == 2


def test_without_ipywidgets_it_says_what_to_do():
    check = (
        "import sys; sys.modules['ipywidgets'] = None\n"
        "import jupyter_frozenfs\n"
        "try: jupyter_frozenfs.Panel\n"
        "except jupyter_frozenfs.FrozenFSError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert "%pip install ipywidgets" in done.stdout, done.stderr
    assert "sidebar" in done.stdout


def test_the_package_does_not_import_ipywidgets_by_itself():
    check = (
        "import sys, jupyter_frozenfs.kernel.magics, jupyter_frozenfs.panel.models; "
        "print('ipywidgets' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)
    assert done.stdout == "False\n", done.stderr
