from __future__ import annotations

import pytest

from jupyter_frozenfs.image import compile_globs


@pytest.mark.parametrize(
    ("pattern", "selected", "left"),
    [
        ("tests", ["/tests", "/a/tests", "/a/tests/b/c"], ["/atests", "/tests2", "/a/testsuite"]),
        (
            "numpy/tests",
            ["/numpy/tests", "/lib/numpy/tests/x"],
            ["/tests", "/mynumpy/tests", "/numpy/a/tests"],
        ),
        ("/docs", ["/docs", "/docs/a"], ["/a/docs", "/docs2"]),
        ("docs/", ["/docs", "/a/docs/b"], ["/docs2"]),
        ("*.py[co]", ["/a.pyc", "/b/a.pyo"], ["/a.py", "/a.pyx"]),
        ("[!a-c]x", ["/dx", "/a/zx"], ["/ax", "/bx", "/x"]),
        ("?", ["/a", "/b/c"], ["/ab"]),
        ("/a/*/c", ["/a/b/c"], ["/a/c", "/a/b/b/c"]),
        ("/a/**/c", ["/a/c", "/a/b/c", "/a/b/b/c"], ["/ac", "/b/a/c"]),
        ("/a/**", ["/a/b", "/a/b/c"], ["/a", "/ab"]),
        ("a.b", ["/a.b"], ["/axb"]),
        ("[", ["/["], ["/a"]),
        ("[^]", ["/^"], ["/a"]),
        ("new\nline", ["/new\nline"], ["/new"]),
        ("*", ["/a\nb"], []),
    ],
)
def test_a_glob_selects(pattern, selected, left):
    expression = compile_globs([pattern])
    assert [path for path in selected if not expression.match(path)] == []
    assert [path for path in left if expression.match(path)] == []


def test_any_of_several_globs_selects_and_none_of_none():
    assert compile_globs(["a", "b"]).match("/b")
    assert not compile_globs([]).match("/")
