"""The command line, run as people run it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from jupyter_frozenfs.environment import load_declaration

ROOT = Path(__file__).parent.parent
COMMANDS = ["init", "build", "pack", "ls", "cat", "info", "extract", "verify", "diff", "completion"]


def test_the_console_script_is_the_one_that_jupyter_looks_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'jupyter-frozenfs = "jupyter_frozenfs.app:main"' in text
    assert callable(import_module("jupyter_frozenfs.app").main)


# help and usage


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_says_what_to_type_and_shows_examples(frozenfs, command):
    done = frozenfs(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: jupyter frozenfs {command} ")
    assert f"jupyter frozenfs {command}" in done.stdout.partition("\nExamples\n========\n")[2]
    assert "\nExit codes\n==========\n    0    " in done.stdout
    assert "Equivalent to" not in done.stdout


def test_the_help_lists_all_commands(frozenfs):
    done = frozenfs("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"\n{command}\n" in done.stdout


def test_without_a_command_the_help_is_shown_and_the_exit_code_is_2(frozenfs):
    done = frozenfs()
    assert done.returncode == 2
    assert done.stdout.startswith("Usage: jupyter frozenfs COMMAND")
    assert done.stderr == "jupyter frozenfs: expected a command\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["verfy", "a.img"], "there is no command 'verfy'; did you mean `verify`?"),
        (
            ["xyzzy"],
            "there is no command 'xyzzy'; there is init, build, pack, ls, cat, info, extract, verify, diff",
        ),
        (["ls", "--lnog", "a.img"], "there is no option `--lnog`; did you mean `--long`?"),
        (["init", "--nmae=x"], "there is no option `--nmae`; did you mean `--name`?"),
        (["ls", "--long=yes", "a.img"], "ignored explicit argument 'yes'"),
        (["verify"], "expected `jupyter frozenfs verify IMAGE [IMAGE …]`, found nothing behind the command"),
        (
            ["info", "a", "b"],
            "expected `jupyter frozenfs info [OPTION …] IMAGE`, found 'a' 'b' behind the command",
        ),
        (["init", "--name"], "expected one argument"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_answered_in_one_line_and_with_2(frozenfs, arguments, message):
    done = frozenfs(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_error_is_one_line_and_a_traceback_only_for_who_asks(frozenfs):
    done = frozenfs("info", "none.img")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "jupyter frozenfs: none.img cannot be read: No such file or directory\n"
    assert "Traceback" in frozenfs("info", "--debug", "none.img").stderr


# init


def test_init_writes_a_declaration_that_makes_sense_as_it_is(frozenfs, tmp_path):
    done = frozenfs("init")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("frozen.toml written.")
    declaration = load_declaration(tmp_path / "frozen.toml")
    (environment,) = declaration.environments
    assert (environment.name, environment.display_name, environment.default) == ("course", "Course", True)
    assert (environment.requirements, dict(environment.files)) == ((), {})


def test_init_uses_what_the_folder_holds(frozenfs, tmp_path):
    for name in ("data", "wheelhouse"):
        (tmp_path / "book" / name).mkdir(parents=True)
    (tmp_path / "book/requirements.txt").write_text("numpy\n")
    assert frozenfs("init", "--name=data-science", "book").returncode == 0
    declaration = load_declaration(tmp_path / "book")
    (environment,) = declaration.environments
    assert (environment.name, environment.display_name) == ("data-science", "Data science")
    assert environment.requirements == ("-r requirements.txt",)
    assert dict(environment.files) == {"data": "/home/pyodide/data"}
    assert declaration.build == {"wheelhouse": ["wheelhouse"]}


def test_every_example_in_the_written_file_is_a_valid_declaration(frozenfs, tmp_path):
    """What stands in a comment is uncommented by people."""
    frozenfs("init")
    path = tmp_path / "frozen.toml"
    (tmp_path / "warm_up.py").write_text("")
    lines = path.read_text(encoding="utf-8").splitlines()
    examples = [
        number
        for number, line in enumerate(lines)
        if line.startswith("# ") and " = " in line and line[2].islower()
    ]
    assert len(examples) >= 9
    for number in examples:
        key = lines[number][2:].split(" = ")[0]
        changed = [line for line in lines if not line.startswith(f"{key} = ")]
        changed[changed.index(lines[number])] = lines[number][2:]
        path.write_text("\n".join(changed), encoding="utf-8")
        load_declaration(path)


def test_init_does_not_overwrite_unless_it_is_told_to(frozenfs, tmp_path):
    (tmp_path / "frozen.toml").write_text("# mine\n")
    done = frozenfs("init")
    assert done.returncode == 1
    assert done.stderr == (
        "jupyter frozenfs: frozen.toml is there already; change it, or replace it with --force\n"
    )
    assert (tmp_path / "frozen.toml").read_text() == "# mine\n"
    assert frozenfs("init", "--force").returncode == 0
    assert "[environment.course]" in (tmp_path / "frozen.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none"], "none is not a folder, expected the one with the notebooks"),
        (["--name=My Course"], "expected lower-case letters"),
        (["--name=runtime"], "runtime"),
    ],
)
def test_init_refuses_what_would_not_work(frozenfs, tmp_path, arguments, message):
    done = frozenfs("init", *arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert not (tmp_path / "frozen.toml").exists()


# build


def test_build_without_a_declaration_says_how_to_get_one(frozenfs):
    done = frozenfs("build")
    assert done.returncode == 1
    assert "Write one with `jupyter frozenfs init`" in done.stderr


def test_build_of_an_environment_that_is_not_declared_names_the_others(frozenfs):
    frozenfs("init")
    done = frozenfs("build", "--environment=curse")
    assert done.returncode == 1
    assert "declares no environment 'curse'; did you mean `course`?" in done.stderr


def test_build_of_an_empty_declaration_says_what_is_missing(frozenfs, tmp_path):
    (tmp_path / "frozen.toml").write_text("")
    done = frozenfs("build")
    assert done.returncode == 1
    assert "declares no environment, expected a table such as [environment.course]" in done.stderr


@pytest.mark.build
def test_what_init_writes_is_built_as_it_is(frozenfs, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/stars.csv").write_text("name\nvega\n")
    frozenfs("init")
    done = frozenfs(
        "build",
        f"--pyodide={ROOT / 'labextension/node_modules/pyodide'}",
        f"--cache={ROOT / '.cache/frozenfs'}",
        "--output-dir=out",
    )
    assert done.returncode == 0, done.stderr
    (manifest,) = (tmp_path / "out/course").glob("*/environment.json")
    assert f"course: {manifest}" in done.stdout
    assert "a first visit fetches" in done.stdout
    image = manifest.with_name("image.img")
    assert frozenfs("verify", image).returncode == 0
    assert "/home/pyodide/data/stars.csv\n" in frozenfs("ls", image).stdout
