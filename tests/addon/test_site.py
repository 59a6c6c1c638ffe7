"""What a build gives, and what the other commands tell of it."""

from __future__ import annotations

import hashlib
import re

import pytest

from jupyter_frozenfs.environment.core import RUNTIME_FILES
from jupyter_frozenfs.image import Image

pytestmark = pytest.mark.build


def test_a_site_that_declares_nothing_gets_the_wheel_for_its_stock_kernel(new_site):
    (new_site.directory / "frozen.toml").unlink()
    done = new_site.built()
    assert done.ran == ["wheel"]
    assert new_site.kernels == []
    assert new_site.default_kernel == "python"
    assert not new_site.frozen.exists()
    assert not (new_site.directory / ".cache" / "frozenfs").exists()
    checked = new_site.check()
    assert (checked.returncode, checked.ran) == (0, [])


def test_status_tells_what_is_declared_and_changes_nothing(new_site):
    before = sorted(new_site.directory.rglob("*"))
    done = new_site.run("status")
    assert done.returncode == 0
    assert f"declaration: {new_site.directory / 'frozen.toml'}" in done.text
    assert "tiny: not resolved, not built" in done.text
    after = {path for path in new_site.directory.rglob("*") if path.name != ".jupyterlite.doit.db"}
    assert after == set(before)


def test_status_tells_what_is_built(site):
    done = site.run("status")
    packages = len(site.manifest()["packages"])
    assert f"tiny: {packages} packages, {site.manifest_path().parent.name}" in done.text


def test_status_of_a_declaration_that_is_wrong_shows_the_message(new_site):
    new_site.write("frozen.toml", "[environment]\ntiny = 1\n")
    done = new_site.run("status")
    assert done.returncode != 0
    assert "[environment.tiny] is 1, expected a table." in done.text
    assert "Traceback" not in done.text


def test_the_first_build_runs_each_step_once(site):
    assert site.first_build.ran == [
        "wheel",
        "resolve:tiny",
        "install:tiny",
        "freeze:tiny",
        "patch:jupyter-lite.json",
        "weigh",
    ]


def test_a_build_gives_a_kernel_its_image_and_pyodide(site):
    path = site.manifest_path()
    assert site.kernels == [
        {
            "name": "tiny",
            "display_name": "Tiny",
            "url": f"./frozen/api/tiny/{path.parent.name}/environment.json",
            "runtime": f"./frozen/api/runtime/{site.runtime().name}/",
            "linked": [],
            "default": True,
            "prewarm": True,
        }
    ]
    assert site.default_kernel == "tiny"
    assert {file.name for file in path.parent.iterdir()} == {"environment.json", "image.img", "start.img"}
    assert path.parent.name == hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    assert {file.name for file in site.runtime().iterdir()} == set(RUNTIME_FILES)
    image = Image.open(path.with_name("image.img"))
    assert image.read("/home/pyodide/data/stars.csv") == b"name,light\nVega,1\n"
    assert "/lib/python3.14/site-packages/greeting/__init__.py" in image.entries


def test_a_site_has_the_labextension_alone_when_the_author_wants_no_other(site):
    assert [each["name"] for each in site.config["federated_extensions"]] == ["jupyter-frozenfs"]
    assert (site.output / "extensions" / "jupyter-frozenfs" / "package.json").is_file()


def test_the_lock_file_lies_beside_the_declaration(site):
    lock = (site.directory / "frozen-tiny.lock").read_text(encoding="utf-8")
    assert 'name = "greeting"' in lock
    assert str(site.directory) not in lock


def test_check_passes_on_a_site_as_it_was_built(site):
    done = site.check()
    assert done.returncode == 0
    assert done.ran == ["labextension", "environment:tiny"]


def test_check_misses_the_labextension(site):
    site.reconfigure("LiteBuildConfig", federated_extensions=[])
    (site.output / "extensions" / "jupyter-frozenfs" / "package.json").unlink()
    done = site.check()
    assert done.returncode != 0
    assert "without it the site has no frozen kernels" in done.text


def test_a_build_tells_what_the_site_weighs(site):
    path = site.manifest_path()
    first = [path, path.with_name("start.img"), *site.runtime().iterdir()]
    text = site.first_build.text
    assert f"[lite] [frozenfs] [tiny] a first visit fetches {megabytes(*first)}: Pyodide" in text
    assert f"[tiny] the whole image has {megabytes(path.with_name('image.img'))}; the rest of it" in text
    assert re.search(r"\[tiny\] largest packages, unpacked: pygments \d\.\d MB, jedi \d\.\d MB, ", text)


def test_a_kernel_has_a_snapshot_unless_its_author_wants_none(awake):
    path = awake.manifest_path()
    ours = {"environment.json", "image.img", "start.img"}
    ours |= {"snapshot.img", "linked.wasm", "snapshot.json", "index.img"}
    assert {file.name for file in path.parent.iterdir()} == ours
    linked = path.with_name("linked.wasm")
    assert awake.kernels[0]["linked"] == [f"./{linked.relative_to(awake.output).as_posix()}"]
    text = awake.first_build.text
    runtime = [linked, *(file for file in awake.runtime().iterdir() if file.suffix != ".wasm")]
    first = [path, *runtime, *(path.with_name(name) for name in ("snapshot.img", "index.img"))]
    assert f"a first visit fetches {megabytes(*first)}: Pyodide with the compiled libraries" in text
    assert f" {megabytes(*runtime)} (compressed by many hosts), the snapshot" in text
    assert f"the snapshot {megabytes(path.with_name('snapshot.img'))}, the index of the image" in text
    assert "is restored in" in text


def megabytes(*files):
    return f"{sum(file.stat().st_size for file in files) / 1e6:.1f} MB"
