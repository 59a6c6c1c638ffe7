from __future__ import annotations

import pytest
from wheelmaker import make_wheel

from jupyter_frozenfs.environment.requirements import read_requirements
from jupyter_frozenfs.errors import BuildError


def texts(asked):
    return [str(each.requirement) for each in asked]


def test_requirements_keep_their_order_and_say_who_asks(declare):
    wanted = read_requirements(declare("numpy >=2", "pandas[excel] ; python_version > '3'"))
    assert texts(wanted.requirements) == ["numpy>=2", 'pandas[excel]; python_version > "3"']
    assert {each.origin for each in wanted.requirements} == {"the environment"}


def test_a_requirement_file_is_read_with_comments_continuations_hashes_and_other_files(declare):
    (declare.directory / "more").mkdir()
    (declare.directory / "requirements.txt").write_text(
        "# what we need\nnumpy  # arrays\n\npandas \\\n   >=2 \\\n   --hash=sha256:abc\n-r more/extra.txt\n"
        "-c more/limits.txt\n"
    )
    (declare.directory / "more" / "extra.txt").write_text("six\n")
    (declare.directory / "more" / "limits.txt").write_text("numpy<3\n")
    wanted = read_requirements(declare("-r requirements.txt"))
    assert texts(wanted.requirements) == ["numpy", "pandas>=2", "six"]
    assert [each.origin for each in wanted.requirements] == [
        "requirements.txt, line 2",
        "requirements.txt, line 4",
        "more/extra.txt, line 1",
    ]
    assert texts(wanted.constraints) == ["numpy<3"]
    assert [path.name for path in wanted.inputs] == ["requirements.txt", "extra.txt", "limits.txt"]


def test_a_dependency_group_is_read_with_the_groups_that_it_includes(declare):
    (declare.directory / "pyproject.toml").write_text(
        '[dependency-groups]\nCourse = ["numpy", {include-group = "plots"}]\nplots = ["matplotlib"]\n'
    )
    wanted = read_requirements(declare("-g course"))
    assert texts(wanted.requirements) == ["numpy", "matplotlib"]
    assert wanted.requirements[0].origin == "pyproject.toml, group course"


def test_a_dependency_group_that_is_not_there_is_told_with_those_that_are(declare):
    (declare.directory / "pyproject.toml").write_text("[dependency-groups]\ncourse = []\n")
    with pytest.raises(BuildError, match="no dependency group 'plots', found course"):
        read_requirements(declare("-g plots"))


def test_a_group_that_includes_itself_is_refused(declare):
    (declare.directory / "pyproject.toml").write_text(
        '[dependency-groups]\na = [{include-group = "b"}]\nb = [{include-group = "a"}]\n'
    )
    with pytest.raises(BuildError, match="includes itself"):
        read_requirements(declare("-g a"))


def test_a_file_that_includes_itself_is_refused(declare):
    (declare.directory / "a.txt").write_text("-r b.txt")
    (declare.directory / "b.txt").write_text("-r a.txt")
    with pytest.raises(BuildError, match=r"a\.txt includes itself"):
        read_requirements(declare("-r a.txt"))


def test_a_missing_requirement_file_is_told_with_its_path(declare):
    with pytest.raises(BuildError, match=r"refers to .*nothing\.txt, which does not exist"):
        read_requirements(declare("-r nothing.txt"))


def test_a_local_wheel_is_its_name_and_version(declare):
    wheel = make_wheel(declare.directory / "wheels", "mine", "1.2")
    wanted = read_requirements(declare(f"wheels/{wheel.name} ; sys_platform == 'emscripten'"))
    (asked,) = wanted.requirements
    assert str(asked.requirement) == 'mine==1.2; sys_platform == "emscripten"'
    assert asked.location == wheel
    assert wanted.inputs == (wheel,)


def test_a_local_wheel_with_extras_is_named_by_a_file_address(declare):
    wheel = make_wheel(declare.directory, "mine", "1.2")
    (asked,) = read_requirements(declare(f"mine[extra] @ {wheel.as_uri()}")).requirements
    assert str(asked.requirement) == "mine[extra]==1.2"
    assert asked.location == wheel


def test_a_wheel_by_its_address_is_pinned(declare):
    (asked,) = read_requirements(declare("mine @ https://example.org/mine-1.2-py3-none-any.whl")).requirements
    assert str(asked.requirement) == "mine==1.2"
    assert asked.location == "https://example.org/mine-1.2-py3-none-any.whl"


def test_a_missing_local_wheel_is_told_with_its_path(declare):
    with pytest.raises(
        BuildError, match=r"asks for the wheel .*mine-1\.0-py3-none-any\.whl, which does not exist"
    ):
        read_requirements(declare("mine-1.0-py3-none-any.whl"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-e .", "Only wheels can be frozen"),
        ("--index-url https://example.org", "Name an index as `index`"),
        ("--pre", "has the option '--pre'"),
        ("numpy >> 2", "asks for 'numpy >> 2', expected a requirement"),
        ("mine @ git+https://example.org/mine", "Only wheels can be frozen"),
        ("mine @ https://example.org/mine-1.0.tar.gz", "Only wheels can be frozen"),
        ("other @ https://example.org/mine-1.0-py3-none-any.whl", "which is a wheel of 'mine'"),
        ("./mine.whl", "expected the file name of a wheel"),
    ],
)
def test_what_cannot_be_frozen_is_refused_with_a_way_out(declare, text, message):
    with pytest.raises(BuildError, match=message):
        read_requirements(declare(text))
