from __future__ import annotations

import pytest

from jupyter_frozenfs.environment import options_from_mapping
from jupyter_frozenfs.environment.options import BuildOptions
from jupyter_frozenfs.errors import BuildError


def test_paths_are_relative_to_the_declaration(tmp_path):
    (tmp_path / "static").mkdir()
    options = options_from_mapping({"wheelhouse": ["a", "b"], "pyodide": "static"}, tmp_path)
    assert options.wheelhouse == (tmp_path / "a", tmp_path / "b")
    assert options.pyodide == str(tmp_path / "static")


def test_a_version_of_pyodide_is_no_path(tmp_path):
    assert options_from_mapping({"pyodide": "314.0.7"}, tmp_path).pyodide == "314.0.7"


def test_zero_means_that_images_are_not_split(tmp_path):
    assert options_from_mapping({"part_size": 0}, tmp_path).part_size is None


def test_what_a_command_says_wins_over_the_table(tmp_path):
    table = {"keep": 5, "index": "https://a/", "snapshot_level": 3}
    options = options_from_mapping(table, tmp_path, keep=2, index_url=None)
    assert (options.keep, options.index_url, options.snapshot_level) == (2, "https://a/", 3)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"wheelhose": "a"}, "Did you mean 'wheelhouse'"),
        ({"wheelhouse": [1]}, "expected a path or a list of paths"),
        ({"keep": 0}, "expected a whole number, at least 1"),
        ({"keep": True}, "expected a whole number"),
        ({"part_size": -1}, "expected a whole number, at least 0"),
        ({"pyodide": 314}, "expected text"),
        ({"index": ""}, "expected text"),
        ({"snapshot_level": 0}, "expected a whole number, 1 to 19"),
        ({"snapshot_level": 20}, "expected a whole number, 1 to 19"),
    ],
)
def test_a_wrong_option_is_told_with_what_was_expected(tmp_path, table, message):
    with pytest.raises(BuildError, match=message):
        options_from_mapping(table, tmp_path)


def test_source_date_epoch_is_taken_from_the_environment(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert BuildOptions().source_date_epoch == 1767225600
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert BuildOptions().source_date_epoch is None


def test_a_source_date_epoch_that_is_no_number_is_refused(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    with pytest.raises(BuildError, match="SOURCE_DATE_EPOCH is 'today', expected whole seconds"):
        BuildOptions()
