from __future__ import annotations

import pytest

from jupyter_frozenfs.environment.exclude import Exclusion

SITE = "/lib/python3.14/site-packages"


@pytest.fixture
def excluded(declare):
    def check(path, *patterns):
        return Exclusion.of(declare(exclude=list(patterns))).package_file(path)

    return check


@pytest.mark.parametrize(
    "path",
    [
        f"{SITE}/numpy/tests/test_core.py",
        f"{SITE}/numpy/core/tests/data/a.csv",
        f"{SITE}/numpy/__init__.pyi",
        f"{SITE}/numpy/py.typed",
        f"{SITE}/numpy/conftest.py",
        f"{SITE}/numpy/core/include/numpy/arrayobject.h",
        f"{SITE}/numpy/lib/libnpymath.a",
        f"{SITE}/numpy/__pycache__/a.cpython-314.pyc",
        f"{SITE}/widgets/labextension/static/a.js",
        f"{SITE}/bokeh/bokeh.js.map",
        "/share/jupyter/labextensions/a/package.json",
        "/share/man/man1/a.1",
        "/etc/jupyter/jupyter_server_config.d/a.json",
    ],
)
def test_what_no_kernel_needs_is_left_out(excluded, path):
    assert excluded(path)


@pytest.mark.parametrize(
    "path",
    [
        f"{SITE}/numpy/testing/__init__.py",
        f"{SITE}/pandas/_testing/asserters.py",
        f"{SITE}/matplotlib/testing/__init__.py",
        f"{SITE}/numpy/__init__.py",
        f"{SITE}/numpy/core/_multiarray.cpython-314-wasm32-emscripten.so",
        f"{SITE}/numpy-2.4.3.dist-info/RECORD",
        f"{SITE}/bokeh/bokeh.js",
        f"{SITE}/jedi/third_party/typeshed/stdlib/3/os.pyi",
        f"{SITE}/mytests/a.py",
        "/share/fonts/a.ttf",
    ],
)
def test_what_a_kernel_may_read_stays(excluded, path):
    assert not excluded(path)


def test_an_authors_pattern_is_added_to_the_defaults(excluded):
    assert excluded(f"{SITE}/mine/videos/a.mp4", "videos")
    assert excluded(f"{SITE}/numpy/tests/a.py", "videos")
    assert excluded(f"{SITE}/mine/a.mp4", f"{SITE}/mine/*.mp4")
    assert not excluded(f"{SITE}/mine/b/a.mp4", f"{SITE}/mine/*.mp4")


def test_a_default_can_be_taken_away(excluded):
    assert not excluded(f"{SITE}/numpy/tests/a.py", "!tests")
    assert excluded(f"{SITE}/numpy/conftest.py", "!tests")


def test_defaults_for_packages_do_not_touch_the_authors_files(declare):
    exclusion = Exclusion.of(declare(exclude=["*.tmp"]))
    assert not exclusion.own_file("/home/pyodide/tests/a.py")
    assert not exclusion.own_file("/home/pyodide/a.c")
    assert exclusion.own_file("/home/pyodide/.ipynb_checkpoints/a.ipynb")
    assert exclusion.own_file("/home/pyodide/a.tmp")
