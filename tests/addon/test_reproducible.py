"""The same input gives the same site, wherever it is built."""

from __future__ import annotations

import shutil

import pytest
from litesite import with_snapshot

pytestmark = pytest.mark.build


def test_a_site_that_is_built_in_another_folder_has_the_same_bytes(site, new_site):
    shutil.copyfile(site.directory / "frozen-tiny.lock", new_site.directory / "frozen-tiny.lock")
    # from the folder above, by a relative path
    done = new_site.built("--lite-dir", new_site.directory.name, cwd=new_site.directory.parent)
    assert "freeze:tiny" in done.ran
    one, two = site.contents(), new_site.contents()
    assert sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []


def test_a_snapshot_that_is_taken_in_another_folder_has_the_same_bytes(awake, new_site):
    shutil.copyfile(awake.directory / "frozen-tiny.lock", new_site.directory / "frozen-tiny.lock")
    with_snapshot(new_site)
    assert "freeze:tiny" in new_site.built().ran
    one, two = awake.manifest_path().parent, new_site.manifest_path().parent
    for name in ("snapshot.img", "linked.wasm"):
        assert (two / name).read_bytes() == (one / name).read_bytes(), name
    assert two.name == one.name, "all else is the same too"
