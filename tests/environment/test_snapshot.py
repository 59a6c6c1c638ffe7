from __future__ import annotations

import pytest

from jupyter_frozenfs.environment.freeze import copy_ranges
from jupyter_frozenfs.environment.snapshot import first_ranges


@pytest.mark.parametrize(
    ("read", "ranges"),
    [
        ([], []),
        ([(50, 10), (20, 10)], [(20, 10), (50, 10)]),
        ([(20, 10), (30, 10)], [(20, 20)]),
        ([(20, 10), (20, 10), (25, 10)], [(20, 15)]),
        ([(0, 20), (85, 30)], [(10, 10), (85, 5)]),
        ([(0, 5), (90, 20)], []),
        ([(20, 10), (30, 30), (60, 1)], [(20, 10)]),
        ([(20, 20), (25, 10), (50, 5)], [(20, 20), (50, 5)]),
    ],
    ids=[
        "nothing",
        "in the order of the file",
        "neighbours are one",
        "nothing twice",
        "only what the copy lacks",
        "what it has already",
        "no more than fits",
        "what is known costs nothing",
    ],
)
def test_of_what_is_read_first_a_part_is_copied(read, ranges):
    assert first_ranges(read, start=10, end=90, most=35, gap=0) == ranges


def test_what_lies_between_two_ranges_comes_along_where_it_is_little():
    assert first_ranges([(60, 5), (20, 10), (34, 2), (80, 5)], start=0, end=90, most=50, gap=4) == [
        (20, 16),
        (60, 5),
        (80, 5),
    ]


def test_ranges_are_copied_one_after_the_other(tmp_path):
    (tmp_path / "a").write_bytes(bytes(range(100)))
    copy_ranges(tmp_path / "a", tmp_path / "b", [(90, 10), (0, 2), (50, 1)])
    assert (tmp_path / "b").read_bytes() == bytes([*range(90, 100), 0, 1, 50])
