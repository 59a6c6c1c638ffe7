from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from dataclasses import replace

import pytest
from conftest import make_core
from wheelmaker import make_wheel

from jupyter_frozenfs.environment.core import CORE_FILES, PYODIDE_VERSION, RUNTIME_FILES, open_core
from jupyter_frozenfs.environment.fetch_core import find_core
from jupyter_frozenfs.environment.node import node_command
from jupyter_frozenfs.errors import BuildError


def test_a_directory_is_checked_and_its_lock_read(tmp_path):
    packages = {
        "NumPy": {
            "name": "NumPy",
            "version": "2.4",
            "file_name": "numpy-2.4-py3-none-any.whl",
            "sha256": "a",
            "depends": ["lib_x"],
        },
        "numpy-tests": {
            "name": "numpy-tests",
            "version": "2.4",
            "file_name": "numpy-tests.zip",
            "sha256": "b",
            "depends": [],
        },
        "lib_x": {"name": "lib_x", "version": "1", "file_name": "lib_x-1.zip", "sha256": "c", "depends": []},
    }
    core = open_core(make_core(tmp_path / "core", packages))
    assert (core.version, core.python, core.abi, core.lib) == (
        "314.0.7",
        "3.14.2",
        "2026_0",
        "/lib/python3.14",
    )
    assert sorted(core.packages) == ["lib-x", "numpy"]
    assert core.packages["numpy"].depends == ("lib-x",)
    assert core.packages["lib-x"].shared_library
    assert core.package_base_url.endswith("/v314.0.7/full/")
    assert [path.name for path in core.runtime_files()] == list(RUNTIME_FILES)


def test_missing_files_are_named(tmp_path):
    directory = make_core(tmp_path / "core")
    (directory / "pyodide.asm.wasm").unlink()
    (directory / "python_stdlib.zip").unlink()
    with pytest.raises(
        BuildError, match=r"is not a whole Pyodide: pyodide\.asm\.wasm, python_stdlib\.zip missing"
    ):
        open_core(directory)


@pytest.mark.parametrize(
    "lock", [b"{}", b"not json", b'{"info": {}, "packages": {}}', b'{"info": 1, "packages": 2}']
)
def test_a_lock_that_cannot_be_read_is_named(tmp_path, lock):
    directory = make_core(tmp_path / "core")
    (directory / "pyodide-lock.json").write_bytes(lock)
    with pytest.raises(BuildError, match=r"pyodide-lock\.json cannot be read"):
        open_core(directory)


def test_a_pyodide_without_a_version_is_refused(tmp_path):
    with pytest.raises(BuildError, match="does not tell its version"):
        open_core(make_core(tmp_path / "core", pyodide__mjs=b"nothing"))


def test_the_digest_names_what_a_kernel_fetches(tmp_path):
    one = open_core(make_core(tmp_path / "one"))
    same = open_core(make_core(tmp_path / "same"))
    other = open_core(make_core(tmp_path / "other", version="314.0.8"))
    assert one.digest == same.digest != other.digest
    assert len(one.digest) == 16


def test_node_finds_what_pyodide_imports_beside_a_directory_of_the_authors(options, report, core):
    found = find_core(options, report)
    assert found.directory != core
    script = "await import('ws'); console.log('found')"
    command = [node_command(), "--input-type=module", "-e", script]
    done = subprocess.run(command, cwd=found.directory, capture_output=True, text=True, check=False)
    assert done.stdout == "found\n", done.stderr


def test_the_wheels_in_a_directory_of_the_authors_are_found_there(options, report, core):
    assert find_core(options, report).wheels is None
    make_wheel(core, "numpy")
    assert find_core(options, report).wheels == core


def pack(directory, target, folder):
    if target.suffix == ".zip":
        with zipfile.ZipFile(target, "w") as archive:
            for path in directory.iterdir():
                archive.write(path, f"{folder}{path.name}")
    else:
        with tarfile.open(target, "w:bz2") as archive:
            for path in directory.iterdir():
                archive.add(path, f"{folder}{path.name}")
    return target


@pytest.mark.parametrize("folder", ["", "pyodide/", "a/pyodide/"])
@pytest.mark.parametrize("suffix", [".tar.bz2", ".zip"])
def test_an_archive_is_unpacked_whatever_folder_it_has(  # noqa: PLR0917
    options, report, core, tmp_path, folder, suffix
):
    archive = pack(core, tmp_path / f"pyodide{suffix}", folder)
    found = find_core(replace(options, pyodide=str(archive)), report)
    assert found.digest == open_core(core).digest


def test_an_archive_cannot_write_outside_of_its_folder(options, report, core, tmp_path):
    target = tmp_path / "pyodide.tar"
    with tarfile.open(target, "w") as archive:
        for path in core.iterdir():
            archive.add(path, f"pyodide/{path.name}")
        for name in ("../../evil", str(tmp_path / "evil")):
            member = tarfile.TarInfo(name)
            member.size = 1
            archive.addfile(member, io.BytesIO(b"x"))
        link = tarfile.TarInfo("pyodide/evil")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    find_core(replace(options, pyodide=str(target)), report)
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04"])
def test_an_archive_that_cannot_be_unpacked_is_named(options, report, tmp_path, content):
    (tmp_path / "pyodide.tar.bz2").write_bytes(content)
    with pytest.raises(BuildError, match=r"pyodide\.tar\.bz2 cannot be unpacked"):
        find_core(replace(options, pyodide=str(tmp_path / "pyodide.tar.bz2")), report)


def test_an_archive_of_something_else_is_named(options, report, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "readme").write_text("")
    archive = pack(tmp_path / "a", tmp_path / "other.zip", "")
    with pytest.raises(BuildError, match=r"other\.zip holds no pyodide\.mjs"):
        find_core(replace(options, pyodide=str(archive)), report)


def test_a_url_is_fetched_once(options, report, server, core, tmp_path):
    for path in core.iterdir():
        server.extra[f"/static/pyodide/{path.name}"] = path.read_bytes()
    options = replace(options, pyodide=f"{server.url}/static/pyodide/")
    found = find_core(options, report)
    assert found.package_base_url == f"{server.url}/static/pyodide/"
    assert found.digest == open_core(core).digest
    server.requests.clear()
    assert find_core(options, report) == found
    assert server.requests == []


def test_an_archive_at_a_url_is_fetched_once(options, report, server, core, tmp_path):
    archive = pack(core, tmp_path / "pyodide-core.tar.bz2", "pyodide/")
    server.extra["/pyodide-core.tar.bz2"] = archive.read_bytes()
    options = replace(options, pyodide=f"{server.url}/pyodide-core.tar.bz2")
    find_core(options, report)
    assert find_core(options, report).digest == open_core(core).digest
    assert server.requests == ["/pyodide-core.tar.bz2"]


def test_a_url_without_pyodide_is_named(options, report, server):
    with pytest.raises(BuildError, match=r"/nothing/pyodide\.mjs answered 404"):
        find_core(replace(options, pyodide=f"{server.url}/nothing/"), report)


def test_something_that_is_nowhere_is_told_with_what_was_expected(options, report):
    with pytest.raises(BuildError, match=r"pyodide is 'static/pyodid', expected a version such as"):
        find_core(replace(options, pyodide="static/pyodid"), report)


@pytest.fixture
def npm(monkeypatch, tmp_path):
    """Keep npm away from its caches and registries."""
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    return monkeypatch


def test_a_registry_that_is_out_of_reach_is_told_with_a_way_out(options, report, npm):
    npm.setenv("npm_config_registry", "http://127.0.0.1:9/")
    with pytest.raises(
        BuildError, match=r"npm's client could not fetch Pyodide .*name a directory or archive"
    ):
        find_core(replace(options, pyodide=None), report)
    assert not list((options.cache / "core").glob("*"))


def registry(server, core, version):
    """Serve the three packages as a registry of npm does."""
    names = {"pyodide": core, "ws": None, "@types/emscripten": None}
    lock = json.loads(
        (
            __import__("pathlib").Path(find_core.__code__.co_filename).parent
            / "core_npm"
            / "package-lock.json"
        ).read_text()
    )
    for name, directory in names.items():
        wanted = lock["packages"][f"node_modules/{name}"]["version"] if name != "pyodide" else version
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w:gz") as archive:
            manifest = json.dumps({"name": name, "version": wanted, "dependencies": {}}).encode()
            member = tarfile.TarInfo("package/package.json")
            member.size = len(manifest)
            archive.addfile(member, io.BytesIO(manifest))
            for path in directory.iterdir() if directory else []:
                archive.add(path, f"package/{path.name}")
        short = name.rpartition("/")[2]
        tarball = f"/{name}/-/{short}-{wanted}.tgz"
        server.extra[tarball] = data.getvalue()
        entry = {"name": name, "version": wanted, "dist": {"tarball": f"{server.url}{tarball}"}}
        page = json.dumps(
            {"name": name, "dist-tags": {"latest": wanted}, "versions": {wanted: entry}}
        ).encode()
        server.extra[f"/{name}"] = server.extra[f"/{name.replace('/', '%2f')}"] = page


def test_other_bytes_than_the_pinned_ones_are_refused(options, report, npm, server, core):
    registry(server, core, PYODIDE_VERSION)
    npm.setenv("npm_config_registry", f"{server.url}/")
    with pytest.raises(BuildError, match=r"npm's registry gave other bytes for Pyodide"):
        find_core(replace(options, pyodide=None), report)
    assert not list((options.cache / "core").glob("*"))


def test_another_version_comes_from_the_registry_once(options, report, npm, server, core):
    shutil.rmtree(core / "nothing", ignore_errors=True)
    make_core(core, version="314.0.6")
    registry(server, core, "314.0.6")
    npm.setenv("npm_config_registry", f"{server.url}/")
    options = replace(options, pyodide="314.0.6")
    found = find_core(options, report)
    assert found.version == "314.0.6"
    assert {path.name for path in found.directory.iterdir()} >= set(CORE_FILES)
    server.requests.clear()
    assert find_core(options, report) == found
    assert server.requests == []
