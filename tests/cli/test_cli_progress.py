"""A bar on a terminal, nothing in a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="Windows has no such terminals")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "folder").mkdir()
    for number in range(20):
        (tmp_path / f"folder/{number}").write_bytes(os.urandom(1_000_000))
    return tmp_path


def on_a_terminal(folder, *arguments, stdout=None):
    """Run with standard error, and standard output unless it goes elsewhere, on a terminal."""
    reading, terminal = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120"}
    command = [sys.executable, "-m", "jupyter_frozenfs.app", *arguments]
    with subprocess.Popen(
        command, cwd=folder, stdout=stdout or terminal, stderr=terminal, env=environment
    ) as running:
        os.close(terminal)
        shown = b""
        try:
            while block := os.read(reading, 65536):
                shown += block
        except OSError:  # how Linux says that nobody holds the other end any more
            pass
        os.close(reading)
    return running.returncode, shown.decode()


def test_a_terminal_shows_how_far_it_is(folder):
    for arguments in (["pack", "folder", "a.img"], ["verify", "a.img"], ["extract", "a.img", "out"]):
        code, shown = on_a_terminal(folder, *arguments)
        assert code == 0
        assert "━" in shown
        assert "20." in shown  # megabytes


def test_nothing_but_the_result_is_in_a_pipe(folder):
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_frozenfs.app", "pack", "folder", "a.img"],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_the_bar_is_not_in_an_image_that_goes_to_standard_output(folder):
    with (folder / "a.img").open("wb") as out:
        code, shown = on_a_terminal(folder, "pack", "folder", "-", stdout=out)
    assert code == 0
    assert "━" in shown
    assert on_a_terminal(folder, "verify", "a.img")[1].rstrip().endswith("a.img: OK")


def test_an_image_is_not_written_to_a_terminal(folder):
    code, shown = on_a_terminal(folder, "pack", "folder", "-")
    assert code == 2
    assert "standard output is a terminal" in shown
