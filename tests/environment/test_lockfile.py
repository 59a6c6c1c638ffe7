from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_frozenfs.environment.lockfile import Package, Resolution, read_lock, write_lock
from jupyter_frozenfs.errors import BuildError

NUMPY = Package(
    name="numpy",
    version="2.4.3",
    file="numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl",
    sha256="0" * 64,
    source="wheelhouse",
    url="https://example.org/numpy.whl",
    asked_by=("pandas", "the environment"),
)
MINE = Package("mine", "1.0", "mine-1.0-py3-none-any.whl", "1" * 64, "path", path="wheels/mine.whl")
BOTH = Resolution("course", "314.0.7", "ab" * 32, (MINE, NUMPY))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "frozen-course.lock"


def test_what_is_written_is_read_again(path):
    write_lock(path, BOTH)
    assert read_lock(path, "course") == BOTH


def test_packages_are_sorted_whatever_their_order(path, tmp_path):
    write_lock(path, BOTH)
    other = tmp_path / "other.lock"
    write_lock(other, replace(BOTH, packages=(NUMPY, MINE)))
    assert other.read_bytes() == path.read_bytes()


def test_a_quote_or_a_letter_of_any_alphabet_in_a_requirement_survives(path):
    odd = replace(MINE, asked_by=('requirements "neu".txt, line 3\\', "données"))
    write_lock(path, replace(BOTH, packages=(odd,)))
    assert read_lock(path, "course").packages == (odd,)


def test_a_lock_that_would_not_change_is_not_written(path):
    write_lock(path, BOTH)
    before = path.stat()
    write_lock(path, BOTH)
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino


def test_no_lock_is_no_error(path):
    assert read_lock(path, "course") is None


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("version = 1\n", "version = 2\n", "expected version 1, found 2"),
        ("inputs =", "input =", "KeyError: 'inputs'"),
        ('"wheelhouse"', '"elsewhere"', "unknown source 'elsewhere'"),
        ("0" * 64, "0" * 63, "no proper sha256"),
        ('file = "mine', 'file = "../mine', "no proper sha256 or file name"),
        ('name = "mine"\n', "", "has name ''"),
        ("[[package]]", "[[package", "not TOML"),
    ],
)
def test_a_damaged_lock_says_what_is_wrong_and_what_to_do(path, old, new, problem):
    write_lock(path, BOTH)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(BuildError, match=rf"frozen-course\.lock cannot be used: .*{problem}.*delete it"):
        read_lock(path, "course")
