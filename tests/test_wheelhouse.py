"""The script that fills a wheelhouse."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "wheelhouse.py"

CONTENT = b"a wheel"


@pytest.fixture(scope="module")
def wheelhouse():
    specification = importlib.util.spec_from_file_location("wheelhouse", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    sys.modules["wheelhouse"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["wheelhouse"]


class Shelf:
    """An origin that has one file."""

    label = "a shelf"

    def read(self, _wheel):
        return CONTENT


@pytest.fixture
def wheel(wheelhouse):
    return wheelhouse.Wheel("one-1.0-py3-none-any.whl", hashlib.sha256(CONTENT).hexdigest())


def test_a_wheel_with_the_digest_of_the_lock_is_placed_and_not_fetched_again(wheelhouse, wheel, tmp_path):
    assert not wheel.matches(tmp_path / wheel.name)
    assert wheelhouse._place(Shelf(), wheel, tmp_path) == len(CONTENT)
    assert wheel.matches(tmp_path / wheel.name)


def test_a_wheel_with_other_bytes_is_refused_and_leaves_nothing(wheelhouse, tmp_path):
    wheel = wheelhouse.Wheel("one-1.0-py3-none-any.whl", "0" * 64)
    with pytest.raises(wheelhouse.WheelhouseError, match=r"one-1\.0.* from a shelf is not used: its SHA-256"):
        wheelhouse._place(Shelf(), wheel, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_wheel_in_the_folder_is_replaced(wheelhouse, wheel, tmp_path):
    (tmp_path / wheel.name).write_bytes(b"half")
    assert not wheel.matches(tmp_path / wheel.name)
    wheelhouse._place(Shelf(), wheel, tmp_path)
    assert wheel.matches(tmp_path / wheel.name)


def test_what_packages_depend_on_comes_along_however_its_name_is_written(wheelhouse):
    lock = {
        "top": {"depends": ["Py_Mid"], "file_name": "top.whl", "sha256": "1"},
        "py-mid": {"depends": ["low"], "file_name": "mid.whl", "sha256": "2"},
        "low": {"depends": ["top"], "file_name": "low.whl", "sha256": "3"},
        "other": {"depends": [], "file_name": "other.whl", "sha256": "4"},
    }
    assert {wheel.name for wheel in wheelhouse._closure(lock, ["Top"])} == {"top.whl", "mid.whl", "low.whl"}


def test_a_package_that_the_distribution_lacks_is_named(wheelhouse):
    with pytest.raises(wheelhouse.WheelhouseError, match="numppy is not in Pyodide"):
        list(wheelhouse._closure({}, ["numppy"]))
