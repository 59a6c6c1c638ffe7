"""A real environment, with Node and Pyodide, from declaration to image."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Notes

from jupyter_frozenfs.environment import (
    BuildOptions,
    build_environment,
    environment_from_mapping,
    install,
    resolve,
)
from jupyter_frozenfs.environment.freeze import freeze_environment
from jupyter_frozenfs.environment.node import WarmUpError
from jupyter_frozenfs.environment.site import check_environment, linked_files, missing_files, weigh
from jupyter_frozenfs.errors import BuildError
from jupyter_frozenfs.image import Image

pytestmark = pytest.mark.build

ROOT = Path(__file__).parents[2]
PART = 4_000_000

WARM_UP = """
import json, pathlib
import numpy
cache = pathlib.Path.home() / ".cache" / "numbers.json"
if cache.exists():
    json.loads(cache.read_text())
else:
    fonts = pathlib.Path("/data/large.bin").read_bytes()
    cache.parent.mkdir()
    cache.write_text(json.dumps([len(fonts), float(numpy.arange(5).mean())]))
pathlib.Path("/home/pyodide/data/scratch.txt").unlink(missing_ok=True)
"""


@pytest.fixture(scope="session")
def wheelhouse():
    """Give a folder with numpy for Pyodide."""
    named = os.environ.get("FROZENFS_WHEELHOUSE")
    if named:
        return Path(named)
    folder = ROOT / "examples" / "course" / "wheelhouse"
    if not list(folder.glob("numpy-*.whl")):
        folder = ROOT / ".cache" / "test-wheelhouse"
        subprocess.run([sys.executable, ROOT / "scripts" / "wheelhouse.py", folder, "numpy"], check=True)
    return folder


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    directory = tmp_path_factory.mktemp("project")
    (directory / "data").mkdir()
    (directory / "data" / "stars.csv").write_text("name,light\nVega,1\n")
    (directory / "data" / "scratch.txt").write_text("gone after the warm-up")
    (directory / "large.bin").write_bytes(bytes(range(256)) * 4096)
    (directory / "warm_up.py").write_text(WARM_UP)
    return directory


def declared(project, **more):
    return environment_from_mapping(
        {
            "name": "small",
            "display_name": "Small",
            "requirements": ["numpy"],
            "files": {"data": "/home/pyodide/", "large.bin": "/data/"},
            "warm_up": "warm_up.py",
            "snapshot": False,
            **more,
        },
        project,
    )


@pytest.fixture(scope="session")
def options(tmp_path_factory, wheelhouse):
    return BuildOptions(
        cache=tmp_path_factory.mktemp("cache"),
        wheelhouse=(wheelhouse,),
        source_date_epoch=1_750_000_000,
        part_size=PART,
        snapshot_level=1,
    )


@pytest.fixture(scope="session")
def built(project, options, tmp_path_factory):
    report = Notes()
    destination = tmp_path_factory.mktemp("site") / "frozen" / "small"
    frozen = build_environment(declared(project), options, destination, report)
    return frozen, report


@pytest.fixture(scope="session")
def image(built, tmp_path_factory):
    """Give the whole image, whatever its parts."""
    frozen, _ = built
    path = tmp_path_factory.mktemp("image") / "image.img"
    path.write_bytes(
        b"".join((frozen.directory / part["file"]).read_bytes() for part in frozen.manifest["image"]["parts"])
    )
    return path


def test_the_manifest_describes_what_is_there(built, image):
    frozen, _ = built
    manifest = json.loads(frozen.path.read_text())
    assert manifest == frozen.manifest
    assert (manifest["version"], manifest["name"], manifest["display_name"]) == (2, "small", "Small")
    assert manifest["python"] == "3.14.2"
    assert frozen.directory.name == frozen.digest == hashlib.sha256(frozen.path.read_bytes()).hexdigest()[:16]
    assert (frozen.directory / manifest["runtime"]["url"]).resolve() == frozen.runtime
    parts = manifest["image"]["parts"]
    assert len(parts) > 1
    assert [(frozen.directory / part["file"]).stat().st_size for part in parts] == [
        part["size"] for part in parts
    ]
    assert max(part["size"] for part in parts) == PART
    assert hashlib.sha256(image.read_bytes()).hexdigest() == manifest["image"]["sha256"]
    assert manifest["mounts"] == [
        {"root": path, "path": path} for path in ("/lib/python3.14", "/home/pyodide", "/data")
    ]
    numpy = next(each for each in manifest["packages"] if each["name"] == "numpy")
    assert (numpy["source"], numpy["in_lock"]) == ("wheelhouse", True)
    assert numpy["size"] > 5_000_000
    assert manifest["warm_up"] == {"modules": [], "script": "warm_up.py"}
    assert all(path.is_file() for path in frozen.files())


def test_what_a_start_reads_has_a_file_of_its_own(built, image):
    frozen, _ = built
    described = frozen.manifest["image"]
    start = b"".join((frozen.directory / part["file"]).read_bytes() for part in described["start"]["parts"])
    whole = image.read_bytes()
    assert start == whole[described["last_chunk"] :] + whole[: described["boot"]]
    assert hashlib.sha256(start).hexdigest() == described["start"]["sha256"]


def test_the_image_is_whole_and_holds_byte_code_sources_and_files(image):
    found = Image.open(image)
    found.verify()
    site = "/lib/python3.14/site-packages"
    for path in (
        "/lib/python3.14/os.py",
        "/lib/python3.14/__pycache__/os.cpython-314.pyc",
        f"{site}/numpy/__init__.py",
        f"{site}/numpy/__pycache__/__init__.cpython-314.pyc",
        f"{site}/pyodide_kernel/__init__.py",
        "/home/pyodide/data/stars.csv",
        "/data/large.bin",
    ):
        assert found.entries[path].kind == "file", path
    assert found.read("/home/pyodide/data/stars.csv") == b"name,light\nVega,1\n"
    assert {entry.mtime for entry in found.entries.values()} == {1_750_000_000}


def test_what_the_warm_up_wrote_and_removed_is_in_the_image(image):
    found = Image.open(image)
    assert json.loads(found.read("/home/pyodide/.cache/numbers.json")) == [1 << 20, 2.0]
    assert "/home/pyodide/data/scratch.txt" not in found.entries


def test_a_start_reads_byte_code_and_what_the_second_warm_up_read(image):
    with gzip.open(image) as unpacked, tarfile.open(fileobj=unpacked) as archive:
        names = [f"/{member.name}" for member in archive if member.isfile()]
    ends = Image.open(image)
    boot = names[: names.index("/data/large.bin")]
    assert boot[0] == "/lib/python3.14/encodings/__pycache__/__init__.cpython-314.pyc"
    assert "/home/pyodide/.cache/numbers.json" in boot
    assert any(name.endswith("numpy/__pycache__/__init__.cpython-314.pyc") for name in boot)
    assert len(boot) < len(ends.entries)


def test_every_step_is_reported(built):
    _, report = built
    steps = ["resolve", "download", "install", "compile", "warm up", "warm up again", "write"]
    assert report.steps == steps
    assert any("bytes, of which a start reads" in text for text in report.texts)


def test_the_same_input_gives_the_same_bytes(built, project, options, tmp_path):
    frozen, _ = built
    cache = tmp_path / "cache"
    for folder in ("core", "wheels"):
        if (options.cache / folder).is_dir():
            shutil.copytree(options.cache / folder, cache / folder)
    again = build_environment(
        declared(project), replace(options, cache=cache, workers=1), tmp_path / "frozen" / "small", Notes()
    )
    assert again.digest == frozen.digest
    for one, two in zip(frozen.files(), again.files(), strict=True):
        assert one.read_bytes() == two.read_bytes(), one.name


def test_a_changed_data_file_needs_no_resolution_no_network_and_no_compiler(
    built, project, options, tmp_path
):
    frozen, _ = built
    other = tmp_path / "project"
    shutil.copytree(project, other)
    (other / "data" / "stars.csv").write_text("name,light\nDeneb,2\n")
    offline = replace(options, index_url="http://127.0.0.1:9/simple/")
    report = Notes()
    changed = build_environment(declared(other), offline, frozen.directory.parent, report)
    assert changed.digest != frozen.digest
    assert changed.runtime == frozen.runtime
    assert "unchanged" in report.text
    assert "installed already" in report.text
    assert "compiled already" in report.text
    assert frozen.path.is_file(), "the build before stays on the site"


@pytest.mark.parametrize(
    ("warm_up", "lines"),
    [
        (
            "def plot():\n    return 1 / 0\n\nplot()\n",
            ['File "broken.py", line 4', "plot()", "ZeroDivisionError"],
        ),
        ("import no_such_module\n", ["ModuleNotFoundError", "no_such_module"]),
        ("def broken(:\n", ["SyntaxError", "broken.py"]),
        ("raise SystemExit('enough')\n", ["SystemExit", "enough"]),
    ],
)
def test_a_warm_up_that_raises_fails_with_its_traceback(  # noqa: PLR0917
    built, project, options, tmp_path, warm_up, lines
):
    (project / "broken.py").write_text(warm_up)
    environment = declared(project, warm_up="broken.py")
    resolution = resolve(environment, options, Notes())
    tree = install(environment, resolution, options, Notes())
    destination = tmp_path / "frozen" / "small"
    with pytest.raises(WarmUpError) as error:
        freeze_environment(environment, resolution, tree, options, destination, Notes())
    for line in lines:
        assert line in str(error.value)
    assert not destination.exists()
    assert not list((options.cache / "work").glob("*"))


def test_a_warm_up_that_cannot_run_twice_runs_once(built, project, options, tmp_path):
    (project / "once.py").write_text(
        "import os\nos.mkdir('/home/pyodide/once')\nopen('/home/pyodide/once/a', 'w').close()\n"
    )
    environment = declared(project, warm_up="once.py")
    resolution = resolve(environment, options, Notes())
    tree = install(environment, resolution, options, Notes())
    report = Notes()
    frozen = freeze_environment(
        environment, resolution, tree, replace(options, part_size=None), tmp_path / "frozen" / "small", report
    )
    assert "The warm-up runs only once: with the files that it left it fails (FileExistsError" in report.text
    assert "/home/pyodide/once/a" in Image.open(frozen.directory / "image.img").entries


def frozen_with(project, options, destination, report, **more):
    """Freeze what is installed already, with other settings."""
    environment = declared(project, **more)
    resolution = resolve(environment, options, Notes())
    tree = install(environment, resolution, options, Notes())
    return freeze_environment(environment, resolution, tree, options, destination, report)


def test_a_snapshot_is_on_the_site_beside_the_image(built, project, options, tmp_path):
    report = Notes()
    frozen = frozen_with(project, options, tmp_path / "frozen" / "small", report, snapshot="required")
    snapshot = frozen.manifest["snapshot"]
    assert [part["file"] for part in snapshot["parts"]][:2] == ["snapshot.img.000", "snapshot.img.001"]
    check_environment(frozen.path)
    weight = weigh(frozen.path)
    assert weight.snapshot == snapshot["size"]
    linked = snapshot["linked"]
    assert [part["file"] for part in linked["parts"]][:2] == ["linked.wasm.000", "linked.wasm.001"]
    assert linked_files(frozen.path) == [frozen.directory / part["file"] for part in linked["parts"]]
    data = b"".join(file.read_bytes() for file in linked_files(frozen.path))
    assert (len(data), hashlib.sha256(data).hexdigest()) == (linked["size"], linked["sha256"])
    plain = (frozen.runtime / "pyodide.asm.wasm").stat().st_size
    assert weight.runtime - weigh(built[0].path).runtime == linked["size"] - plain
    assert linked_files(built[0].path) == []
    assert {**frozen.manifest, "snapshot": None} == {**built[0].manifest, "snapshot": None}
    assert report.steps[-2:] == ["snapshot", "check the snapshot"]

    index = b"".join((frozen.directory / part["file"]).read_bytes() for part in snapshot["index"]["parts"])
    whole = b"".join(
        (frozen.directory / part["file"]).read_bytes() for part in frozen.manifest["image"]["parts"]
    )
    described = frozen.manifest["image"]
    head, ranges = snapshot["index"]["boot"], snapshot["index"]["ranges"]
    read_first = b"".join(whole[offset : offset + length] for offset, length in ranges)
    assert index == whole[described["last_chunk"] :] + whole[:head] + read_first
    assert 0 < len(read_first) <= 5 << 18

    contents = json.loads((frozen.directory / "snapshot.json").read_text())
    grown = {row["package"]: row["bytes"] for row in contents["warm_up"]}
    assert grown["numpy"] > 1_000_000
    assert sum(grown.values()) + contents["kernel"]["bytes"] <= contents["memory"]
    assert any(library["path"].endswith(".so") for library in contents["libraries"])
    assert "Of the warm-up without a snapshot, most time went to numpy" in report.text

    (frozen.directory / "snapshot.img.001").write_bytes(bytes(snapshot["parts"][1]["size"]))
    with pytest.raises(BuildError, match=r"snapshot\.sha256"):
        check_environment(frozen.path)
    linked_files(frozen.path)[1].unlink()
    assert missing_files(frozen.path) == [linked_files(frozen.path)[1]]


def test_names_that_are_exposed_come_with_the_script_that_defines_them(built, project, options, tmp_path):
    text = "stars = open('/home/pyodide/data/stars.csv').read()\nother = 1\n"
    (project / "expose.py").write_text(text)
    destination = tmp_path / "frozen" / "small"
    check = "assert stars.startswith('name,light') and 'other' not in globals()"
    more = {"warm_up": "expose.py", "expose": ["stars"], "check": check}
    frozen = frozen_with(project, options, destination, Notes(), snapshot="required", **more)
    assert frozen.manifest["exposed"] == {"names": ["stars"], "script": text, "script_name": "expose.py"}
    assert "exposed" not in built[0].manifest


def test_an_exposed_name_that_the_script_does_not_define_fails_the_build(built, project, options, tmp_path):
    (project / "expose.py").write_text("stars = 1\n")
    message = r"expose names planets, which expose\.py does not define"
    with pytest.raises(WarmUpError, match=message):
        frozen_with(
            project,
            options,
            tmp_path / "small",
            Notes(),
            warm_up="expose.py",
            expose=["stars", "planets"],
        )


def test_a_snapshot_in_which_the_authors_check_fails_is_not_shipped(built, project, options, tmp_path):
    (project / "check.py").write_text("import numpy\n\nassert numpy.arange(3).sum() == 4\n")
    report = Notes()
    destination = tmp_path / "frozen" / "small"
    more = {"warm_up": ["numpy"], "check": "check.py"}
    frozen = frozen_with(project, options, destination, report, snapshot=True, **more)
    assert "snapshot" not in frozen.manifest
    assert "does not work in another process: the check raised an error" in report.text
    assert 'File "check.py", line 3' in report.text
    assert "AssertionError" in report.text


def test_there_is_no_snapshot_where_none_is_wanted(built):
    assert "snapshot" not in built[0].manifest


def test_a_snapshot_that_cannot_be_is_left_out_or_fails_the_build(built, project, options, tmp_path):
    (project / "callback.py").write_text("import ctypes, sys\nsys.kept = ctypes.CFUNCTYPE(None)(print)\n")
    report = Notes()
    destination = tmp_path / "frozen" / "small"
    frozen = frozen_with(project, options, destination, report, warm_up="callback.py", snapshot=True)
    assert "snapshot" not in frozen.manifest
    assert "start without a snapshot. It cannot be taken: slot " in report.text
    with pytest.raises(BuildError, match="a callback from ctypes"):
        frozen_with(project, options, destination, Notes(), warm_up="callback.py", snapshot="required")
