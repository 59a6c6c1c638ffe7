from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_frozenfs.image import Entry, write_image

ROOT = Path(__file__).parents[2]


def test_cat_prints_files_in_the_order_of_the_globs(piped, image):
    assert piped("cat", image, "/lesson.py").stdout == b"print('hello')\n"
    done = piped("cat", image, "lesson.py", "*.csv")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"print('hello')\n" + b"name\nvega\n" + b"1,2,3\n" * 60_000 + b"name\nvega\n"


def test_cat_reads_from_a_pipe_and_from_an_environment(piped, image, environment):
    assert piped("cat", "-", "stars.csv", input=image.read_bytes()).stdout == b"name\nvega\n"
    assert len(piped("cat", environment, "six.py").stdout) == 100


def test_cat_of_a_layer_reads_through_to_its_base(piped, frozenfs, layered):
    frozenfs("pack", "changed", "layer.img", "--base=course.img")
    done = piped("cat", "--base=course.img", "layer.img", "/lesson.py", "/data/stars.csv")
    assert done.stdout == b"print('good bye')\nname\nvega\n"


@pytest.mark.parametrize(
    ("glob", "message"),
    [
        ("/none", "nothing in the image is selected by '/none'"),
        ("/latest", "'/latest' selects no file, /latest is a link to 'lesson.py'"),
        ("../../etc/passwd", "nothing in the image is selected by '../../etc/passwd'"),
    ],
)
def test_what_is_no_file_is_said(frozenfs, image, glob, message):
    done = frozenfs("cat", image, glob)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr


def test_nothing_of_a_damaged_chunk_is_printed(frozenfs, vectors):
    done = frozenfs("cat", vectors / "damaged/chunk-byte.img", "hello.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert "chunk 0 is damaged" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE to begin with")
def test_a_reader_that_had_enough_is_no_error_to_speak_of(tmp_path):
    data = b"1,2,3\n" * 3_000_000
    image = tmp_path / "a.img"
    write_image(image, [Entry("/long.csv", "file", 0o644, 0, len(data), content=lambda: io.BytesIO(data))])
    command = f"({sys.executable} -m jupyter_frozenfs.app cat {image} long.csv; echo $? >&2) | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("1,2,3\n", "141\n")
