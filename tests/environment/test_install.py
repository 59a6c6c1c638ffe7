from __future__ import annotations

import csv
import hashlib
import json
import shutil
from base64 import urlsafe_b64encode
from dataclasses import replace
from importlib.metadata import Distribution, distributions
from pathlib import PurePosixPath

import pytest
from conftest import lock_of, make_core, stdlib
from wheelmaker import make_wheel, sha256

from jupyter_frozenfs.environment import install, resolve
from jupyter_frozenfs.environment.cache import Sha256Error
from jupyter_frozenfs.environment.exclude import Exclusion
from jupyter_frozenfs.environment.install import Installation
from jupyter_frozenfs.environment.lockfile import Package
from jupyter_frozenfs.environment.sizes import installed_sizes
from jupyter_frozenfs.errors import BuildError

SITE = "lib/python3.14/site-packages"


@pytest.fixture
def place(tmp_path, declare):
    """Give a function that installs wheels into a tree."""

    def make(*wheels, exclude=(), **more):
        installation = Installation(
            tmp_path / "tree", "/lib/python3.14", Exclusion.of(declare(exclude=list(exclude)))
        )
        for wheel in wheels:
            name, version = wheel.name.split("-")[:2]
            installation.add_wheel(
                wheel, Package(name, version, wheel.name, sha256(wheel), **{"source": "index", **more})
            )
        return installation

    return make


def tree(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_wheel_becomes_a_plain_tree_with_a_record_of_what_is_there(place, tmp_path):
    wheel = make_wheel(
        tmp_path / "wheels",
        "arrays",
        files={
            "arrays/core.py": "x = 1\n",
            "arrays/fast.cpython-314-wasm32-emscripten.so": b"\0asm",
            "arrays/tests/test_core.py": "",
            "arrays/core.pyi": "",
            "arrays-1.0.dist-info/entry_points.txt": "[console_scripts]\narrays = arrays:main\n",
        },
        data={
            "data/share/arrays/a.csv": "1,2\n",
            "data/share/jupyter/x.json": "{}",
            "scripts/run": "#!python\n",
        },
    )
    root = place(wheel).root
    assert tree(root) == [
        f"{SITE}/arrays-1.0.dist-info/INSTALLER",
        f"{SITE}/arrays-1.0.dist-info/METADATA",
        f"{SITE}/arrays-1.0.dist-info/RECORD",
        f"{SITE}/arrays-1.0.dist-info/WHEEL",
        f"{SITE}/arrays-1.0.dist-info/entry_points.txt",
        f"{SITE}/arrays/__init__.py",
        f"{SITE}/arrays/core.py",
        f"{SITE}/arrays/fast.cpython-314-wasm32-emscripten.so",
        "share/arrays/a.csv",
    ]
    rows = {row[0]: row[1:] for row in csv.reader((root / SITE / "arrays-1.0.dist-info" / "RECORD").open())}
    assert rows.pop("arrays-1.0.dist-info/RECORD") == ["", ""]
    assert "../../../share/arrays/a.csv" in rows
    for name, (digest, size) in rows.items():
        content = (root / SITE / PurePosixPath(name)).read_bytes()
        expected = urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        assert (digest, size) == (f"sha256={expected}", str(len(content)))
    distribution = Distribution.at(root / SITE / "arrays-1.0.dist-info")
    assert [each.name for each in distribution.entry_points] == ["arrays"]
    assert all(file.locate().is_file() for file in distribution.files)


def test_what_an_author_excludes_is_left_out_and_what_is_kept_stays(place, tmp_path):
    wheel = make_wheel(tmp_path / "wheels", "arrays", files={"arrays/a.mp4": "", "arrays/tests/a.py": ""})
    root = place(wheel, exclude=["*.mp4", "!tests"]).root
    assert (root / SITE / "arrays/tests/a.py").is_file()
    assert not (root / SITE / "arrays/a.mp4").exists()


def test_test_modules_that_a_package_imports_stay(place, tmp_path):
    wheel = make_wheel(
        tmp_path / "wheels",
        "arrays",
        files={
            "arrays/testing.py": "from arrays.core.tests._helpers import a\n",
            "arrays/core/__init__.py": "",
            "arrays/core/tests/__init__.py": "",
            "arrays/core/tests/_helpers.py": "import arrays.core.tests.more\na = 1\n",
            "arrays/core/tests/more.py": "",
            "arrays/core/tests/test_core.py": "from arrays.tests.other import b",
            "arrays/tests/other.py": "",
        },
    )
    found = {path for path in tree(place(wheel).root) if "/tests/" in path}
    assert found == {f"{SITE}/arrays/core/tests/{name}.py" for name in ("__init__", "_helpers", "more")}


def test_stubs_that_are_read_at_run_time_stay(place, tmp_path):
    lazy = "import lazy_loader\n__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)\n"
    wheel = make_wheel(
        tmp_path / "wheels",
        "images",
        files={
            "images/__init__.py": lazy,
            "images/__init__.pyi": "from . import io\n",
            "images/io.py": "",
            "images/io.pyi": "",
        },
    )
    root = place(wheel).root
    assert (root / SITE / "images/__init__.pyi").is_file()
    assert not (root / SITE / "images/io.pyi").exists()


def test_modes_do_not_depend_on_who_installs(place, tmp_path):
    root = place(make_wheel(tmp_path / "wheels", "arrays")).root
    assert {path.stat().st_mode & 0o777 for path in root.rglob("*") if path.is_file()} == {0o644}


def test_a_wheel_by_its_address_says_where_it_comes_from(place, tmp_path):
    wheel = make_wheel(tmp_path / "wheels", "arrays")
    root = place(wheel, source="url", url="https://example.org/arrays-1.0-py3-none-any.whl").root
    direct = json.loads((root / SITE / "arrays-1.0.dist-info/direct_url.json").read_text())
    assert direct == {
        "archive_info": {"hashes": {"sha256": sha256(wheel)}},
        "url": "https://example.org/arrays-1.0-py3-none-any.whl",
    }


def test_a_local_wheel_does_not_say_where_it_was(place, tmp_path):
    root = place(make_wheel(tmp_path / "wheels", "arrays"), source="path", path="wheels/a.whl").root
    assert not (root / SITE / "arrays-1.0.dist-info/direct_url.json").exists()


def test_a_wheel_that_reaches_out_of_its_folder_is_refused(place, tmp_path):
    wheel = make_wheel(tmp_path / "wheels", "arrays", files={"../../../../evil.py": "x"})
    with pytest.raises(BuildError, match="leaves its folder"):
        place(wheel)
    assert not list(tmp_path.rglob("evil.py"))


def test_a_damaged_wheel_is_told_with_its_path(place, tmp_path):
    wheel = make_wheel(tmp_path / "wheels", "arrays")
    wheel.write_bytes(wheel.read_bytes()[:200])
    with pytest.raises(BuildError, match=r"arrays-1\.0-py3-none-any\.whl cannot be installed"):
        place(wheel)


def test_a_wheel_whose_name_tells_another_package_is_refused(place, tmp_path):
    wheel = make_wheel(tmp_path / "wheels", "arrays")
    other = wheel.rename(wheel.with_name("plots-1.0-py3-none-any.whl"))
    with pytest.raises(BuildError, match=r"plots-1\.0-py3-none-any\.whl cannot be installed"):
        place(other)


def test_a_file_that_two_packages_have_is_told(place, tmp_path):
    one = make_wheel(tmp_path / "wheels", "one", files={"shared.py": "1"})
    two = make_wheel(tmp_path / "wheels", "two", files={"shared.py": "2"})
    installation = place(one, two)
    assert any("/shared.py is in one and in two" in text for text in installation.warnings)


def test_the_standard_library_lies_where_python_looks_for_it(tmp_path, declare):
    archive = tmp_path / "stdlib.zip"
    archive.write_bytes(stdlib({"os.py": "", "json/__init__.py": "", "json/tests/a.py": ""}))
    installation = Installation(tmp_path / "tree", "/lib/python3.14", Exclusion.of(declare()))
    installation.add_stdlib(archive)
    assert tree(tmp_path / "tree") == ["lib/python3.14/json/__init__.py", "lib/python3.14/os.py"]


def test_sizes_are_what_the_records_say(place, tmp_path):
    wheel = make_wheel(tmp_path / "wheels", "some-arrays", files={"a.bin": b"x" * 1000})
    root = place(wheel).root
    (found,) = distributions(path=[str(root / SITE)])
    assert installed_sizes(root / SITE) == {"some-arrays": sum(file.size or 0 for file in found.files)}
    assert installed_sizes(root / SITE)["some-arrays"] > 1000


# --- the step ---


@pytest.fixture
def resolved(declare, options, report, server):
    server.add("arrays", files={"arrays/core.py": "x = 1\n"})
    environment = declare("arrays")
    return environment, resolve(environment, options, report)


def test_an_environment_is_installed_with_the_standard_library(resolved, options, report):
    root = install(*resolved, options, report)
    found = tree(root)
    assert f"{SITE}/arrays/core.py" in found
    assert f"{SITE}/pyodide_kernel/__init__.py" in found
    assert "lib/python3.14/os.py" in found
    assert not [path for path in found if "__pycache__" in path]


def test_what_is_installed_already_is_not_installed_again(resolved, options, report, server):
    first = install(*resolved, options, report)
    server.requests.clear()
    assert install(*resolved, options, report) == first
    assert server.requests == []


def test_without_a_network_the_cache_is_enough(resolved, options, report, server):
    shutil.rmtree(install(*resolved, options, report))
    server.faults["/"] = 500
    server.requests.clear()
    assert install(*resolved, options, report).is_dir()
    assert server.requests == []


def test_another_exclusion_is_another_tree(resolved, options, report, declare):
    environment, resolution = resolved
    other = declare("arrays", exclude=["core.py"])
    tree_of_other = install(other, resolution, options, report)
    assert tree_of_other != install(environment, resolution, options, report)
    assert not (tree_of_other / SITE / "arrays/core.py").exists()


def test_a_wheel_that_was_changed_on_the_server_is_refused(resolved, options, report, server):
    server.add("arrays", files={"arrays/core.py": "x = 2\n"})
    environment, resolution = resolved
    with pytest.raises(Sha256Error, match=r"arrays-1\.0-py3-none-any\.whl has other bytes than expected"):
        install(environment, resolution, replace(options, cache=options.cache / "fresh"), report)


def test_a_wheel_that_was_changed_in_the_wheelhouse_is_refused(declare, options, report, tmp_path):
    options = replace(options, wheelhouse=(tmp_path / "wheels",))
    make_wheel(tmp_path / "wheels", "arrays", files={"a.py": "1"})
    environment = declare("arrays")
    resolution = resolve(environment, options, report)
    changed = make_wheel(tmp_path / "wheels", "arrays", files={"a.py": "2"})
    with pytest.raises(Sha256Error) as error:
        install(environment, resolution, options, report)
    assert str(changed) in str(error.value)
    assert sha256(changed) in str(error.value)


def test_a_wheelhouse_that_went_away_is_replaced_by_pyodides_server(
    declare, options, report, server, tmp_path
):
    wheel = make_wheel(tmp_path / "wheels", "arrays")
    make_core(tmp_path / "static", lock_of(wheel))
    for path in [*(tmp_path / "static").iterdir(), wheel]:
        server.extra[f"/pyodide/{path.name}"] = path.read_bytes()
    options = replace(options, wheelhouse=(tmp_path / "wheels",), pyodide=f"{server.url}/pyodide/")
    environment = declare("arrays")
    resolution = resolve(environment, options, report)
    shutil.rmtree(tmp_path / "wheels")
    assert (install(environment, resolution, options, report) / SITE / "arrays/__init__.py").is_file()


def test_a_wheel_that_moved_is_found_in_the_index(resolved, options, report, server):
    environment, resolution = resolved
    packages = tuple(
        replace(each, url=each.url.replace("/files/", "/gone/")) if each.name == "arrays" else each
        for each in resolution.packages
    )
    options = replace(options, cache=options.cache / "fresh")
    install(environment, replace(resolution, packages=packages), options, report)
    assert any(path.startswith("/gone/arrays") for path in server.requests)


def test_a_wheel_that_is_nowhere_is_told_with_the_address_and_the_reason(resolved, options, report, server):
    server.faults["/files/arrays"] = 404
    environment, resolution = resolved
    with pytest.raises(
        BuildError, match=r"/files/arrays-1\.0.* answered 404 .*not in the cache.*`wheelhouse`"
    ):
        install(environment, resolution, replace(options, cache=options.cache / "fresh"), report)


def test_a_local_wheel_that_went_away_is_told(declare, options, report):
    wheel = make_wheel(declare.directory, "mine")
    environment = declare(wheel.name)
    resolution = resolve(environment, options, report)
    wheel.unlink()
    with pytest.raises(BuildError, match=r"mine-1\.0-py3-none-any\.whl"):
        install(environment, resolution, replace(options, cache=options.cache / "fresh"), report)
