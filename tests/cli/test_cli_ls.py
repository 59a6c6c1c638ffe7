from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_frozenfs.image import Entry, write_image

ROOT = Path(__file__).parents[2]


def test_ls_lists_paths(frozenfs, vectors):
    done = frozenfs("ls", vectors / "boot.packed.img")
    assert done.stdout.split() == ["/a", "/a/one", "/a/two", "/b", "/c", "/void", "/void2", "/z"]


def test_ls_long_shows_what_ls_shows(frozenfs, vectors):
    lines = frozenfs("ls", "--long", vectors / "tree.img").stdout.splitlines()
    assert lines[0] == "drwxrwxrwt             0 2023-11-14 22:13:20 /bin"
    assert lines[1] == "-rwsr-xr-x            20 1970-01-01 00:00:00 /bin/tool"
    assert lines[-1] == "lrwxrwxrwx             0 2023-11-14 22:13:20 /outside -> /etc/passwd"
    assert frozenfs("ls", "-l", vectors / "tree.img").stdout.splitlines() == lines


def test_the_second_name_of_a_file_names_the_first(frozenfs, vectors):
    assert frozenfs("ls", "-l", vectors / "boot.img", "/c").stdout.endswith(" /c link to /z\n")


def test_the_latest_of_all_times_is_shown(frozenfs, vectors):
    assert frozenfs("ls", "-l", vectors / "numbers.img", "/h").stdout.endswith(" /h\n")


def test_ls_lists_what_globs_select_in_whatever_order_the_options_come(frozenfs, vectors):
    found = frozenfs("ls", vectors / "tree.img", "/lib", "-l", "tool").stdout
    assert [line.split()[4] for line in found.splitlines()] == [
        "/bin/tool",
        "/lib",
        "/lib/dangling",
        "/lib/deep",
        "/lib/deep/block",
        "/lib/deep/nothing",
        "/lib/loop",
        "/lib/up",
    ]


def test_a_glob_that_selects_nothing_is_an_error(frozenfs, vectors):
    done = frozenfs("ls", vectors / "tree.img", "/lib", "*.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("tree.img: nothing in the image is selected by '*.csv'\n")


def test_a_glob_in_brackets_or_behind_two_dashes_is_a_glob(frozenfs, tmp_path):
    entries = [Entry(path, "file", 0o644, 0, 0, content=io.BytesIO) for path in ("/a", "/b", "/c", "/-l")]
    write_image(tmp_path / "a.img", entries)
    assert frozenfs("ls", "a.img", "[ab]").stdout == "/a\n/b\n"
    assert frozenfs("ls", "a.img", "--", "-l").stdout == "/-l\n"


def test_ls_draws_a_tree(frozenfs, vectors):
    assert frozenfs("ls", "--tree", vectors / "tree.img", "/bin", "deep", "up").stdout == (
        "├── bin/\n"
        "│   └── tool\n"
        "└── lib/\n"
        "    ├── deep/\n"
        "    │   ├── block\n"
        "    │   └── nothing\n"
        "    └── up -> ../bin/tool\n"
    )


def test_a_tree_is_drawn_in_ascii_where_there_is_nothing_better(frozenfs, vectors, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    assert frozenfs("ls", "--tree", vectors / "tree.img", "/bin").stdout == "`-- bin/\n    `-- tool\n"


def test_ls_prints_json_that_says_everything(frozenfs, vectors):
    done = frozenfs("ls", "--json", vectors / "boot.img")
    rows = json.loads(done.stdout)
    assert rows[0] == {"path": "/a", "kind": "directory", "mode": 0o755, "mtime": 1_700_000_000, "size": 0}
    assert rows[4] == {"path": "/c", "kind": "file", "mode": 0o644, "mtime": 6, "size": 3, "target": "/z"}
    assert len(done.stdout.splitlines()) == len(rows) == 8
    assert frozenfs("ls", "--json", vectors / "empty.img").stdout == "[]\n"


def test_json_goes_with_no_other_form(frozenfs, vectors):
    assert frozenfs("ls", "--json", "--tree", vectors / "tree.img").returncode == 2


def test_a_layer_is_listed_alone_or_as_it_appears_on_its_base(frozenfs, layered):
    frozenfs("pack", "changed", "layer.img", "--base=course.img")
    assert frozenfs("ls", "layer.img").stdout.split() == ["/data", "/lesson.py", "/notes", "/notes/mine.txt"]
    assert frozenfs("ls", "layer.img", "--base", "course.img").stdout.split() == [
        "/again.csv",
        "/data",
        "/data/stars.csv",
        "/latest",
        "/lesson.py",
        "/notes",
        "/notes/mine.txt",
    ]


def test_a_base_that_is_not_the_one_is_refused(frozenfs, layered, vectors):
    frozenfs("pack", "changed", "layer.img", "--base=course.img")
    done = frozenfs("ls", "layer.img", f"--base={vectors / 'tree.img'}")
    assert done.returncode == 1
    assert "layer.img is a layer of the image with SHA-256" in done.stderr


def test_names_cannot_command_the_terminal(frozenfs, tmp_path):
    entry = Entry("/\x1b[2Jé\n", "file", 0o644, 0, 0, content=io.BytesIO)
    write_image(tmp_path / "a.img", [entry])
    assert frozenfs("ls", "a.img").stdout == "/\\x1b[2Jé\\n\n"
    for command in (["ls", "--tree"], ["ls", "--json"], ["info"], ["info", "--json"]):
        assert "\x1b" not in frozenfs(*command, "a.img").stdout


def test_an_image_comes_from_standard_input_by_a_pipe_or_a_file(piped, vectors):
    image = vectors / "hello.packed.img"
    assert piped("ls", "-", input=image.read_bytes()).stdout == b"/hello.txt\n"
    with image.open("rb") as file:
        assert piped("ls", "-", stdin=file).stdout == b"/hello.txt\n"


@pytest.mark.parametrize("data", [b"", b"hello\n", bytes(2000)])
def test_standard_input_that_is_no_image_is_called_by_its_name(piped, data):
    done = piped("ls", "-", input=data)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"jupyter frozenfs: standard input: this is not an image")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("truncated-packed", "the image is truncated"),
        (
            "version",
            "is of format version 2, this program reads version 1; a newer jupyter-frozenfs may read it",
        ),
        ("gzip", "a gzip file without the table of an image"),
        ("path-parent", "has an empty, '.' or '..' segment"),
    ],
)
def test_what_is_no_whole_image_is_refused_in_one_line(frozenfs, vectors, name, message):
    done = frozenfs("ls", vectors / f"damaged/{name}.img")
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_environment_is_listed_by_its_folder_or_its_manifest(frozenfs, environment):
    lines = frozenfs("ls", environment).stdout.splitlines()
    assert lines[-1] == "/lib/python3.14/site-packages/six.py"
    assert frozenfs("ls", environment / "environment.json").stdout.splitlines() == lines


def test_another_folder_is_not_taken_for_an_image(frozenfs, course):
    done = frozenfs("ls", "course")
    assert done.returncode == 1
    assert "course is a folder without environment.json" in done.stderr


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"image": {"parts": []}}', '{"image": {"parts": [7]}}'])
def test_a_manifest_that_names_no_image_is_refused(frozenfs, tmp_path, text):
    (tmp_path / "environment.json").write_text(text)
    done = frozenfs("ls", "environment.json")
    assert done.returncode == 1
    assert "environment.json" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE to begin with")
def test_a_reader_that_had_enough_is_no_error_to_speak_of(tmp_path):
    entries = [Entry(f"/{number:05}", "file", 0o644, 0, 0, content=io.BytesIO) for number in range(20_000)]
    write_image(tmp_path / "a.img", entries)
    command = f"({sys.executable} -m jupyter_frozenfs.app ls {tmp_path}/a.img; echo $? >&2) | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("/00000\n", "141\n")
