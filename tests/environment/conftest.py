from __future__ import annotations

import hashlib
import io
import json
import zipfile

import pytest
from packageserver import PackageServer, running

from jupyter_frozenfs.environment import BuildOptions, environment_from_mapping
from jupyter_frozenfs.environment.core import CORE_FILES


class Notes:
    """A report that can be asked what was said."""

    def __init__(self):
        self.steps = []
        self.texts = []
        self.done = []

    def step(self, name):
        self.steps.append(name)

    def progress(self, done, total, what=""):
        self.done.append((done, total, what))

    def log(self, text):
        self.texts.append(text)

    @property
    def text(self):
        return "\n".join(self.texts)


@pytest.fixture
def report():
    return Notes()


@pytest.fixture
def server(tmp_path):
    """Give an index that has, in small, what every kernel needs."""
    directory = tmp_path / "index"
    directory.mkdir()
    with running(PackageServer(directory)) as found:
        for name in ("ipython", "jedi", "micropip", "comm"):
            found.add(name)
        yield found


def stdlib(files=None):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path, content in (files or {"os.py": "name = 'posix'\n", "json/__init__.py": ""}).items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 2, 3, 4, 5, 6)), content)
    return data.getvalue()


def lock_of(*wheels, depends=None):
    packages = {}
    for wheel in wheels:
        name, version = wheel.name.split("-")[:2]
        key = name.replace("_", "-")
        packages[key] = {
            "name": key,
            "version": version,
            "file_name": wheel.name,
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "depends": (depends or {}).get(key, []),
        }
    return packages


def make_core(directory, packages=None, version="314.0.7", **files):
    """Write what a directory with Pyodide has, as far as Python reads it."""
    directory.mkdir(parents=True, exist_ok=True)
    info = {"abi_version": "2026_0", "arch": "wasm32", "platform": "emscripten_5_0_3", "python": "3.14.2"}
    contents = {
        "pyodide.mjs": f'var U="{version}";'.encode(),
        "pyodide.asm.mjs": b"// glue",
        "pyodide.asm.wasm": b"\0asm",
        "pyodide-lock.json": json.dumps({"info": info, "packages": packages or {}}).encode(),
        "python_stdlib.zip": stdlib(),
    }
    contents.update({name.replace("__", "."): value for name, value in files.items()})
    assert set(CORE_FILES) <= set(contents)
    for name, content in contents.items():
        (directory / name).write_bytes(content)
    return directory


@pytest.fixture
def core(tmp_path):
    return make_core(tmp_path / "core")


@pytest.fixture
def options(tmp_path, server, core):
    """Give options that reach nothing but the loopback interface."""
    return BuildOptions(
        cache=tmp_path / "cache",
        pyodide=str(core),
        index_url=server.simple,
        timeout=1,
        source_date_epoch=None,
    )


@pytest.fixture
def declare(tmp_path):
    """Give a function that declares an environment in a project folder."""
    directory = tmp_path / "project"
    directory.mkdir()

    def make(*requirements, **more):
        return environment_from_mapping(
            {"name": "course", "requirements": list(requirements), **more}, directory
        )

    make.directory = directory
    return make
