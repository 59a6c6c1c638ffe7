from __future__ import annotations

import asyncio

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jupyter_frozenfs.image import Image


class Cells:
    """Runs cells as a kernel does."""

    def __init__(self, shell):
        self.shell = shell

    def run(self, source):
        transformed = self.shell.transform_cell(source)
        return asyncio.run(self.shell.run_cell_async(source, transformed_cell=transformed))

    def value(self, source):
        found = self.run(source)
        found.raise_error()
        return found.result

    def failure(self, source):
        found = self.run(source)
        return found.error_in_exec or found.error_before_exec


@pytest.fixture
def cells(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    shell = InteractiveShell()
    shell.extension_manager.load_extension("jupyter_frozenfs")
    yield Cells(shell)
    shell.history_manager.end_session()


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "work"
    (root / "sub" / "empty").mkdir(parents=True)
    (root / "a.txt").write_text("first\n", encoding="utf-8")
    (root / "sub" / "b.csv").write_text("1,2\n", encoding="utf-8")
    (root / "link").symlink_to("a.txt")
    return root


@pytest.fixture
def paths():
    """List what an image holds."""

    def listed(file):
        with Image.open(file) as image:
            return sorted(image.entries)

    return listed
