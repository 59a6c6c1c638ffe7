from __future__ import annotations

import os

import pytest

from jupyter_frozenfs.environment.own_files import host_paths, layout, own_files
from jupyter_frozenfs.errors import BuildError


@pytest.fixture
def project(declare):
    directory = declare.directory
    (directory / "data" / "more").mkdir(parents=True)
    (directory / "data" / "a.csv").write_text("1")
    (directory / "data" / "more" / "b.csv").write_text("2")
    (directory / "notes.txt").write_text("3")
    return directory


def gathered(declare, **files):
    entries = own_files(declare(files=files["files"], exclude=files.get("exclude", [])))
    return {entry.path: entry.kind for entry in entries}


def test_a_file_goes_into_a_folder_or_takes_a_name(declare, project):
    files = {"notes.txt": "/home/pyodide/", "data/a.csv": "/data/z.csv"}
    assert gathered(declare, files=files) == {"/home/pyodide/notes.txt": "file", "/data/z.csv": "file"}


def test_a_folder_goes_into_a_folder_or_takes_a_name(declare, project):
    inside = gathered(declare, files={"data": "/home/pyodide/"})
    named = gathered(declare, files={"data": "/course"})
    assert {path for path, kind in inside.items() if kind == "file"} == {
        "/home/pyodide/data/a.csv",
        "/home/pyodide/data/more/b.csv",
    }
    assert {path for path, kind in named.items() if kind == "file"} == {"/course/a.csv", "/course/more/b.csv"}
    assert named["/course/more"] == "directory"


def test_what_tools_leave_behind_stays_outside(declare, project):
    (project / "data" / ".ipynb_checkpoints").mkdir()
    (project / "data" / ".ipynb_checkpoints" / "a").write_text("")
    (project / "data" / ".DS_Store").write_text("")
    (project / "data" / "tests").mkdir()
    (project / "data" / "tests" / "a.py").write_text("")
    found = gathered(declare, files={"data": "/data"}, exclude=["b.csv"])
    assert {path for path, kind in found.items() if kind == "file"} == {"/data/a.csv", "/data/tests/a.py"}


def test_a_missing_path_is_told_with_the_folder_that_it_is_relative_to(declare, project):
    with pytest.raises(BuildError, match=rf"stars\.csv, which does not exist.*relative to {project}"):
        gathered(declare, files={"data/stars.csv": "/data/"})


@pytest.mark.parametrize("host", ["../outside.csv", "data/../../outside.csv", ".."])
def test_a_path_that_leaves_the_project_is_refused(declare, project, host):
    (project.parent / "outside.csv").write_text("")
    with pytest.raises(BuildError, match=r"which leaves .*absolute path"):
        gathered(declare, files={host: "/data/"})


def test_a_path_outside_of_the_project_can_be_named_in_full(declare, project):
    outside = project.parent / "outside.csv"
    outside.write_text("")
    assert gathered(declare, files={str(outside): "/data/"}) == {"/data/outside.csv": "file"}


def test_a_link_that_stays_inside_is_kept(declare, project):
    (project / "data" / "more" / "link.csv").symlink_to("../a.csv")
    assert gathered(declare, files={"data": "/data"})["/data/more/link.csv"] == "link"


@pytest.mark.parametrize("target", ["../notes.txt", "/etc/passwd", "more/../../notes.txt"])
def test_a_link_that_leaves_its_folder_is_refused(declare, project, target):
    (project / "data" / "link.csv").symlink_to(target)
    with pytest.raises(BuildError, match=r"'/data/link\.csv', a link to .*, which leaves its folder"):
        gathered(declare, files={"data": "/data"})


def test_a_link_out_of_the_project_is_refused(declare, project):
    (project.parent / "outside.csv").write_text("")
    (project / "link.csv").symlink_to("../outside.csv")
    with pytest.raises(BuildError, match="which leaves"):
        gathered(declare, files={"link.csv": "/data/"})


def test_two_files_at_one_place_are_refused(declare, project):
    with pytest.raises(BuildError, match=r"both 'data/a\.csv' and 'notes\.txt' at '/data/x'"):
        gathered(declare, files={"data/a.csv": "/data/x", "notes.txt": "/data/x"})


def test_names_that_differ_only_in_case_are_refused(declare, project):
    with pytest.raises(
        BuildError, match=r"'/data/A\.csv' and .* at '/data/a\.csv', which differ only in case"
    ):
        gathered(declare, files={"data/a.csv": "/data/a.csv", "notes.txt": "/data/A.csv"})


@pytest.mark.parametrize("target", ["/", "/home/", "/lib/", "/notes.txt", "/home/notes.txt"])
def test_a_file_needs_a_folder_that_an_image_can_appear_at(declare, project, target):
    with pytest.raises(BuildError, match="expected a place in a folder such as"):
        gathered(declare, files={"notes.txt": target})


def test_the_whole_project_keeps_its_name(declare, project):
    found = gathered(declare, files={".": "/home/pyodide/"})
    assert f"/home/pyodide/{project.name}/data/a.csv" in found


def test_the_files_of_the_build_machine_are_listed_for_what_depends_on_them(declare, project):
    environment = declare(files={"data": "/data", "notes.txt": "/data/", "missing": "/data/"})
    assert host_paths(environment) == [
        project / "data" / "a.csv",
        project / "data" / "more" / "b.csv",
        project / "notes.txt",
    ]


def test_a_link_is_no_file_to_depend_on_and_a_pipe_neither(declare, project):
    (project / "data" / "dangling.csv").symlink_to("nowhere.csv")
    os.mkfifo(project / "data" / "pipe")
    environment = declare(files={"data/more": "/data", "data": "/elsewhere"})
    assert host_paths(environment) == [project / "data" / "a.csv", project / "data" / "more" / "b.csv"]


def test_the_layout_of_the_files_tells_what_their_contents_do_not(declare, project):
    environment = declare(files={"data": "/data"})
    data = project / "data"
    seen = [layout(environment)]

    def changed():
        seen.append(layout(environment))
        return seen[-1] not in seen[:-1]

    (data / "a.csv").chmod(0o755)
    assert changed()
    (data / "empty").mkdir()
    assert changed()
    (data / "link.csv").symlink_to("a.csv")
    assert changed()
    (data / "link.csv").unlink()
    (data / "link.csv").symlink_to("more/b.csv")
    assert changed()
    (data / "a.csv").write_text("other contents")
    assert not changed()
