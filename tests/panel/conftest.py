from __future__ import annotations

import os
import threading

import pytest

from jupyter_frozenfs.image import Image, pack
from jupyter_frozenfs.panel.service import Service


class Page:
    """The other end of a service: what it was told, and a wait for more."""

    def __init__(self, verbs=None):
        self.messages = []
        self._told = threading.Condition()
        self.service = Service(self._hear, verbs)
        self._number = 0
        self._impatient = set()

    def _hear(self, message, buffers):
        if message["kind"] == "progress" and message["id"] in self._impatient:
            self.cancel(message["id"])
        with self._told:
            self.messages.append((message, buffers))
            self._told.notify_all()

    def send(self, verb, **options):
        self._number += 1
        id_ = f"request-{self._number}"
        self.service.handle({"kind": "request", "id": id_, "verb": verb, "options": options})
        return id_

    def cancel(self, id_):
        self.service.handle({"kind": "cancel", "id": id_})

    def cancelled(self, verb, **options):
        """Return the error of a request that is cancelled as soon as it has begun."""
        self._impatient.add(f"request-{self._number + 1}")
        return self.failure(verb, **options)

    def wait(self, condition):
        """Return the first message, and its buffers, of which a condition holds."""
        with self._told:
            assert self._told.wait_for(lambda: any(condition(message) for message, _ in self.messages), 30)
            return next(each for each in self.messages if condition(each[0]))

    def answer(self, id_):
        return self.wait(lambda m: m.get("id") == id_ and m["kind"] in ("result", "error"))

    def ask(self, verb, **options):
        message, buffers = self.answer(self.send(verb, **options))
        assert message["kind"] == "result", message
        return (message["value"], buffers) if buffers else message["value"]

    def failure(self, verb, **options):
        message, _ = self.answer(self.send(verb, **options))
        assert message["kind"] == "error", message
        return message["error"]


@pytest.fixture
def new_page():
    """Make pages that are closed again."""
    pages = []

    def made(verbs=None):
        pages.append(Page(verbs))
        return pages[-1]

    yield made
    for page in pages:
        page.service.close()


@pytest.fixture
def page(new_page):
    return new_page()


def _settle(tree):
    """Have a test not depend on when it runs."""
    for path in (tree, *tree.rglob("*")):
        os.utime(path, (1_700_000_000, 1_700_000_000), follow_symlinks=False)


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A folder with a tree, its image `base.img`, and `layer.img` of what was changed since."""
    monkeypatch.chdir(tmp_path)
    tree = tmp_path / "tree"
    (tree / "data" / "empty").mkdir(parents=True)
    (tree / "a.txt").write_text("first\n", encoding="utf-8")
    (tree / "data" / "b.csv").write_text("1,2\n", encoding="utf-8")
    (tree / "data" / "ä.csv").write_text("3,4\n5,6\n", encoding="utf-8")
    (tree / "link").symlink_to("a.txt")
    _settle(tree)
    pack(tree, tmp_path / "base.img")
    (tree / "a.txt").write_text("the first\n", encoding="utf-8")
    (tree / "new.txt").write_text("new", encoding="utf-8")
    (tree / "data" / "b.csv").unlink()
    _settle(tree)
    with Image.open(tmp_path / "base.img") as base:
        pack(tree, tmp_path / "layer.img", base=[base])
    return tmp_path
