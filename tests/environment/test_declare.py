from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_frozenfs.environment import environment_from_mapping, load_declaration, load_environments
from jupyter_frozenfs.environment.declare import check_names
from jupyter_frozenfs.errors import BuildError


def write(tmp_path, text):
    path = tmp_path / "frozen.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_that_can_be_declared_is_read(tmp_path):
    path = write(
        tmp_path,
        """
        [build]
        wheelhouse = "wheels"
        [environment.course]
        display_name = "Course 2026"
        requirements = ["numpy", "-r requirements.txt"]
        constraints = ["numpy <3"]
        files = { "data" = "/home/pyodide/", "a.csv" = "/data/b.csv" }
        warm_up = ["numpy", "matplotlib.pyplot"]
        exclude = ["videos", "!tests"]
        default = true
        snapshot = "required"
        [environment.other]
        """,
    )
    declaration = load_declaration(path)
    course, other = declaration.environments
    assert course.name == "course"
    assert course.display_name == "Course 2026"
    assert course.directory == tmp_path
    assert course.requirements == ("numpy", "-r requirements.txt")
    assert course.constraints == ("numpy <3",)
    assert dict(course.files) == {"data": "/home/pyodide/", "a.csv": "/data/b.csv"}
    assert course.warm_up == ("numpy", "matplotlib.pyplot")
    assert course.exclude == ("videos", "!tests")
    assert (course.default, course.snapshot) == (True, "required")
    assert (other.display_name, other.requirements) == ("other", ())
    assert (other.default, other.snapshot) == (False, True)
    assert declaration.build == {"wheelhouse": "wheels"}


def test_a_directory_stands_for_the_declaration_in_it(tmp_path):
    write(tmp_path, "[environment.course]")
    assert [each.name for each in load_environments(tmp_path)] == ["course"]


def test_a_missing_declaration_says_how_to_make_one(tmp_path):
    with pytest.raises(BuildError, match=r"frozen\.toml does not exist.*jupyter frozenfs init"):
        load_environments(tmp_path)


def test_a_file_that_is_not_toml_is_told_with_the_line(tmp_path):
    with pytest.raises(BuildError, match=r"frozen\.toml is not TOML.*line 2"):
        load_environments(write(tmp_path, "[environment.course]\ndefault = yes\n"))


def test_an_unknown_key_is_told_with_the_one_that_was_meant(tmp_path):
    with pytest.raises(BuildError, match=r"unknown key 'requirement'\. Did you mean 'requirements'"):
        load_environments(write(tmp_path, "[environment.course]\nrequirement = []"))


def test_an_unknown_table_is_told_with_the_one_that_was_meant(tmp_path):
    with pytest.raises(BuildError, match=r"unknown key 'environments'\. Did you mean 'environment'"):
        load_environments(write(tmp_path, "[environments.course]"))


@pytest.mark.parametrize("name", ["Course", "my course", "", "é", "-x", "a/b", "..", None, 3])
def test_a_name_that_cannot_be_a_folder_is_refused(tmp_path, name):
    with pytest.raises(BuildError, match="expected lower-case letters"):
        environment_from_mapping({"name": name}, tmp_path)


@pytest.mark.parametrize("name", ["runtime", "api"])
def test_a_folder_beside_environments_is_no_name_for_one(tmp_path, name):
    with pytest.raises(BuildError, match=f"cannot be called '{name}'"):
        environment_from_mapping({"name": name}, tmp_path)


def test_two_environments_of_one_name_in_a_file_are_refused(tmp_path):
    text = '[environment.course]\ndisplay_name = "a"\n[environment.course]\ndisplay_name = "b"\n'
    with pytest.raises(BuildError, match="declares the environment 'course' twice"):
        load_environments(write(tmp_path, text))


def test_two_environments_of_one_name_from_two_places_are_refused(tmp_path):
    one = environment_from_mapping({"name": "course"}, tmp_path / "a")
    two = environment_from_mapping({"name": "course"}, tmp_path / "b")
    with pytest.raises(BuildError, match="Two environments are called 'course'"):
        check_names([one, two])


def test_two_defaults_are_refused(tmp_path):
    text = "[environment.a]\ndefault = true\n[environment.b]\ndefault = true\n"
    with pytest.raises(BuildError, match=r"2 environments are the default \(a, b\)"):
        load_environments(write(tmp_path, text))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("requirements", "numpy", "expected a list of texts"),
        ("requirements", [1], "holds 1, expected text"),
        ("display_name", 3, "expected text"),
        ("default", "yes", "expected true or false"),
        ("snapshot", "yes", 'expected true, false or "required"'),
        ("files", ["a"], "expected a table"),
        ("warm_up", "numpy", r"expected a list of modules such as \['numpy'\]"),
        ("warm_up", ["import numpy"], "expected the name of a module"),
        ("warm_up", ["warm.py", "numpy"], 'A script stands alone: warm_up = "warm_up.py"'),
        ("exclude", ["!test"], "Did you mean '!tests'"),
        ("prewarm", 1, "expected true or false"),
        ("check", ["x"], "expected Python such as"),
        ("check", "check.py", r"check names .*check\.py, which does not exist"),
        ("expose", "stars", "expected a list of texts"),
        ("expose", ["my stars"], "expected a name such as 'stars'"),
        ("expose", ["class"], "expected a name such as 'stars'"),
        ("expose", ["Out"], "which IPython keeps for itself"),
        ("expose", ["_"], "which IPython keeps for itself"),
        ("expose", ["stars"], "expected warm_up to be a script that defines them"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_with_what_was_expected(tmp_path, key, value, message):
    with pytest.raises(BuildError, match=message):
        environment_from_mapping({"name": "course", key: value}, tmp_path)


@pytest.mark.parametrize("target", ["data", "", 3, "./data"])
def test_files_go_to_absolute_paths(tmp_path, target):
    with pytest.raises(BuildError, match="expected an absolute path in the kernel"):
        environment_from_mapping({"name": "course", "files": {"a": target}}, tmp_path)


@pytest.mark.parametrize("target", ["/home/../etc/x", "/data/..", "C:\\data", "/data\\x"])
def test_files_cannot_leave_their_folder_in_the_kernel(tmp_path, target):
    with pytest.raises(BuildError, match=r"files puts 'a' at"):
        environment_from_mapping({"name": "course", "files": {"a": target}}, tmp_path)


@pytest.mark.parametrize("target", ["/dev/x", "/proc/", "/sys/a", "/drive/a.csv", "/tmp/a.csv"])  # noqa: S108
def test_files_cannot_go_where_the_running_system_is(tmp_path, target):
    with pytest.raises(BuildError, match="belong to the running system"):
        environment_from_mapping({"name": "course", "files": {"a": target}}, tmp_path)


def test_a_warm_up_script_is_found_beside_the_declaration(tmp_path):
    (tmp_path / "warm_up.py").write_text("pass")
    environment = environment_from_mapping({"name": "course", "warm_up": "warm_up.py"}, tmp_path)
    assert environment.warm_up == tmp_path / "warm_up.py"
    assert environment.scripts() == (tmp_path / "warm_up.py",)


def test_a_warm_up_script_that_is_missing_is_told_with_its_path(tmp_path):
    with pytest.raises(BuildError, match=r"warm\.py, which does not exist"):
        environment_from_mapping({"name": "course", "warm_up": "warm.py"}, tmp_path)


def test_a_check_is_python_or_a_script(tmp_path):
    (tmp_path / "check.py").write_text("pass")

    def check(text):
        return environment_from_mapping({"name": "course", "check": text}, tmp_path)

    assert check("check.py").check == tmp_path / "check.py"
    assert check("check.py").scripts() == (tmp_path / "check.py",)
    snippet = "import stars\nassert stars.found  # see stars.py"
    assert check(snippet).check == snippet
    assert check(snippet).scripts() == ()


def test_the_declaration_of_the_example_course_can_be_read():
    example = Path(__file__).parents[2] / "examples" / "course"
    assert [each.name for each in load_environments(example)] == ["course"]
