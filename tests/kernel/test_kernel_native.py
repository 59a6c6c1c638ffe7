from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel

import jupyter_frozenfs as frozenfs
from jupyter_frozenfs.errors import ImageError
from jupyter_frozenfs.kernel.errors import NeedsBrowserError, UsageError


def test_a_directory_is_frozen_and_thawed(cells, tree):
    frozen = cells.value("%freeze_fs env.blob --root work")
    assert (frozen.name, frozen.files, frozen.file) == ("env.blob", 2, "env.blob")
    assert frozen.size == Path("env.blob").stat().st_size
    thawed = cells.value("%thaw_fs env.blob --root again")
    assert thawed.created == 5
    again = Path("again")
    assert (again / "sub" / "b.csv").read_text(encoding="utf-8") == "1,2\n"
    assert (again / "sub" / "empty").is_dir()
    assert (again / "link").readlink() == Path("a.txt")


def test_include_and_exclude_choose(cells, tree, paths):
    cells.value("%freeze_fs a.blob --root work --include '*.csv'")
    assert paths("a.blob") == ["/sub", "/sub/b.csv"]
    cells.value("%freeze_fs b.blob --root work --exclude sub --exclude link")
    assert paths("b.blob") == ["/a.txt"]
    cells.value("%thaw_fs b.blob --root c --include a.txt")
    assert [path.name for path in Path("c").iterdir()] == ["a.txt"]


def test_an_image_in_the_directory_is_not_part_of_itself(cells, tree, paths):
    cells.value("%freeze_fs work/own.blob --root work")
    cells.value("%freeze_fs work/own.blob --root work --force")
    assert "/own.blob" not in paths("work/own.blob")


def test_a_layer_holds_what_changed(cells, tree, paths):
    base = cells.value("%freeze_fs base.blob --root work")
    (tree / "new.txt").write_text("new", encoding="utf-8")
    layer = cells.value("%freeze_fs layer.blob --root work --base base.blob")
    assert layer.base == base.sha256
    assert paths("layer.blob") == ["/new.txt"]


def test_an_image_is_not_replaced_without_force(cells, tree):
    cells.value("%freeze_fs env.blob --root work")
    before = Path("env.blob").read_bytes()
    (tree / "new.txt").write_text("new", encoding="utf-8")
    error = cells.failure("%freeze_fs env.blob --root work")
    assert isinstance(error, UsageError)
    assert "--force" in str(error)
    assert Path("env.blob").read_bytes() == before
    cells.value("%freeze_fs env.blob --root work --force")
    assert Path("env.blob").read_bytes() != before


def test_a_dry_run_writes_nothing(cells, tree):
    cells.value("%freeze_fs env.blob --root work")
    plan = cells.value("%thaw_fs env.blob --root again --dry-run")
    assert "/sub/b.csv" in plan.created
    assert plan.size == 10
    assert not Path("again").exists()


def test_images_that_are_files_can_be_looked_into(cells, tree, capsys):
    cells.value("%freeze_fs a.blob --root work --exclude sub")
    cells.value("%freeze_fs b.blob --root work --exclude link")
    assert cells.value("%frozen_fs info a.blob").files == 1
    assert "/a.txt" in repr(cells.value("%frozen_fs ls a.blob"))
    assert "/a.txt" not in repr(cells.value("%frozen_fs ls a.blob link"))
    assert cells.value("%frozen_fs verify a.blob").size == Path("a.blob").stat().st_size
    difference = cells.value("%frozen_fs diff a.blob b.blob")
    assert difference.removed == ["/link"]
    assert "/sub/b.csv" in difference.added
    capsys.readouterr()
    assert cells.value("%frozen_fs cat a.blob /a.txt") is None
    assert capsys.readouterr().out == "first\n"


@pytest.mark.parametrize(
    "line",
    [
        "%freeze_fs a --root work --download",
        "%freeze_fs a --root work --include-mounts",
        "%thaw_fs --upload --root x",
        "%thaw_fs a --root x --clean",
        "%thaw_fs a --root x --keep-newer",
        "%thaw_fs a --root x --rebase",
        "%frozen_fs",
        "%frozen_fs gc",
        "%frozen_fs autoload a",
        "%frozen_fs mounts",
        "%mount_fs a /data",
        "%unmount_fs /data",
    ],
)
def test_what_needs_a_browser_says_so(cells, tree, line):
    error = cells.failure(line)
    assert isinstance(error, NeedsBrowserError)
    assert "in a browser" in str(error)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%freeze_fs a", "--root"),
        ("%freeze_fs --root work", "NAME"),
        ("%freeze_fs a --root nowhere", "expected a directory"),
        ("%freeze_fs a --root work --layer", "--base"),
        ("%thaw_fs", "--upload"),
        ("%thaw_fs a --upload", "--upload"),
        ("%thaw_fs a", "--root"),
        ("%thaw_fs nowhere --root x", "There is no file 'nowhere'"),
        ("%frozen_fs info nowhere", "There is no file 'nowhere'"),
    ],
)
def test_what_is_missing_is_said(cells, tree, line, expected):
    error = cells.failure(line)
    assert isinstance(error, UsageError)
    assert expected in str(error)


def test_an_ordinary_function_is_told_the_python_call(cells):
    error = cells.failure("def f():\n    %freeze_fs env.blob --root work\nf()")
    assert isinstance(error, UsageError)
    assert "await frozenfs.freeze('env.blob', root='work')" in str(error)


def test_errors_are_shown_without_a_traceback(cells, capsys):
    cells.run("%thaw_fs nowhere --root x")
    assert "Traceback" not in capsys.readouterr().out


def test_help_is_printed(cells, capsys):
    assert cells.value("%thaw_fs --help") is None
    assert "%thaw_fs (NAME | PATH | URL | --upload)" in capsys.readouterr().out


def test_magics_run_in_loops_and_conditions(cells, tree):
    cells.value(
        "for name in ['a.blob', 'b.blob']:\n"
        "    if not name.startswith('a'):\n"
        "        %freeze_fs {name} --root work"
    )
    assert [path.name for path in Path().glob("*.blob")] == ["b.blob"]


def test_the_functions_do_the_same(cells, tree):
    frozen = cells.value(
        "import jupyter_frozenfs as frozenfs\nawait frozenfs.freeze('env.blob', root='work', note='one')"
    )
    assert frozen.note == "one"
    with pytest.raises(ImageError, match="not empty"):
        cells.value("await frozenfs.thaw('env.blob', root='work')")


def test_globs_are_a_list(cells, tree):
    with pytest.raises(UsageError, match="expected a list"):
        cells.value(
            "import jupyter_frozenfs as frozenfs\nawait frozenfs.freeze('e', root='work', include='*.py')"
        )


def test_the_magics_can_be_taken_away(cells):
    cells.value("%unload_ext jupyter_frozenfs")
    assert "freeze_fs" not in cells.shell.magics_manager.magics["line"]
    assert cells.shell.input_transformers_post == []


def test_importing_the_package_costs_little():
    check = (
        "import sys, jupyter_frozenfs.kernel.magics; "
        "print([m for m in ('argparse', 'shlex', 'jupyter_frozenfs.image', 'js') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-Sc", check], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n", done.stderr


def test_unknown_names_are_no_attributes():
    with pytest.raises(AttributeError, match="nothing"):
        frozenfs.nothing  # noqa: B018


def test_a_real_kernel_runs_the_magics(tree, monkeypatch):
    monkeypatch.chdir(tree.parent)
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tree.parent))
    outputs = []
    try:
        for source in ("%load_ext jupyter_frozenfs", "%freeze_fs env.blob --root work", "%frozen_fs gc"):
            client.execute_interactive(source, timeout=60, output_hook=outputs.append)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    contents = [message["content"] for message in outputs]
    shown = [content["data"] for content in contents if "data" in content]
    assert len(shown) == 1
    assert shown[0]["text/plain"].startswith("env.blob: image of 2 files")
    assert "<strong>env.blob: image of 2 files" in shown[0]["text/html"]
    errors = [content for content in contents if "ename" in content]
    assert [error["ename"] for error in errors] == ["NeedsBrowserError"]
    assert len(errors[0]["traceback"]) == 1
